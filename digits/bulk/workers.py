"""Workers: what answers chunks of pictures side by side; here the processes of this machine.

`digits.bulk.cluster` has those of several machines.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from digits.bulk import answers
from digits.bulk.sources import Item
from digits.models import loading
from digits.models.loading import LoadedModel
from digits.system import process_pool


class WorkerEndedError(Exception):
    """The worker that had a chunk was ended, maybe by one of its pictures."""


class Workers(Protocol):
    """What answers chunks, several at a time."""

    def num_cores(self) -> int:
        """Return how many chunks are answered at a time, at least 1."""
        ...

    def prepare(self, item: Item, /) -> Item:
        """Return a picture as the workers can read it."""
        ...

    def submit(self, chunk: Sequence[Item], /) -> Callable[[], pa.Table]:
        """Have a chunk answered; return what waits for its rows, which raises WorkerEndedError or UserError."""
        ...


@contextmanager
def open_processes(model: Path, of_sheets: bool) -> Iterator[Workers]:
    """Yield the process pool of this machine; Ctrl-C ends its work. Raises UserError for a file that is no model."""
    loading.load(model)  # converted once, and not by every worker
    try:
        yield Processes(model, of_sheets)
    except KeyboardInterrupt:
        process_pool.stop()
        raise


class Processes:
    """The process pool of this machine."""

    def __init__(self, model: Path, of_sheets: bool):
        self._answer = partial(_answer_all, model, of_sheets)

    def num_cores(self) -> int:
        """Return the number of processes."""
        return process_pool.CORES

    def prepare(self, item: Item) -> Item:
        """Return a picture as it is: each process reads its files."""
        return item

    def submit(self, chunk: Sequence[Item]) -> Callable[[], pa.Table]:
        """Have a chunk answered."""
        return partial(_result, process_pool.pool().submit(self._answer, chunk))


def _result(future: Future) -> pa.Table:
    from loky import BrokenProcessPool

    try:
        return future.result()
    except BrokenProcessPool as error:
        raise WorkerEndedError from error


def _answer_all(model: Path, of_sheets: bool, chunk: Sequence[Item]) -> pa.Table:
    return answers.answer_all(_load(model), of_sheets, chunk)


@lru_cache(maxsize=1)
def _load(model: Path) -> LoadedModel:
    return loading.load(model)
