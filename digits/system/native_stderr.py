"""Standard error of native code: silence for libraries that write to it from C++."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.RLock()  # two threads at once could leave the descriptor redirected


@contextmanager
def native_stderr_silenced() -> Iterator[None]:
    """Discard what is written to file descriptor 2; exceptions pass through."""
    with _lock, _descriptor_swapped():
        yield


@contextmanager
def _descriptor_swapped() -> Iterator[None]:
    try:
        saved = os.dup(2)
    except OSError:  # it is closed
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
