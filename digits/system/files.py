"""Files of the user: checked before the work begins, and written completely or not at all. And words from files."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digits.system.leftovers import TemporaryFolder

DRAFT_PREFIX = ".draft-"  # of the folder beside a file in which its next version is written
LONGEST_WORD = 80  # characters of a name that a file brings, where it is repeated
# Where a spreadsheet would begin a formula: in a cell, or after what may part cells for it.
FORMULA = re.compile(r"(?:\A|(?<=[;\t\r\n]))(?=\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


class UserError(Exception):
    """A problem that the user can solve: one sentence on what was found, what is expected and what to do.

    It is one line of printable characters, whatever the names in it hold.
    """

    def __init__(self, sentence: str):
        super().__init__(on_one_line(sentence))


def shorten(word: object, longest: int = LONGEST_WORD) -> str:
    """Return a word that comes from a file as it can be repeated in a sentence: one line, printable, not too long."""
    printable = on_one_line(str(word)).strip()
    if len(printable) > longest:
        return f"{printable[: longest // 2]}\N{HORIZONTAL ELLIPSIS}{printable[1 - longest + longest // 2 :]}"
    return printable or "without a name"


def as_cell(value: object) -> object:
    """Return what stands for a value in a table: an apostrophe defuses a text that a spreadsheet would compute."""
    if not isinstance(value, str) or NUMBER.fullmatch(value):
        return value
    return FORMULA.sub("'", value)


def on_one_line(text: str) -> str:
    """Return a text that neither begins another line nor steers a terminal: what cannot be printed becomes a space."""
    return "".join(character if character.isprintable() else " " for character in text)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path to write to; that file replaces `path` if the block succeeds.

    If the block fails or is interrupted, the old file stays and nothing is left beside it; what a killed program has
    left there is removed. The block creates the draft, whose name is that of `path`: Keras needs its suffix. A link
    stays: the file that it points to is replaced.
    """
    path = Path(os.path.realpath(path))
    with TemporaryFolder(DRAFT_PREFIX, path.parent) as folder:
        yield folder / path.name
        os.replace(folder / path.name, path)


def check_writable(path: Path, description: str) -> None:
    """Raise UserError unless a file can be written at `path`; the description is its name in the sentence."""
    path = Path(path)
    folder = path.parent
    try:
        if not folder.is_dir():
            raise UserError(
                f"The folder {folder} for the {description} does not exist; create it or name another place."
            )
        if path.is_dir():
            raise UserError(f"{path} is a folder; name a file for the {description}.")
        with tempfile.TemporaryFile(dir=folder):
            pass
        if path.exists():
            path.open("ab").close()
    except OSError as error:
        raise UserError(
            f"The {description} cannot be written to {path} ({error.strerror}); name a place that you may write to."
        ) from error


def sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
