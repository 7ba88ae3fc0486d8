"""Ctrl-C: from whom it comes, and when it has to wait."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from digits.system import child_processes


def interrupt_with_parent() -> None:
    """In a child: do what Ctrl-C does when the parent closes standard input."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent in the background passes on "ignore"
    child_processes.end_with_parent(child_processes.interrupt)


@contextmanager
def ctrl_c_ignored() -> Iterator[None]:
    """Finish what must not be lost, even if Ctrl-C comes late or a second time."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
