"""A pool of worker processes, one for each core, for work of many small steps of NumPy.

Threads would not run in parallel: Python starts one such step at a time.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from multiprocessing import resource_tracker

CORES = min(os.cpu_count() or 1, 16)
IDLE_SECONDS = 60  # after which the processes end
_lock = threading.Lock()  # so that two threads do not make two pools


def spread(function: Callable, *arguments: Sequence) -> list:
    """Return the list of `map(function, *arguments)`, computed by the workers; a single call is made here."""
    if len(arguments[0]) == 1:
        return list(map(function, *arguments))
    from loky import BrokenProcessPool

    try:
        return list(pool().map(function, *arguments))
    except BrokenProcessPool:  # a worker was killed, often for lack of memory: this process alone needs less
        return list(map(function, *arguments))
    except KeyboardInterrupt:
        stop()
        raise


def stop() -> None:
    """End the workers at once, whatever they do."""
    _pool().shutdown(wait=False, kill_workers=True)


def pool():
    """Return the pool of this process with its workers started, a new one after it broke; idle workers end.

    Not `concurrent.futures`: its processes would import the whole page or the trainer again.
    """
    with _lock, _ctrl_c_blocked():
        try:
            _pool().submit(_begin)
        except RuntimeError:  # it broke or was shut down
            _pool.cache_clear()
            _pool().submit(_begin)
        return _pool()


@cache
def _pool():
    """Return the same pool to every thread, which `loky.get_reusable_executor` would not."""
    import loky  # here, because it is seldom needed

    return loky.ProcessPoolExecutor(CORES, timeout=IDLE_SECONDS)


@contextmanager
def _ctrl_c_blocked() -> Iterator[None]:
    """Delay Ctrl-C in this thread, and block it in the processes that are started meanwhile: the parent ends them."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    resource_tracker.ensure_running()  # starting it would unblock Ctrl-C
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def prepare(module: str) -> None:
    """Have the workers import a module, meanwhile."""
    for _ in range(CORES):
        pool().submit(_import, module)


def _import(module: str) -> None:
    import_module(module)


def _begin() -> None:
    """Do nothing: any work starts all workers."""
