"""Child processes: how a parent starts and follows one, and how a child learns that its parent has gone.

The parent keeps the child's standard input open and writes nothing to it. When the parent ends, however
it ends, the system closes the pipe, and the child, blocked in a read, ends too.
"""

import os
import re
import signal
import subprocess
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

CLOSING_SECONDS = 3.0  # that a child may take to end by itself
TAIL_BYTES = 8192  # of standard error, in which its last lines are looked for
TAIL_LINES = 8  # of standard error, shown after an unexpected end

Starter = Callable[..., subprocess.Popen]


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


def limit(memory: int, seconds: int, most_seconds: int | None = None) -> None:
    """In a child that opens files of strangers: limit its address space, in bytes, and its processor time.

    Beyond the first it gets a MemoryError, beyond the second the system ends it. most_seconds: what a later call may
    raise the second to. Windows has no such limits.
    """
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, most_seconds or seconds))


def run(command: Sequence[str], cwd: Path, timeout: float) -> subprocess.CompletedProcess:
    """Run a child that ends with this process, wait for it and return its exit code and standard error.

    Not subprocess.run, which closes standard input at once. Raises TimeoutExpired after `timeout` seconds.
    """
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, cwd=cwd, stdin=pipe, stdout=nowhere, stderr=pipe) as child:
        killer = threading.Timer(timeout, child.kill)
        killer.start()
        assert child.stderr is not None  # it is a pipe
        stderr = child.stderr.read()
        code = child.wait()
        if not killer.is_alive():
            raise subprocess.TimeoutExpired(command, timeout)
        killer.cancel()
    return subprocess.CompletedProcess(command, code, stderr=stderr)


class Failure(NamedTuple):
    """Why a child failed: one sentence, and the last lines that it wrote if the sentence is not its own."""

    sentence: str
    details: str = ""


class Child:
    """At most one process at a time, which ends no later than this object; callable from any thread.

    title: what it is to the user, at the start of a sentence.
    stderr: the file that receives the standard error of the latest process.
    """

    def __init__(self, title: str, stderr: Path, starter: Starter = subprocess.Popen):
        self._title = title
        self._stderr = Path(stderr)
        self._starter = starter
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._closed: subprocess.Popen | None = None  # the process that was asked to end
        self._not_started: Failure | None = None

    def start(self, command: Sequence[str]) -> bool:
        """Start the command unless a process lives; tell whether it was started."""
        with self._lock:
            if self.alive:
                return False
            self._process, self._not_started = None, None
            try:
                with self._stderr.open("wb") as stderr:
                    process = self._starter(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=stderr)
            except OSError as error:
                self._not_started = Failure(f"{self._title} could not be started ({error.strerror}).")
                return False
            # An abandoned Popen keeps its pipe open for as long as the process lives, which is for as long as the pipe.
            if process.stdin is not None:
                weakref.finalize(self, process.stdin.close)
            self._process = process
            return True

    def close(self, patience: float = CLOSING_SECONDS) -> None:
        """End the process: by closing its standard input, and by force after `patience` seconds."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        self._closed = process
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def alive(self) -> bool:
        """Whether a process runs now."""
        process = self._process
        return process is not None and process.poll() is None

    @property
    def failure(self) -> Failure | None:
        """Why the latest process failed; None while it runs and where it ended as it should."""
        process = self._process
        if process is None:
            return self._not_started
        if not process.poll() or process is self._closed:
            return None
        return describe_failure(self._title, process.returncode, tail(self._stderr))


def describe_failure(title: str, code: int, stderr: Sequence[str]) -> Failure:
    """Return what to tell the user of an exit code other than 0; `stderr` is the last lines written.

    Code 2 means that the last line is one sentence to the user, after the program's name perhaps.
    """
    if code == 2 and stderr:
        return Failure(re.sub(r"^[\w-]+\.py: (error: )?", "", stderr[-1]))
    how = f"signal {_signal_name(-code)}" if code < 0 else f"exit code {code}"
    return Failure(f"{title} ended unexpectedly ({how}).", "\n".join(stderr[-TAIL_LINES:]))


def tail(path: Path) -> list[str]:
    """Return the last lines of a text file that are not blank; none where there is no file."""
    try:
        with Path(path).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
