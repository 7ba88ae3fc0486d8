"""Sources: where pictures come from, always in the same order.

a folder                  its image files, and those of its folders, by name
.parquet                  the column `image`: bytes, or a struct with `bytes`, as Hugging Face's datasets have it
.tar                      the image files of an archive, as WebDataset has them
.npz, .npy                an array uint8 (n, 28, 28); of an .npz, `x_test`, or the only one of that shape
-ubyte, -ubyte.gz         the same as IDX, as MNIST is published
any other file            an image file
"""

import gzip
import os
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from digits.drawing import ink
from digits.images.decoding import read_bytes
from digits.sheets.reading import MAX_BYTES
from digits.system.files import UserError, shorten

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".ppm", ".pgm", ".pdf"}
ROWS = 256  # of a Parquet file that are held at once ...
BUFFER = 1 << 16  # bytes, ... and that are read of it at once
IDX_IMAGES = b"\x00\x00\x08\x03"  # bytes, three dimensions


class Item(NamedTuple):
    """A picture: what it is called, and where or what it is: a path, an image file's bytes, or uint8 (28, 28).

    Or why it cannot be read.
    """

    name: str
    content: Path | bytes | np.ndarray | UserError


def items(paths: Sequence[Path]) -> Iterator[Item]:
    """Yield the pictures of files and folders; raises UserError for what cannot be read as what its name says."""
    for path in paths:
        with _one_sentence(path):
            yield from (item._replace(name=_printable(item.name)) for item in _items_of(path))


def _printable(name: str) -> str:
    r"""Return a name on one line that any terminal and table takes: what is not printable becomes "\n" or "\udcff"."""
    if name.isprintable():
        return name
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in name)


def with_content(item: Item) -> Item:
    """Return a picture that can be read on another machine: with the content of its file, if it is one."""
    if not isinstance(item.content, Path):
        return item
    try:
        return item._replace(content=read_bytes(item.content, shorten(item.name), MAX_BYTES))
    except UserError as error:
        return item._replace(content=error)


def count(paths: Sequence[Path]) -> int | None:
    """Return how many pictures there are; None where only reading all of them would tell."""
    counts = []
    for path in paths:
        with _one_sentence(path):
            counts.append(_count(path))
    return None if None in counts else sum(filter(None, counts))


def _count(path: Path) -> int | None:
    if path.suffix == ".parquet":
        import pyarrow.parquet

        return pyarrow.parquet.read_metadata(path).num_rows
    if path.suffix == ".tar":
        return None
    if _is_array(path):
        return len(_array(path))
    return sum(1 for _ in _files(path)) if path.is_dir() else 1


@contextmanager
def _one_sentence(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a source is read into a UserError."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # NumPy, PyArrow, gzip, tarfile and zipfile raise many types for damaged files
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"{path} cannot be read ({reason[:200]}); expected {_expected(path)}.") from error


def _items_of(path: Path) -> Iterator[Item]:
    if path.is_dir():
        return (Item(file, Path(file)) for file in _files(path))
    if path.suffix == ".parquet":
        return _rows(path)
    if path.suffix == ".tar":
        return _members(path)
    if _is_array(path):
        return (Item(f"{path}[{index}]", picture) for index, picture in enumerate(_array(path)))
    return iter([Item(str(path), path)])


def _files(folder: Path) -> Iterator[str]:
    """Yield the image files in a folder and its folders by name; raises UserError for none."""
    file = None
    for file in _walk(str(folder)):
        yield file
    if file is None:
        raise UserError(f"There is no image file in {folder}; name another folder.")


def _walk(folder: str) -> Iterator[str]:
    with os.scandir(folder) as found:  # of which only names are kept: there may be a million
        names = [f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name for entry in found]
    for name in sorted(names, key=lambda name: name.removesuffix("/")):
        path = os.path.join(folder, name)
        if name.endswith("/"):
            yield from _walk(path[:-1])
        elif os.path.splitext(name)[1].lower() in SUFFIXES:
            yield path


def _rows(path: Path) -> Iterator[Item]:
    import pyarrow.parquet

    # Read as it goes: PyArrow would hold the whole column otherwise.
    file = pyarrow.parquet.ParquetFile(path, pre_buffer=False, buffer_size=BUFFER)
    if "image" not in file.schema_arrow.names:
        raise UserError(f"{path} has no column named image; it has: {', '.join(file.schema_arrow.names)[:200]}.")
    number = 0
    for batch in file.iter_batches(ROWS, columns=["image"]):
        for value in batch.column(0).to_pylist():
            content = value.get("bytes") if isinstance(value, dict) else value
            yield Item(f"{path}[{number}]", content if isinstance(content, bytes) else b"")
            number += 1


def _members(path: Path) -> Iterator[Item]:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and Path(member.name).suffix.lower() in SUFFIXES:
                file = archive.extractfile(member)
                yield Item(f"{path}/{member.name}", file.read() if file else b"")


def _is_array(path: Path) -> bool:
    return path.suffix in (".npz", ".npy") or path.name.removesuffix(".gz").endswith("-ubyte")


def _array(path: Path) -> np.ndarray:
    """Return the pictures uint8 (n, 28, 28) in a file; those of an .npy are not read before they are used."""
    if path.suffix == ".npz":
        with np.load(path) as file:
            arrays = [file[name] for name in (["x_test"] if "x_test" in file.files else file.files)]
        found = [array for array in arrays if _are_pictures(array)]
    else:
        found = [np.load(path, mmap_mode="r") if path.suffix == ".npy" else _idx(path)]
    if len(found) != 1 or not _are_pictures(found[0]):
        raise UserError(f"{path} is no array of pictures; expected one array, uint8 (n, 28, 28).")
    return found[0]


def _idx(path: Path) -> np.ndarray:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    sides = np.frombuffer(content, ">u4", 3, offset=4)
    if content[:4] != IDX_IMAGES:
        raise ValueError("it is no IDX file of pictures")
    return np.frombuffer(content, np.uint8, offset=16).reshape(*map(int, sides))


def _are_pictures(array: np.ndarray) -> bool:
    return array.dtype == np.uint8 and array.ndim == 3 and array.shape[1:] == (ink.SIZE, ink.SIZE)


def _expected(path: Path) -> str:
    return f"a whole {path.suffix} file" if path.suffix in (".parquet", ".tar", ".npz", ".npy") else "a file or folder"
