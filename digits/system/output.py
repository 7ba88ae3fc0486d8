"""Standard output and standard error, which may be closed, full or read by nobody."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from digits.system.files import UserError, on_one_line

NOBODY_READS = 128 + 13  # the exit code of a program that SIGPIPE has ended

_lock = threading.RLock()  # two threads at once could leave the descriptor redirected


def print_result(text: str) -> None:
    """Print a line at once; raises UserError where it cannot be written, such as on a full disk.

    Where nobody reads any more, as after `| head`, the program ends as other programs do: quietly, with exit code 141.
    """
    try:
        print(text, flush=True)
    except OSError as error:
        # What is left in the buffer must not fail once more when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise SystemExit(NOBODY_READS) from error
        found = f"The results cannot be written to standard output ({error.strerror})"
        raise UserError(f"{found}; make room or send them to another place.") from error


def print_error(program: str, sentence: str) -> None:
    """Write one sentence to standard error, under the program's name; nothing where it is closed or full."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(on_one_line(f"{program}: {sentence}"), file=sys.stderr)


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
