"""What hostile uploads do to the page: each is answered or refused in one sentence, soon, in little memory.

    python -m benchmarks.page.hostile_uploads [--model M.h5]

`benchmarks/images/hostile_files.py` makes the files, in a child process so that making them takes no memory here. Each
goes through `digits.sheets.reading.read` and, if it is answered, through `annotate`, all in this process. Figures:
    seconds       the longest of all files
    memory_mb     the most memory that this process ever had, all that Python brings included
    refusals      share of the refusals that are a UserError of one sentence
    afterwards    whether a harmless picture was answered rightly after every file
`files` tells of each: what is wrong with it, "answered" with what was read, or the sentence, and the seconds, on the
clock and of the processor.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.images import hostile_files
from benchmarks.images.image_files import encoded
from benchmarks.support.harness import ROOT, peak_megabytes, report
from benchmarks.support.measures import at_least, at_most
from digits.models import loading
from digits.recognition.classifier import Classifier
from digits.sheets.annotation import annotate
from digits.sheets.reading import read
from digits.system.files import UserError

SECONDS, MEGABYTES = 2.0, 600.0  # the goals
MAKING_SECONDS = 300
SHOWN = 40  # characters of what was read


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="hostile_uploads", description="Feed hostile files to the reader of images.")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    parser.add_argument("--make", type=Path, metavar="FOLDER", help="make the files in a folder, and nothing else")
    arguments = parser.parse_args(argv)
    if arguments.make:
        make(arguments.make)
        return 0
    return report("hostile_uploads", lambda: measure(arguments.model))


def make(folder: Path) -> None:
    """Write every file into a folder, by its number."""
    for number, file in enumerate(hostile_files.FILES.values()):
        (folder / str(number)).write_bytes(file.make())


def measure(model: Path) -> dict:
    """Return the figures."""
    classifier = loading.load(model)
    harmless = encoded(hostile_files.seven(), "PNG")
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.page.hostile_uploads", "--make", folder]
        subprocess.run(command, cwd=ROOT, check=True, timeout=MAKING_SECONDS)
        files, afterwards = {}, []
        for number, (name, file) in enumerate(hostile_files.FILES.items()):
            content = Path(folder, str(number)).read_bytes()
            files[name[:SHOWN]] = {"wrong": file.wrong, **feed(content, name, classifier)}
            afterwards.append(read(harmless, "seven.png", classifier).text == "7")
    refusals = [entry for entry in files.values() if "answered" not in entry]
    return {
        "number_of_files": len(files),
        "seconds": at_most(max(entry["seconds"] for entry in files.values()), SECONDS),
        "memory_mb": at_most(peak_megabytes(os.getpid()), MEGABYTES),
        "refusals": at_least(sum("refused" in entry for entry in refusals) / len(refusals), 1.0),
        "afterwards": at_least(sum(afterwards) / len(afterwards), 1.0),
        "files": files,
    }


def feed(content: bytes, name: str, classifier: Classifier) -> dict:
    """Return what became of an upload: "answered", "refused" in one sentence, or "raised", and the seconds."""
    began, worked = time.perf_counter(), time.process_time()
    try:
        sheet = read(content, name, classifier)
        annotate(sheet)
        outcome = {"answered": sheet.text[:SHOWN], "digits": len(sheet.digits)}
    except UserError as error:
        outcome = {"refused" if is_one_sentence(str(error), name) else "raised": str(error)}
    except Exception as error:  # which the page would show as a trace
        outcome = {"raised": repr(error)}
    seconds, processor_seconds = time.perf_counter() - began, time.process_time() - worked
    return {**outcome, "seconds": round(seconds, 3), "processor_seconds": round(processor_seconds, 3)}


def is_one_sentence(text: str, name: str) -> bool:
    """Tell whether a text is one sentence on one line, of bearable length, whatever the name in it."""
    rest = text.replace(name, "it")
    return text.endswith(".") and "\n" not in text and len(text) < 300 and ". " not in rest.replace("**bold**.png", "")


if __name__ == "__main__":
    raise SystemExit(main())
