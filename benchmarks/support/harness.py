"""What the benchmarks share: a screen, the two programs on it, what the system says of a process, and the report."""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.support.screens import missing, virtual_screen
from benchmarks.support.x11 import Screen
from digits.system.files import UserError
from digits.system.paths import ROOT

PACKAGES = ("pygame", "pygame-ce", "numpy", "ai-edge-litert", "tensorflow", "keras")  # whose versions matter
ANSWER_SECONDS = 60  # after which a program that has not answered is given up
POLL = 0.0005  # seconds between looks at a file
WINDOW_SETTINGS = {  # of the environment
    "SDL_VIDEODRIVER": "x11",
    "SDL_MOUSE_FOCUS_CLICKTHROUGH": "1",  # SDL would drop a press within 10 ms of the focus
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",  # a greeting is no answer
}


def report(name: str, measure: Callable[[], dict]) -> int:
    """Print what `measure` returns as one JSON object; return the exit code: 2, with a sentence, for a UserError."""
    context = describe_machine()
    try:
        figures = measure()
    except UserError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    print(json.dumps({"benchmark": name, **figures, "context": context}, indent=1))
    return 0


def positive(text: str) -> int:
    """Return a whole number above 0, for argparse."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def describe_machine() -> dict:
    """Return what the figures depend on: cores, how busy they are, versions and the commit."""
    return {
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version for name in PACKAGES if (version := _version(name))},
        "commit": _commit(),
    }


def percentiles(seconds: Sequence[float]) -> dict:
    """Return count, p50, p99 and maximum of durations, in milliseconds."""
    p50, p99, longest = np.percentile(np.asarray(seconds) * 1000, [50, 99, 100]).round(3).tolist()
    return {"count": len(seconds), "p50_ms": p50, "p99_ms": p99, "max_ms": longest}


@contextmanager
def screen_for_windows() -> Iterator[tuple[str, Screen]]:
    """Run Xvfb; yield its display's name, such as ":99", and a connection to it. Raises UserError without Xvfb."""
    if absent := missing(("Xvfb",)):
        raise UserError(f"Real windows are measured on a virtual screen, which is {absent}; install the package xvfb.")
    with virtual_screen() as display, closing(Screen(display)) as screen:
        yield display, screen


class Program:
    """A running program that writes one line per answer to a file, and when it was started (time.monotonic)."""

    def __init__(self, process: subprocess.Popen, command: Sequence[str], answers: Path, started: float):
        self._command = command
        self.pid = process.pid
        self.started = started
        self._process = process
        self._answers = answers

    def answered(self) -> int:
        """Return how many bytes of answers there are."""
        try:
            return self._answers.stat().st_size
        except FileNotFoundError:
            return 0

    def wait_for_answer(self, before: int = 0) -> float:
        """Return the time.monotonic at which there are more bytes of answers than `before`; raises UserError."""
        return self._wait(lambda: self.answered() > before, "did not answer")

    def wait_until_open(self) -> float:
        """Return the time.monotonic at which the file of answers exists; raises UserError.

        The window makes it once it is painted; before, it may drop what a pointer does in it.
        """
        return self._wait(self._answers.exists, "did not open")

    def check(self) -> None:
        """Raise UserError if the program has ended."""
        if self._process.poll() is not None:
            raise UserError(f"{self._name} ended with exit code {self._process.returncode}; run it alone to see why.")

    def _wait(self, done: Callable[[], bool], failing: str) -> float:
        deadline = time.monotonic() + ANSWER_SECONDS
        while not done():
            self.check()
            if time.monotonic() > deadline:
                raise UserError(f"{self._name} {failing} within {ANSWER_SECONDS} s.")
            time.sleep(POLL)
        return time.monotonic()

    @property
    def _name(self) -> str:
        return " ".join(Path(word).name for word in self._command[1:3])


@contextmanager
def window_program(display: str, model: Path) -> Iterator[Program]:
    """Run `recognition.py` as the page does; its answers are its results."""
    with TemporaryDirectory() as folder:
        answers = Path(folder, "answers.jsonl")
        command = [sys.executable, str(ROOT / "recognition.py"), str(model), "--results", str(answers)]
        with _running(command, display, answers, subprocess.DEVNULL) as program:
            yield program


@contextmanager
def plain_program(display: str, model: Path) -> Iterator[Program]:
    """Run the plain program; its answers are its standard output."""
    with TemporaryDirectory() as folder:
        answers = Path(folder, "answers.txt")
        command = [sys.executable, str(ROOT / "benchmarks" / "window" / "plain_program.py"), str(model)]
        with answers.open("wb") as stdout, _running(command, display, answers, stdout) as program:
            yield program


def processor_seconds(pid: int) -> float:
    """Return the processor time, user and system, that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_megabytes(pid: int) -> float:
    """Return the most memory that a process has had resident, in units of 1,000,000 bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    kibibytes = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return kibibytes * 1024 / 1e6


@contextmanager
def _running(command: list[str], display: str, answers: Path, stdout) -> Iterator[Program]:
    # A user's Python keeps what it has compiled; a container's often does not, and would compile at every start.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        env={**environment, **WINDOW_SETTINGS, "DISPLAY": display},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Program(process, command, answers, started)
    finally:
        process.kill()
        process.wait()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Return the commit, with a plus if the working tree differs from it; None where there is no git."""
    try:
        commit = _git("rev-parse", "--short", "HEAD")
        return commit + ("+" if _git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(*arguments: str) -> str:
    command = ["git", "--no-optional-locks", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
