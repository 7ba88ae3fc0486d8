"""Child processes: how a parent starts and follows one, and how a child learns that its parent has gone.

The parent keeps the child's standard input open and writes nothing to it. When the parent ends, however
it ends, the system closes the pipe, and the child, blocked in a read, ends too.
"""

import os
import signal
import threading
from collections.abc import Callable


def end_with_parent(end: Callable[[], None]) -> None:
    """In a child: call `end` from a thread of its own when standard input closes."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        end()

    threading.Thread(target=wait, daemon=True).start()


def interrupt() -> None:
    """In a child: do what Ctrl-C does."""
    os.kill(os.getpid(), signal.SIGINT)
