"""Export: a drawing as SVG or PNG, in files or on the clipboard. It does not depend on a window.

A drawing is its strokes, arrays or lists (n, 2) in cells of the canvas, 28 high and `columns` wide. `widths`, one per
stroke in cells, are those of the pens; without them all strokes have the canvas's usual pen.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np

from digits.drawing.canvas import CELLS, PEN_WIDTH
from digits.drawing.ink import StrokeLike
from digits.system import design_tokens, paths
from digits.system.files import UserError, check_writable, replacing
from digits.system.leftovers import TemporaryFolder

SIDE = 1120  # pixels of a PNG, 40 a cell
SPACING = 0.05  # cells; points nearer than this to the one before are left out
CLIPBOARD_SECONDS = 5  # that a clipboard program may take; PowerShell needs one to start
SHADES = (
    np.linspace(design_tokens.LIGHT.paper, design_tokens.LIGHT.ink, 256).round().astype(np.uint8)
)  # colours (256, 3) of 0 to 255 ink

# Programs that copy a PNG from standard input, each with the variable that tells its kind of session. xsel can copy
# text only.
UNIX_CLIPBOARDS = (
    ("WAYLAND_DISPLAY", ("wl-copy", "--type", "image/png")),
    ("DISPLAY", ("xclip", "-selection", "clipboard", "-target", "image/png", "-in")),
)
APPLESCRIPT = "on run argv\nset the clipboard to (read (POSIX file (item 1 of argv)) as «class PNGf»)\nend run"
POWERSHELL = (  # `$true` keeps the picture after PowerShell ends
    "$ErrorActionPreference = 'Stop'; Add-Type -AssemblyName System.Windows.Forms, System.Drawing;"
    "$image = [System.Drawing.Image]::FromFile($env:DIGIT_PNG);"
    "$data = New-Object System.Windows.Forms.DataObject; $data.SetImage($image);"
    "[System.Windows.Forms.Clipboard]::SetDataObject($data, $true); $image.Dispose()"
)


def svg(
    strokes: Sequence[StrokeLike], size: int = SIDE, widths: Sequence[float] | None = None, columns: int = CELLS
) -> str:
    """Return the drawing as an SVG document of that many pixels in height: dark ink on white, 28 units high."""
    ink, paper = (f"#{bytes(color).hex()}" for color in (design_tokens.LIGHT.ink, design_tokens.LIGHT.paper))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size * columns // CELLS}" height="{size}"'
        f' viewBox="0 0 {columns} {CELLS}">\n'
        f'<rect width="{columns}" height="{CELLS}" fill="{paper}"/>\n'
        f'<g fill="none" stroke="{ink}" stroke-linecap="round" stroke-linejoin="round">\n'
        f"{svg_paths(strokes, widths)}\n</g>\n</svg>\n"
    )


def svg_paths(strokes: Sequence[StrokeLike], widths: Sequence[float] | None = None) -> str:
    """Return an SVG path for each stroke, for an element that sets the colour and round caps and joins."""
    return "\n".join(
        f'<path d="M{" ".join(f"{x:.7g},{y:.7g}" for x, y in _line(stroke).round(2))}" stroke-width="{width:g}"/>'
        for stroke, width in _pens(strokes, widths)
    )


def png(
    strokes: Sequence[StrokeLike], side: int = SIDE, widths: Sequence[float] | None = None, columns: int = CELLS
) -> bytes:
    """Return the drawing as an anti-aliased PNG, `side` pixels in height and for 28 columns in width: dark on white."""
    from PIL import Image  # late: the window opens without it

    shades = np.round(_ink(strokes, side, widths, columns) * 255).astype(np.uint8)
    picture = Image.fromarray(shades)
    picture.putpalette(SHADES.tobytes())
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def save(
    folder: Path | None,
    strokes: Sequence[StrokeLike],
    clock: Callable[[], float] = time.time,
    widths: Sequence[float] | None = None,
    columns: int = CELLS,
) -> list[Path]:
    """Write the drawing into a folder (None: `default_folder()`) as PNG and as SVG; return the two paths.

    They are named by the local time, such as digit-2026-11-21-153012.png, and never replace a file. Raises UserError
    if they cannot be written; then neither is left.
    """
    folder = default_folder() if folder is None else Path(folder)
    contents = {
        ".png": png(strokes, widths=widths, columns=columns),
        ".svg": svg(strokes, widths=widths, columns=columns).encode(),
    }
    check_writable(folder / "digit.png", "drawing")
    taken: list[Path] = []
    try:
        taken += _take_names(folder, time.strftime("digit-%Y-%m-%d-%H%M%S", time.localtime(clock())), list(contents))
        for path, content in zip(taken, contents.values(), strict=True):
            with replacing(path) as draft:
                draft.write_bytes(content)
    except BaseException as error:
        for path in taken:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            found = f"The drawing cannot be written to {folder} ({error.strerror})"
            raise UserError(f"{found}; name another folder or make room there.") from error
        raise
    return taken


def default_folder() -> Path:
    """Return the first of the user's pictures, the user's home and the working folder that can be written to."""
    candidates = (paths.user_pictures, paths.user_home, Path.cwd)
    for candidate in candidates:
        with suppress(OSError, UserError):
            check_writable((folder := candidate()) / "digit.png", "drawing")
            return folder
    raise UserError("A drawing can be written neither here nor to your own folders; start this where you may write.")


def copy(
    strokes: Sequence[StrokeLike],
    runner: Callable = subprocess.run,
    widths: Sequence[float] | None = None,
    columns: int = CELLS,
) -> bool:
    """Copy the drawing to the clipboard as PNG; return whether that was possible.

    runner: as `subprocess.run`. It may take a second: not to be called by the thread that draws the window.
    """
    with _clipboard(lambda: png(strokes, widths=widths, columns=columns)) as (command, options):
        if command is None:
            return False
        nowhere = subprocess.DEVNULL  # xclip stays in the background to serve the picture, and would keep a pipe open
        try:
            return runner(command, stdout=nowhere, stderr=nowhere, timeout=CLIPBOARD_SECONDS, **options).returncode == 0
        except (OSError, subprocess.SubprocessError):
            return False


@contextmanager
def _clipboard(content: Callable[[], bytes]):
    """Yield the command that copies a PNG, or None, and the options to run it with; its file exists meanwhile."""
    if sys.platform not in ("darwin", "win32"):
        for variable, command in UNIX_CLIPBOARDS:
            if os.environ.get(variable) and shutil.which(command[0]):
                yield command, {"input": content()}
                return
    elif program := shutil.which("osascript" if sys.platform == "darwin" else "powershell"):
        with TemporaryFolder("handwriting-") as folder:
            file = folder / "digit.png"
            file.write_bytes(content())
            if sys.platform == "darwin":
                yield (program, "-e", APPLESCRIPT, str(file)), {"stdin": subprocess.DEVNULL}
            else:
                command = (program, "-NoProfile", "-NonInteractive", "-STA", "-Command", POWERSHELL)
                yield command, {"stdin": subprocess.DEVNULL, "env": {**os.environ, "DIGIT_PNG": str(file)}}
        return
    yield None, {}


def _take_names(folder: Path, stem: str, suffixes: Sequence[str]) -> list[Path]:
    """Create empty files of one name, numbered if any of them exists, and return their paths."""
    number = 1
    while True:
        name = stem if number == 1 else f"{stem}-{number}"
        taken: list[Path] = []
        try:
            for suffix in suffixes:
                (path := folder / f"{name}{suffix}").touch(exist_ok=False)
                taken.append(path)
            return taken
        except OSError as error:
            for path in taken:
                path.unlink()
            if not isinstance(error, FileExistsError):
                raise
        number += 1


def _ink(strokes: Sequence[StrokeLike], side: int, widths: Sequence[float] | None, columns: int) -> np.ndarray:
    """Return ink float32 (height, width) in [0, 1], with a one-pixel ramp across the edge of each round pen."""
    picture = np.zeros((side, side * columns // CELLS), np.float32)
    scale = side / CELLS
    for stroke, width in _pens(strokes, widths):
        line, reach = _line(stroke) * scale, width * scale / 2 + 0.5
        for start, end in pairwise(line):
            _pull(picture, start, end, reach)
    return picture


def _pull(picture: np.ndarray, start: np.ndarray, end: np.ndarray, reach: float) -> None:
    """Add the ink of one segment, start and end (x, y) in pixels; `reach` is where the ink ends, from its middle."""
    edge = picture.shape[::-1]
    low = np.clip(np.floor(np.minimum(start, end) - reach), 0, edge).astype(int)
    high = np.clip(np.ceil(np.maximum(start, end) + reach), 0, edge).astype(int)
    x = np.arange(low[0], high[0], dtype=np.float32) + np.float32(0.5 - start[0])
    y = (np.arange(low[1], high[1], dtype=np.float32) + np.float32(0.5 - start[1]))[:, None]
    dx, dy = (end - start).astype(np.float32)
    along = np.clip((x * dx + y * dy) / max(dx * dx + dy * dy, np.float32(1e-12)), 0, 1)
    distance = np.sqrt((x - along * dx) ** 2 + (y - along * dy) ** 2)
    window = picture[low[1] : high[1], low[0] : high[0]]
    np.maximum(window, np.clip(reach - distance, 0, 1), out=window)


def _pens(strokes: Sequence[StrokeLike], widths: Sequence[float] | None):
    return zip(strokes, [PEN_WIDTH] * len(strokes) if widths is None else widths, strict=True)


def _line(stroke: StrokeLike) -> np.ndarray:
    """Return the stroke as float64 (n, 2) with n >= 2, without points that hardly differ."""
    points = np.asarray(stroke, np.float64).reshape(-1, 2)
    kept = [points[0]]
    for point in points[1:-1]:
        if np.abs(point - kept[-1]).max() >= SPACING:
            kept.append(point)
    return np.array([*kept, points[-1]])
