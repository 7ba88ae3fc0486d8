"""Keras files read as data: the configuration of an .h5 or .keras file, without Keras and within limits.

A configuration is the JSON from which Keras rebuilds a model. HDF5 links and data sets that lead to other files are
refused, and so is what would fill the memory or take long to read.
"""

import io
import json
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from digits.system.files import UserError, shorten

HDF5_START = b"\x89HDF\r\n\x1a\n"
ZIP_START = b"PK"
ARCHIVE_MEMBERS = {"config.json", "metadata.json", "model.weights.h5"}
LARGEST_CONTENT = 2**29  # bytes, unpacked; a digit recogniser needs a thousandth
MOST_EXPANSION = 20  # times its own size that a file may unpack to; weights hardly compress ...
SMALL_CONTENT = 2**24  # ... and so many bytes harm nobody
LARGEST_CONFIG = 2**22  # bytes of JSON; a hundred layers need a fiftieth
LARGEST_OVERHEAD = 2**27  # bytes of an HDF5 file outside data sets: long texts, and the gaps that deleted parts leave
SMALLEST_WEIGHT = 2  # bytes: half precision
SPARE_WEIGHTS = 2**20  # that a model may have beside those in its file
MOST_ITEMS = 20_000  # groups and data sets of an HDF5 file
READING_SECONDS = 3  # of the processor, after which a file is given up


class Contents(NamedTuple):
    """What a Keras file holds: the configuration, how many weights its arrays may be, and their axes.

    axes: for each length, how many arrays have an axis of it.
    """

    config: object
    num_values: int
    axes: Counter[int]

    @property
    def most_weights(self) -> int:
        """How many weights a model may ask for: twice as many as it holds, since Keras builds some layers twice."""
        return 2 * self.num_values + SPARE_WEIGHTS


def read_start(path: Path) -> bytes:
    """Return the first eight bytes of a file, which identify HDF5 and zip files; raises OSError."""
    with path.open("rb") as file:
        return file.read(len(HDF5_START))


def is_archive(path: Path) -> bool:
    """Tell whether the file begins like a .keras file, which is a zip archive; raises OSError."""
    return read_start(path).startswith(ZIP_START)


def read(path: Path) -> Contents:
    """Return what a Keras file holds; raises UserError for one without an architecture, or beyond the limits."""
    try:
        with _processor_seconds(READING_SECONDS, path):
            return (_read_archive if is_archive(path) else _read_hdf5)(path)
    except UserError:
        raise
    except Exception as error:  # zipfile, h5py and json raise many types for damaged files
        raise UserError(f"The model {path} is damaged or cut off; fetch or train it again.") from error


def write_config(path: Path, config: object) -> None:
    """Replace the configuration of a Keras file; raises OSError."""
    import zipfile

    import h5py

    text = json.dumps(config)
    if not is_archive(path):
        with h5py.File(path, "r+") as file:
            file.attrs["model_config"] = text
        return
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**members, "config.json": text}.items():
            archive.writestr(name, content)


@contextmanager
def _processor_seconds(seconds: float, path: Path) -> Iterator[None]:
    """Raise UserError where the block takes longer; no limit in a thread or where the system has no such clock."""

    def give_up(*_: object) -> None:
        raise UserError(f"The model {path} takes more than {seconds} s to look through; it is refused for safety.")

    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _read_archive(path: Path) -> Contents:
    import zipfile  # here, like h5py: the window needs the first bytes alone

    import h5py

    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if any(Path(name).name == "saved_model.pb" for name in names):
            raise UserError(f"{path} holds a TensorFlow SavedModel; save it where it was made as model.h5 instead.")
        if "config.json" not in names:
            raise UserError(f"{path} is not a Keras model: the archive holds no config.json.")
        if len(names) > len(set(names)):  # of which Keras would read another one than is looked at here
            raise UserError(f"The model {path} holds two files of one name; it is refused for safety.")
        if unexpected := sorted(set(names) - ARCHIVE_MEMBERS):
            raise UserError(
                f"The model {path} brings files of its own ({shorten(unexpected[0])}); it is refused for safety."
            )
        _check_config_size(archive.getinfo("config.json").file_size, path)
        _check_size(sum(member.file_size for member in archive.infolist()), path)
        config = json.loads(archive.read("config.json"))
        with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as weights:
            arrays = _check_hdf5(weights, path)
    config.pop("compile_config", None)  # not read: models are loaded to answer, not to train
    return Contents(config, *arrays)


def _read_hdf5(path: Path) -> Contents:
    import h5py

    with h5py.File(path) as file:
        arrays = _check_hdf5(file, path)
        if "model_config" not in file.attrs:
            raise UserError(f"{path} holds weights without an architecture; save the whole model with model.save().")
        config = file.attrs["model_config"]
    if not isinstance(config, str | bytes):
        raise TypeError("the configuration is no text")
    _check_config_size(len(config), path)
    return Contents(json.loads(config), *arrays)


def _check_hdf5(file, path: Path) -> tuple[int, Counter[int]]:
    """Return how many weights an HDF5 file may hold, and the axes of its arrays.

    Raises UserError if it leads elsewhere or is beyond the limits.
    """
    import h5py

    links: list[tuple] = []
    items: list[tuple] = []

    def collect(found: list[tuple], *one: object) -> bool | None:  # checked afterwards: h5py garbles exceptions in here
        found.append(one)
        return len(found) > MOST_ITEMS or None

    if file.visititems_links(lambda *link: collect(links, *link)) or file.visititems(
        lambda *item: collect(items, *item)
    ):
        raise UserError(f"The model {path} has more than {MOST_ITEMS:,} parts; it is refused for safety.")
    datasets = [(name, item) for name, item in items if isinstance(item, h5py.Dataset)]
    elsewhere = [name for name, link in links if not isinstance(link, h5py.HardLink)]
    elsewhere += [name for name, dataset in datasets if dataset.external or dataset.is_virtual]
    if elsewhere:
        raise UserError(
            f"The model {path} refers to data elsewhere ({shorten(elsewhere[0])}); it is refused for safety."
        )
    _check_size(sum(dataset.nbytes for _, dataset in datasets), path)
    overhead = file.id.get_filesize() - sum(item.id.get_storage_size() for _, item in datasets)
    _check_config_size(max(0, overhead - LARGEST_OVERHEAD + LARGEST_CONFIG), path)
    num_values = sum(dataset.nbytes // max(dataset.dtype.itemsize, SMALLEST_WEIGHT) for _, dataset in datasets)
    return num_values, Counter(length for _, dataset in datasets for length in set(dataset.shape or ()))


def _check_size(size: int, path: Path) -> None:
    if size > LARGEST_CONTENT:
        raise UserError(
            f"The model {path} unpacks to {size / 2**30:.1f} GiB; at most {LARGEST_CONTENT / 2**30} GiB is accepted."
        )
    if size > SMALL_CONTENT + MOST_EXPANSION * path.stat().st_size:
        raise UserError(f"The model {path} unpacks to far more than its own size; it is refused for safety.")


def _check_config_size(size: int, path: Path) -> None:
    if size > LARGEST_CONFIG:
        raise UserError(
            f"The model {path} has a configuration beyond {LARGEST_CONFIG >> 20} MB; it is refused for safety."
        )
