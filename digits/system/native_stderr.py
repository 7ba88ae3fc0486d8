"""Silence for libraries that write to standard error from C++, below Python's reach."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.RLock()  # two threads that swap the descriptor at once would leave it swapped


@contextmanager
def native_stderr_silenced() -> Iterator[None]:
    """Send file descriptor 2 to nowhere; exceptions still rise, and are printed after."""
    with _lock, _descriptor_swapped():
        yield


@contextmanager
def _descriptor_swapped() -> Iterator[None]:
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
