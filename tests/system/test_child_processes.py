import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from benchmarks.support.screens import wait_until
from digits.system.child_processes import Child, Failure, describe_failure, tail
from digits.system.paths import ROOT

CHILD_PATIENCE = 30.0  # seconds, on a busy machine
READ_UNTIL_CLOSED = "import sys; sys.stdin.read()"
IGNORE_THE_PIPE = "import threading; threading.Event().wait()"

# Starts a child that would outlive the test, tells its process id, and waits.
PARENT = """
import sys, threading
from digits.system.child_processes import Child
child = Child("The child", sys.argv[1])
child.start([sys.executable, "-c", sys.argv[2]])
threading.Event().wait()
"""
CHILD_OF_PARENT = """
import os, sys, threading
from digits.system.child_processes import end_with_parent, interrupt
end_with_parent(interrupt)
print(os.getpid(), file=sys.stderr, flush=True)
threading.Event().wait()
"""


@pytest.fixture
def child(tmp_path):
    child = Child("The window", tmp_path / "stderr.txt")
    yield child
    child.close(patience=0)


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # a process that has ended and that nobody has asked about


def test_a_child_lives_until_it_is_closed(child):
    assert not child.alive
    assert child.start(python(READ_UNTIL_CLOSED))
    assert child.alive
    child.close()
    assert not child.alive
    assert child.failure is None


def test_a_child_is_closed_by_its_standard_input(child, tmp_path):
    child.start(python("import sys; sys.stdin.read(); print('in peace', file=sys.stderr)"))
    child.close(patience=CHILD_PATIENCE)
    assert tail(tmp_path / "stderr.txt") == ["in peace"]


def test_a_child_that_does_not_listen_is_ended_by_force_and_is_no_failure(child):
    child.start(python(IGNORE_THE_PIPE))
    child.close(patience=0.1)
    assert not child.alive
    assert child.failure is None


def test_closing_what_is_not_open_does_nothing(child):
    child.close()
    child.start(python(""))
    wait_until(lambda: not child.alive)
    child.close()
    assert child.failure is None


def test_a_child_can_be_started_again(child):
    child.start(python("import sys; sys.exit('not like this')"))
    wait_until(lambda: not child.alive)
    assert child.failure
    assert child.start(python(READ_UNTIL_CLOSED))
    assert child.failure is None


def test_of_many_starts_at_once_one_succeeds(tmp_path):
    started = []

    def count(*arguments, **options):
        started.append(subprocess.Popen(*arguments, **options))
        return started[-1]

    child = Child("The window", tmp_path / "stderr.txt", starter=count)
    barrier, answers = threading.Barrier(16), []

    def press():
        barrier.wait()
        answers.append(child.start(python(READ_UNTIL_CLOSED)))

    threads = [threading.Thread(target=press) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    child.close()
    assert sorted(answers) == [False] * 15 + [True]
    assert len(started) == 1


def test_a_child_that_says_why_it_failed_is_quoted(child):
    child.start(
        python("import sys; print('a warning', file=sys.stderr); sys.stderr.write('It rains.\\n'); sys.exit(2)")
    )
    wait_until(lambda: not child.alive)
    assert child.failure == Failure("It rains.")


def test_a_crash_shows_the_last_lines(child):
    child.start(python("raise RuntimeError('the roof fell in')"))
    wait_until(lambda: not child.alive)
    assert child.failure.sentence == "The window ended unexpectedly (exit code 1)."
    assert child.failure.details.splitlines()[-1] == "RuntimeError: the roof fell in"


def test_a_kill_is_named(child):
    child.start(python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    wait_until(lambda: not child.alive)
    assert child.failure == Failure("The window ended unexpectedly (signal SIGKILL).")


def test_a_program_that_is_not_there_is_a_failure_and_no_exception(child):
    assert not child.start(["/no/such/program"])
    assert not child.alive
    assert child.failure == Failure("The window could not be started (No such file or directory).")


def test_only_the_latest_start_counts(child):
    child.start(python("raise SystemExit(1)"))
    wait_until(lambda: not child.alive)
    child.start(["/no/such/program"])
    assert "could not be started" in child.failure.sentence
    child.start(python(""))
    wait_until(lambda: not child.alive)
    assert child.failure is None


@pytest.mark.parametrize(
    ("code", "stderr", "failure"),
    [
        (2, ["x", "There is no model."], Failure("There is no model.")),
        (2, ["recognition.py: There is no model."], Failure("There is no model.")),
        (2, ["recognition.py: error: unknown option"], Failure("unknown option")),
        (2, [], Failure("It ended unexpectedly (exit code 2).")),
        (1, ["a", "b"], Failure("It ended unexpectedly (exit code 1).", "a\nb")),
        (
            1,
            [str(n) for n in range(99)],
            Failure("It ended unexpectedly (exit code 1).", "91\n92\n93\n94\n95\n96\n97\n98"),
        ),
        (-signal.SIGSEGV, [], Failure("It ended unexpectedly (signal SIGSEGV).")),
        (-250, [], Failure("It ended unexpectedly (signal 250).")),
    ],
)
def test_failures_are_described(code, stderr, failure):
    assert describe_failure("It", code, stderr) == failure


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"one\n\n  \ntwo  \n", ["one", "two"]),
        (b"\xff not text\n", ["\N{REPLACEMENT CHARACTER} not text"]),
        (b"begin\n" + b"x" * 100_000 + b"\nend\n", ["x" * (8192 - len("\nend\n")), "end"]),
    ],
)
def test_the_tail_of_a_file(tmp_path, content, lines):
    path = tmp_path / "stderr.txt"
    path.write_bytes(content)
    assert tail(path) == lines


def test_the_tail_of_no_file(tmp_path):
    assert tail(tmp_path / "none.txt") == []


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
def test_a_killed_parent_takes_its_child_with_it(tmp_path):
    stderr = tmp_path / "stderr.txt"
    parent = subprocess.Popen([*python(PARENT), stderr, CHILD_OF_PARENT], cwd=ROOT)
    try:
        child_id = int(wait_until(lambda: stderr.exists() and stderr.read_text().strip()))
        assert is_running(child_id)
    finally:
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    wait_until(lambda: not is_running(child_id))


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
def test_a_forgotten_child_ends(tmp_path):
    child = Child("The window", tmp_path / "stderr.txt")
    child.start(python(CHILD_OF_PARENT))
    stderr = tmp_path / "stderr.txt"
    child_id = int(wait_until(lambda: stderr.read_text().strip()))
    with pytest.warns(ResourceWarning):  # Popen's own, on what it takes for a mistake
        del child
    wait_until(lambda: not is_running(child_id))
