"""How the page does: its server's start and memory, two hundred pictures at once, and twenty visitors at once.

    python -m benchmarks.page.server [--parts server images visitors] [--visitors 20] [--seconds 120] [--data mnist.npz]

Each part starts a server of its own, `streamlit run app.py`, without a screen and with an empty data folder.
    server    until its health check says that it is up, and until a browser that waits for it has painted the pad. Then
              a browser draws, keeps, uploads a sheet and opens every tab: the memory of the server's process after
              it, and the most there was. Its memory maps must name no library of TensorFlow or of Pygame (SDL).
    images    a browser is given 200 photos of one digit (`benchmarks/images/image_files.py`) at once, several times,
              each time in a new session. The time runs, on the browser's clock, from the moment that it has the files
              until the number of digits that are in them is on the page. Then the same while another tab of the browser
              draws on the pad, a digit every second or so. Memory is that of the server and of the processes that read
              for it, counted in full although they share some of it.
    visitors  each draws a digit on the pad, stroke by stroke, looks at the answer, draws three more and uploads a photo
              of a sheet, again and again. They speak Streamlit's protocol (`benchmarks/page/visitors.py`) and are
              no browsers, twenty of which would keep the computer that the server runs on busy. An answer is a
              visitor's own when it tells the box around the strokes of that drawing, or the name of that file. Memory
              is looked at every second; it has grown by the last quarter of the time over the second quarter.
Seconds of an answer run from the last stroke, or from the choice of the file, until the answer has arrived.
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from benchmarks.images import image_files, sheet_files
from benchmarks.page.pad import chromium, missing
from benchmarks.page.visitors import Visitor, drawing, percentile
from benchmarks.support import pen_strokes, served, template_digits
from benchmarks.support.harness import peak_megabytes, positive, report
from benchmarks.support.measures import at_most
from benchmarks.support.served import Page
from digits.models import loading
from digits.recognition.classifier import Classifier
from digits.sheets.reading import read
from digits.system.files import UserError

READY, FIRST_MEGABYTES = 3.0, 300.0  # the goals of the server: seconds, units of 1,000,000 bytes
PICTURES, SECONDS_FOR_PICTURES = 200, 3.0  # uploaded at once, and the goal
UPLOADS = 5  # of them
GLANCE = (0.5, 1.0)  # seconds at an answer meanwhile
SECONDS_MEANWHILE = 1.5  # the goal for an answer of the pad in another tab, p95
SECONDS_AMONG_MANY = 1.5  # the goal for an answer among many visitors, p95
GROWTH = 20.0  # the goal for memory that is "flat": units of 1,000,000 bytes, between quarters
FORBIDDEN = ("tensorflow", "libSDL", "pygame")  # in the names of what the server has mapped
DRAWINGS = 4  # between two uploads of a visitor
BETWEEN_STROKES, LOOKING = 0.25, (1.0, 3.0)  # seconds
DIGITS_ON_SHEET = 12
TABS = ("Images", "History", "Train", "Model", "Look inside", "Draw")
WATCH = """
([input, words]) => {
  window.took = null;
  document.querySelector(input).addEventListener("change", () => {
    const began = performance.now();
    const watch = new MutationObserver(() => {
      if (![...document.querySelectorAll("h3")].some(heading => heading.textContent === words)) return;
      watch.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => { window.took = performance.now() - began; }));
    });
    watch.observe(document.body, {childList: true, characterData: true, subtree: true});
  }, {capture: true});
}
"""
INPUT = '[data-testid="stFileUploaderDropzoneInput"]'


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="page", description="Measure the page's server and its answers.")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=[*PARTS], help="(default: all)")
    parser.add_argument("--visitors", type=positive, default=20, help="at once (default: %(default)s)")
    parser.add_argument("--seconds", type=positive, default=120, help="that they stay (default: %(default)s)")
    parser.add_argument("--pictures", type=positive, default=PICTURES, help="uploaded at once (default: %(default)s)")
    parser.add_argument("--data", type=Path, metavar="FILE.npz", help="MNIST (default: digits drawn from templates)")
    arguments = parser.parse_args(argv)
    return report("page", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures of the parts; raises UserError without a browser."""
    if reason := missing():
        raise UserError(f"The page is measured with a real browser, which is {reason}; see .ci/run.")
    return {part: PARTS[part](arguments) for part in arguments.parts}


def measure_server(arguments: argparse.Namespace) -> dict:
    """Return how long a start takes and what the server needs once every tab was used."""
    with TemporaryDirectory() as folder, chromium() as browser:
        data = arguments.data or template_digits.write_dataset(Path(folder, "drawn.npz"))
        tab = browser.new_page()
        with served.running_page(served.own_environment(Path(folder), data)) as page:
            ready = time.monotonic() - page.started
            tab.goto(page.address)
            tab.locator(".pad canvas").wait_for(timeout=served.PATIENCE * 1000)
            painted = time.monotonic() - page.started
            megabytes = resident_megabytes(page.process.pid)
            use(tab)
            pid = page.process.pid
            return {
                "ready_s": at_most(ready, READY),
                "pad_painted_s": round(painted, 2),
                "megabytes_when_open": round(megabytes, 1),
                "megabytes_when_used": at_most(resident_megabytes(pid), FIRST_MEGABYTES),
                "megabytes_at_most": round(peak_megabytes(pid), 1),
                "forbidden_libraries": at_most(len(forbidden(pid)), 0),
            }


def use(tab) -> None:
    """Use everything once: draw, keep, upload a sheet and open every tab."""
    served.wait_until_settled(tab)
    served.draw_on_pad(tab, [(stroke + 3) / 22 for stroke in template_digits.strokes(5)])
    tab.get_by_role("button", name="Keep").click()
    tab.get_by_text("Kept").wait_for()
    for name in TABS:
        served.open_tab(tab, name)
        if name == "Images":
            sheet = {"name": "sheet.jpg", "mimeType": "image/jpeg", "buffer": sheet_of_digits(0)}
            tab.locator(INPUT).set_input_files(sheet)
            tab.get_by_text("sheet.jpg:").wait_for(timeout=served.PATIENCE * 1000)


def measure_images(arguments: argparse.Namespace) -> dict:
    """Return how long many pictures take, and the pad's answers meanwhile."""
    with TemporaryDirectory() as folder, chromium() as browser:
        files, num_digits = write_pictures(Path(folder, "pictures"), arguments.pictures)
        with served.running_page(served.own_environment(Path(folder))) as page:
            alone = [upload(browser, page, files, num_digits) for _ in range(UPLOADS)]
            other, rng, meanwhile = open_page(browser, page, "Draw"), np.random.default_rng(0), []
            draw = partial(answer_at_leisure, other, rng, meanwhile)
            beside = [upload(browser, page, files, num_digits, draw) for _ in range(UPLOADS)]
            return {
                "pictures": len(files),
                "uploads": 2 * UPLOADS,
                "first_seconds": round(alone[0], 2),
                "median_seconds": at_most(median(alone), SECONDS_FOR_PICTURES),
                "median_seconds_beside_the_pad": round(median(beside), 2),
                "answers_of_the_pad": len(meanwhile),
                "p95_of_the_pad_s": at_most(float(np.percentile(meanwhile, 95)), SECONDS_MEANWHILE),
                "megabytes_at_most": round(sum(map(peak_megabytes, with_children(page.process.pid))), 1),
            }


def upload(browser, page: Page, files: Sequence[Path], num_digits: int, meanwhile: Callable | None = None) -> float:
    """Upload files as a new visitor, and return the seconds until the page says how many digits are in them."""
    tab = open_page(browser, page, "Images")
    tab.evaluate(WATCH, [INPUT, f"{num_digits:,} digits" if num_digits > 1 else "One digit"])
    tab.locator(INPUT).set_input_files(files)
    while meanwhile and tab.evaluate("window.took") is None:
        meanwhile()
    took = tab.wait_for_function("window.took", timeout=served.PATIENCE * 1000).json_value()
    tab.close()
    return took / 1000


def open_page(browser, page: Page, name: str):
    """Return one of the page's tabs as a new visitor gets it."""
    tab = browser.new_page()
    tab.goto(f"{page.address}?tab={name}")
    served.wait_until_settled(tab, name)
    return tab


def answer_at_leisure(tab, rng: np.random.Generator, seconds: list[float]) -> None:
    """Draw a one on the pad, the mouse and all, and note how long that and its answer took; look at it, clear it."""
    began = time.monotonic()
    served.draw_on_pad(tab, [np.array([[0.5, 0.2], [0.5, 0.8]])])
    seconds.append(time.monotonic() - began)
    tab.wait_for_timeout(1000 * rng.uniform(*GLANCE))
    tab.locator(".pad .clear").click()


def write_pictures(folder: Path, count: int) -> tuple[list[Path], int]:
    """Write photos of one digit each, and return their paths and how many digits are found on them."""
    folder.mkdir()
    rng, classifier = np.random.default_rng(0), loading.load()
    paths, num_digits = [], 0
    for index, digit in enumerate(pen_strokes.made_up(count).digits):
        content = image_files.KINDS["photo"].encode(digit, rng)
        paths.append(folder / f"{index:03}.jpg")
        paths[-1].write_bytes(content)
        num_digits += num_digits_on(content, classifier)
    return paths, num_digits


def num_digits_on(content: bytes, classifier: Classifier) -> int:
    """Return how many digits the page finds on a picture."""
    try:
        return len(read(content, "photo.jpg", classifier).digits)
    except UserError:
        return 0


class Experience(NamedTuple):
    """What visitors went through: seconds of each answer, and sentences on what went wrong."""

    drawings: list[float]
    uploads: list[float]
    wrong: list[str]


def measure_visitors(arguments: argparse.Namespace) -> dict:
    """Return how visitors at once are answered, and what becomes of the server's memory."""
    with TemporaryDirectory() as folder, served.running_page(served.own_environment(Path(folder))) as page:
        experience, memory = asyncio.run(have_visitors(page, arguments.visitors, arguments.seconds))
    quarter = max(1, len(memory) // 4)
    growth = median(memory[-quarter:]) - median(memory[quarter : 2 * quarter] or memory)
    return {
        "visitors": arguments.visitors,
        "seconds": arguments.seconds,
        "drawings": len(experience.drawings),
        "uploads": len(experience.uploads),
        "wrong": at_most(len(experience.wrong), 0),
        "what_was_wrong": sorted(set(experience.wrong))[:5],
        "drawing_p50_s": percentile(experience.drawings, 50),
        "drawing_p95_s": at_most(percentile(experience.drawings, 95), SECONDS_AMONG_MANY),
        "upload_p50_s": percentile(experience.uploads, 50),
        "upload_p95_s": at_most(percentile(experience.uploads, 95), SECONDS_AMONG_MANY),
        "megabytes_grown": at_most(growth, GROWTH),
        "megabytes_at_most": round(max(memory), 1),
    }


async def have_visitors(page: Page, num_visitors: int, seconds: float) -> tuple[Experience, list[float]]:
    """Have visitors come one after the other and stay; return what they went through, and the memory every second."""
    experience, memory = Experience([], [], []), []
    sheet, end = sheet_of_digits(1), time.monotonic() + seconds
    visits = [stay(page.address, index, end, sheet, experience) for index in range(num_visitors)]
    watching = asyncio.create_task(watch(page.process.pid, memory))
    await asyncio.gather(*visits)
    watching.cancel()
    return experience, memory


async def stay(address: str, index: int, end: float, sheet: bytes, experience: Experience) -> None:
    """Draw and upload until the time is over."""
    rng = np.random.default_rng(index)
    await asyncio.sleep(rng.uniform(*LOOKING))
    uploads = 0
    try:
        async with Visitor(address, f"visitor {index}") as visitor:
            while time.monotonic() < end:
                for _ in range(DRAWINGS):
                    experience.drawings.append(await visitor.draw(drawing(rng), BETWEEN_STROKES))
                    await asyncio.sleep(rng.uniform(*LOOKING))
                await visitor.open_tab("Images")
                await asyncio.sleep(rng.uniform(*LOOKING))
                uploads += 1
                experience.uploads.append(await visitor.upload(f"visitor {index} {uploads}.jpg", sheet))
                await asyncio.sleep(rng.uniform(*LOOKING))
                await visitor.open_tab("Draw")
            foreign = [caption for caption in visitor.captions if not caption.startswith(f"{visitor.name} ")]
            experience.wrong.extend(f"{visitor.name} saw {caption}" for caption in foreign)
    except (ValueError, OSError, TimeoutError) as error:
        experience.wrong.append(f"visitor {index}: {type(error).__name__} {error}")


async def watch(pid: int, memory: list[float]) -> None:
    """Note a process's memory every second."""
    while True:
        memory.append(resident_megabytes(pid))
        await asyncio.sleep(1.0)


def sheet_of_digits(seed: int) -> bytes:
    """Return a photo of a sheet of squared paper."""
    digits = pen_strokes.made_up(DIGITS_ON_SHEET).digits
    return sheet_files.photograph(digits, sheet_files.Style(), np.random.default_rng(seed)).content


def resident_megabytes(pid: int) -> float:
    """Return the memory that a process has resident now, in units of 1,000,000 bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024 / 1e6


def with_children(pid: int) -> list[int]:
    """Return the numbers of a process and of all that it, and they, have started."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    children = [int(number) for thread in threads for number in (thread / "children").read_text().split()]
    return [pid, *(number for child in children for number in with_children(child))]


def forbidden(pid: int) -> list[str]:
    """Return what a process has mapped and must not have."""
    mapped = {line.split()[-1] for line in Path(f"/proc/{pid}/maps").read_text().splitlines()}
    return sorted(path for path in mapped if any(name.lower() in path.lower() for name in FORBIDDEN))


PARTS: dict[str, Callable[[argparse.Namespace], dict]] = {
    "server": measure_server,
    "images": measure_images,
    "visitors": measure_visitors,
}


if __name__ == "__main__":
    raise SystemExit(main())
