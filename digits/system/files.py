"""Files that a user could lose: checked before the work, written whole or not at all."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class UserError(Exception):
    """What the user can mend: one sentence on what was found, what is expected and what to do."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; it takes the place of `path` only if the block succeeds.

    An interrupted or failed block leaves the old file whole and nothing beside it. The block creates the draft,
    which keeps the suffix: Keras goes by it. A link stays a link: what it points to is replaced.
    """
    path = Path(os.path.realpath(path))
    draft = path.with_name(f".draft-{os.urandom(4).hex()}{path.suffix}")
    try:
        yield draft
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def check_writable(path: Path, what: str) -> None:
    """Raise UserError unless a file could be written at `path`; `what` names it in the sentence."""
    path = Path(path)
    folder = path.parent
    try:
        if not folder.is_dir():
            raise UserError(f"The folder {folder} for the {what} does not exist; create it or name another place.")
        if path.is_dir():
            raise UserError(f"{path} is a folder; name a file for the {what}.")
        with tempfile.TemporaryFile(dir=folder):
            pass
        if path.exists():
            path.open("ab").close()
    except OSError as error:
        raise UserError(
            f"The {what} cannot be written to {path} ({error.strerror}); name a place that you may write to."
        ) from error


def sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
