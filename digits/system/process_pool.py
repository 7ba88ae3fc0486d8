"""Workers: processes of our own, one for each core, for work that is many small steps of NumPy.

Threads would not do it side by side: Python lets one thread at a time begin one of those steps.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from multiprocessing import resource_tracker

CORES = min(os.cpu_count() or 1, 16)
IDLE_SECONDS = 60  # after which the processes end
LOCK = threading.Lock()  # so that two threads do not make two pools


def spread(function: Callable, *arguments: Sequence) -> list:
    """Return what the function makes of each set of arguments, as `map` does; a single one is worked on here."""
    if len(arguments[0]) == 1:
        return list(map(function, *arguments))
    from loky import BrokenProcessPool

    try:
        return list(pool().map(function, *arguments))
    except BrokenProcessPool:  # one was ended, often for lack of memory: alone this process needs less
        return list(map(function, *arguments))
    except KeyboardInterrupt:
        _pool().shutdown(wait=False, kill_workers=True)
        raise


def pool():
    """Return the one pool of this process, at work, a new one after it broke; its workers end when they are idle.

    Not `concurrent.futures`: its processes would begin by importing the whole page or the trainer again.
    """
    with LOCK, _ctrl_c_kept_back():
        try:
            _pool().submit(_begin)
        except RuntimeError:  # it broke or was shut down
            _pool.cache_clear()
            _pool().submit(_begin)
        return _pool()


@cache
def _pool():
    """Return the same pool to every thread, which `loky.get_reusable_executor` would not: a visit has many threads."""
    import loky  # late, it is seldom needed

    return loky.ProcessPoolExecutor(CORES, timeout=IDLE_SECONDS)


@contextmanager
def _ctrl_c_kept_back() -> Iterator[None]:
    """Have Ctrl-C wait in this thread, and leave it to the parent in the processes that are started meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    resource_tracker.ensure_running()  # if it were started meanwhile, it would let Ctrl-C through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """Do nothing: work of any kind starts all workers."""
