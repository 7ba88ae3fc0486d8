"""Child processes of the tests."""

import subprocess
import sys
import time

import psutil

from digits.system.paths import ROOT

IDLE_SECONDS = 120  # without any processor time, after which a child is taken to hang
LONGEST_SECONDS = 3600  # that a child may take even if it works


def run_python(*arguments: object, stdin_text: str | None = None, **options) -> subprocess.CompletedProcess[str]:
    """Run this Python in a child, from the project's folder, and return its exit code and what it printed.

    However busy the machine, the child may take its time as long as it or a child of its own does something.
    """
    command = [sys.executable, *map(str, arguments)]
    pipe = subprocess.PIPE
    stdin = subprocess.DEVNULL if stdin_text is None else pipe
    with subprocess.Popen(command, cwd=ROOT, stdin=stdin, stdout=pipe, stderr=pipe, text=True, **options) as child:
        watch = IdleWatch(child.pid)
        while True:
            try:
                stdout, stderr = child.communicate(stdin_text, timeout=1)
            except subprocess.TimeoutExpired:
                stdin_text = None  # has been handed over
                if watch.is_over():
                    child.kill()
                    raise
            else:
                return subprocess.CompletedProcess(command, child.returncode, stdout, stderr)


class IdleWatch:
    """Tells when a process has hung: when neither it nor its children have worked for a long time."""

    def __init__(self, pid: int):
        self._process = psutil.Process(pid)
        self._started = self._worked = time.monotonic()
        self._seconds: dict[int, float] = {}  # of processor time, by process

    def is_over(self) -> bool:
        """Whether the process has been idle for IDLE_SECONDS, or there for LONGEST_SECONDS."""
        now, seconds = time.monotonic(), self._processor_seconds()
        if seconds != self._seconds:
            self._worked, self._seconds = now, seconds
        return now - self._worked > IDLE_SECONDS or now - self._started > LONGEST_SECONDS

    def _processor_seconds(self) -> dict[int, float]:
        found = {}
        try:
            for process in (self._process, *self._process.children(recursive=True)):
                times = process.cpu_times()
                found[process.pid] = times.user + times.system
        except psutil.Error:  # it has just ended, which is work too
            pass
        return found
