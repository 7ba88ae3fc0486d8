"""A child that hangs is ended; one that works, or whose own child works, may take its time."""

import subprocess
import sys

import pytest

from tests.support import processes
from tests.support.processes import IDLE_SECONDS, LONGEST_SECONDS, IdleWatch, processor_seconds, run_python


@pytest.mark.parametrize(
    ("seconds", "work", "is_over"),
    [
        ([0, 100, 200, 300], [1, 2, 3, 4], False),
        ([0, 10, IDLE_SECONDS - 1], [1, 1, 1], False),
        ([0, 10, IDLE_SECONDS + 11], [1, 2, 2], True),
        ([0, 10, IDLE_SECONDS + 11], [1, 2, 3], False),
        ([0, LONGEST_SECONDS + 1], [1, 2], True),
    ],
    ids=["works", "idle for a while", "hangs", "works again", "too long"],
)
def test_only_a_process_that_does_nothing_for_long_hangs(seconds, work, is_over):
    clock = iter([0, *seconds])
    watch = IdleWatch(iter(work).__next__, lambda: next(clock))
    assert [watch.is_over() for _ in seconds][-1] == is_over


def test_the_work_of_a_process_is_seen_in_its_child():
    busy = "while True: pass"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    with subprocess.Popen([sys.executable, "-c", code]) as parent:
        while len(first := processor_seconds(parent.pid)) < 2:
            pass
        (child,) = first.keys() - {parent.pid}
        while processor_seconds(parent.pid).get(child, 0) < first[child] + 0.05:
            pass
        processes.psutil.Process(child).kill()


def test_a_child_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(processes, "IDLE_SECONDS", 0.5)
    with pytest.raises(subprocess.TimeoutExpired):
        run_python("-c", "import time; time.sleep(600)")


def test_a_child_gets_its_input_and_returns_what_it_printed():
    done = run_python("-c", "import sys; print(sys.stdin.read()); sys.exit('no')", stdin_text="yes")
    assert (done.returncode, done.stdout, done.stderr) == (1, "yes\n", "no\n")
