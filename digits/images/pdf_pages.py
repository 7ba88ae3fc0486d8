"""PDF pages: a child process that renders the pages of a PDF file, so that a malicious one costs seconds and no server.

    python -m digits.images.pdf_pages FILE FOLDER [--parent-pipe]

Writes FOLDER/1.png, 2.png ... of the first MAX_PAGES pages, each READ_SIDE pixels along its longest side or less.
Exit code 0, or 2 with one sentence as the last line of standard error. With --parent-pipe the process ends when its
standard input closes.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from digits.images.decoding import READ_SIDE, DecodedImage, decode
from digits.system import child_processes
from digits.system.files import UserError
from digits.system.leftovers import TemporaryFolder
from digits.system.paths import ROOT

START = b"%PDF-"
MAX_PAGES = 20
POINTS_PER_PIXEL = 72 / 200  # a page of paper at 200 pixels an inch ...
MAX_MEMORY = 1_500_000_000  # bytes of address space for a file that may be malicious
SECONDS = 20  # for all pages


def is_pdf(source: Path | bytes) -> bool:
    """Tell whether a file, given by its path or its content, begins as a PDF does."""
    if isinstance(source, bytes):
        return source.startswith(START)
    try:
        with source.open("rb") as file:
            return source.is_file() and file.read(len(START)) == START
    except OSError:  # whoever reads it as an image will say so
        return False


def render(source: Path | bytes, name: str) -> Iterator[DecodedImage]:
    """Yield the first MAX_PAGES pages of a PDF, given by its path or its content.

    Raises UserError, which calls the file by `name`.
    """
    try:
        temporary = TemporaryFolder("handwriting-pdf-")
        file = source if isinstance(source, Path) else temporary.path / "file.pdf"
        if isinstance(source, bytes):
            file.write_bytes(source)
    except OSError as error:
        found = f"The PDF {name} cannot be kept among the temporary files ({error.strerror})"
        raise UserError(f"{found}; make room and try again.") from error
    with temporary as folder:
        _run(file, folder, name)
        for number in range(1, len(list(folder.glob("*.png"))) + 1):
            yield decode(folder / f"{number}.png", name)


def _run(file: Path, folder: Path, name: str) -> None:
    """Have a child render a file's pages into a folder; raises UserError."""
    command = [sys.executable, "-m", "digits.images.pdf_pages", str(file.resolve()), str(folder), "--parent-pipe"]
    try:
        child = child_processes.run(command, cwd=ROOT, timeout=SECONDS)
    except subprocess.TimeoutExpired as error:
        found = f"The PDF {name} takes more than {SECONDS} s to show"
        raise UserError(f"{found}; export the page with the digits as PNG.") from error
    if child.returncode:
        said = child.stderr.decode(errors="replace").strip().splitlines()
        reason = said[-1] if child.returncode == 2 and said else "it is damaged or too large to show"
        raise UserError(f"The PDF {name} cannot be read: {reason}; export the page with the digits as PNG.")


def main(argv: list[str] | None = None) -> int:
    """Render one file; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m digits.images.pdf_pages", description="Render a PDF's pages.")
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--parent-pipe", action="store_true", help="end when standard input closes")
    arguments = parser.parse_args(argv)
    if arguments.parent_pipe:
        child_processes.end_with_parent(lambda: os._exit(1))
    child_processes.limit(MAX_MEMORY, SECONDS)
    import pypdfium2  # late: for this process alone

    try:
        document = pypdfium2.PdfDocument(arguments.file)
        for number in range(min(len(document), MAX_PAGES)):
            page = document[number]
            scale = min((READ_SIDE - 1) / max(*page.get_size(), 1), 1 / POINTS_PER_PIXEL)
            page.render(scale=scale).to_pil().save(arguments.folder / f"{number + 1}.png", compress_level=1)
    except pypdfium2.PdfiumError as error:
        is_locked = "password" in str(error).lower()
        print("it asks for a password" if is_locked else "it is damaged or no PDF", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
