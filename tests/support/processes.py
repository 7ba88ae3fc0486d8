"""Child processes and other threads of the tests."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import psutil

from digits.system.paths import ROOT

T = TypeVar("T")
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
        watch = IdleWatch(partial(processor_seconds, child.pid))
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
    """Tells when a process hangs: it and its children have used no processor time for too long.

    work: returns something that changes whenever they work. clock: returns seconds.
    """

    def __init__(self, work: Callable[[], object], clock: Callable[[], float] = time.monotonic):
        self._work, self._clock = work, clock
        self._started = self._worked = clock()
        self._last: object = None

    def is_over(self) -> bool:
        """Whether the process has been idle for IDLE_SECONDS, or there for LONGEST_SECONDS."""
        now, work = self._clock(), self._work()
        if work != self._last:
            self._worked, self._last = now, work
        return now - self._worked > IDLE_SECONDS or now - self._started > LONGEST_SECONDS


def processor_seconds(pid: int) -> dict[int, float]:
    """Return the processor time of a process and of its children, by their ids."""
    found = {}
    try:
        for process in (parent := psutil.Process(pid), *parent.children(recursive=True)):
            times = process.cpu_times()
            found[process.pid] = times.user + times.system
    except psutil.Error:  # one of them has just ended, which is work too
        pass
    return found


def run_async(coroutine: Coroutine[object, object, T]) -> T:
    """Run a coroutine in a thread of its own: in this one, Playwright's loop may be running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
