import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from benchmarks.support.screens import wait_until
from digits.page.jobs.window_process import WindowHost, WindowSnapshot, WindowStatus, has_screen
from digits.system.child_processes import Failure

# Follows the window's protocol: reads its orders, one a line, from the file named first.
FAKE_WINDOW = """
import os, sys, threading, time
from pathlib import Path
from digits.system.child_processes import end_with_parent
orders, results = Path(sys.argv[1]), Path(sys.argv[-2])
assert sys.argv[-3] == "--results" and sys.argv[-1] == "--parent-pipe" and not results.exists()
end_with_parent(lambda: os._exit(0))
done = 0
while True:
    for order in orders.read_text().splitlines()[done:]:
        done += 1
        if order == "open":
            results.touch()
        elif order == "crash":
            os._exit(7)
        elif order == "fail":
            sys.stderr.write("There is no such model.\\n")
            sys.exit(2)
        elif order == "leave":
            sys.exit(0)
        else:
            with results.open("a") as file:
                file.write(order + "\\n")
    time.sleep(0.01)
"""
MODEL = Path("model.h5")
RECORD = {
    "time": 1780000000.0,
    "digit": 7,
    "confidence": 0.91,
    "probabilities": [0.01] * 7 + [0.91, 0.01, 0.01],
    "is_sure": True,
    "strokes": [[[5.0, 5.0], [20.0, 5.0], [10.0, 25.0]]],
}


class Puppet:
    """A window that does what it is told."""

    def __init__(self, folder):
        self._orders = folder / "orders.txt"
        self._orders.touch()
        self.num_started = self.num_answers = 0
        self.host = WindowHost([sys.executable, "-c", FAKE_WINDOW, str(self._orders)], starter=self._start)

    def _start(self, *arguments, **options):
        self.command = arguments[0]
        self.num_started += 1
        self._orders.write_text("")
        return subprocess.Popen(*arguments, **options)

    def order(self, order):
        with self._orders.open("a") as file:
            file.write(order + "\n")

    def answer(self, digit):
        self.num_answers += 1
        self.order(json.dumps({**RECORD, "time": RECORD["time"] + self.num_answers, "digit": digit}))

    def await_status(self, status):
        wait_until(lambda: self.host.snapshot().status is status)

    def await_digits(self, digits):
        wait_until(lambda: [drawing.answer.digit for drawing in self.host.snapshot().drawings] == digits)


@pytest.fixture
def puppet(tmp_path):
    puppet = Puppet(tmp_path)
    yield puppet
    puppet.host.close()


def test_a_window_starts_opens_and_closes(puppet):
    host = puppet.host
    assert host.snapshot() == WindowSnapshot(WindowStatus.CLOSED)
    assert host.start(MODEL)
    assert host.snapshot() == WindowSnapshot(WindowStatus.STARTING)
    puppet.order("open")
    puppet.await_status(WindowStatus.OPEN)
    assert host.snapshot().is_alive
    host.close()
    assert host.snapshot() == WindowSnapshot(WindowStatus.CLOSED)


def test_starting_again_leaves_an_open_window_as_it_is(puppet):
    puppet.host.start(MODEL)
    puppet.order("open")
    puppet.await_status(WindowStatus.OPEN)
    assert not puppet.host.start(MODEL)
    assert puppet.host.snapshot() == WindowSnapshot(WindowStatus.OPEN)
    assert puppet.num_started == 1


def test_a_window_that_its_user_closes_is_closed_and_not_failed(puppet):
    puppet.host.start(MODEL)
    puppet.order("leave")
    puppet.await_status(WindowStatus.CLOSED)


@pytest.mark.parametrize(
    ("order", "failure"),
    [
        ("fail", Failure("There is no such model.")),
        ("crash", Failure("The window ended unexpectedly (exit code 7).")),
    ],
)
def test_a_window_fails_and_can_be_opened_again(puppet, order, failure):
    puppet.host.start(MODEL)
    puppet.order(order)
    puppet.await_status(WindowStatus.FAILED)
    assert puppet.host.snapshot() == WindowSnapshot(WindowStatus.FAILED, failure)
    assert puppet.host.start(MODEL)
    assert puppet.host.snapshot() == WindowSnapshot(WindowStatus.STARTING)


def test_answers_come_in_order_and_outlive_their_window(puppet):
    puppet.host.start(MODEL)
    puppet.answer(3)
    puppet.answer(1)
    puppet.await_digits([3, 1])
    puppet.host.close()
    puppet.await_digits([3, 1])
    puppet.host.start(MODEL)
    puppet.answer(4)
    puppet.await_digits([3, 1, 4])


def test_what_the_user_says_that_a_drawing_was_takes_the_place_of_its_answer(puppet):
    puppet.host.start(MODEL)
    puppet.answer(3)
    puppet.order(json.dumps(RECORD))
    puppet.order(json.dumps({**RECORD, "label": "+", "remembered": "a.json"}))
    wait_until(lambda: [drawing.told for drawing in puppet.host.snapshot().drawings] == [(None,), (("+", "a.json"),)])
    puppet.order(json.dumps(RECORD))
    wait_until(lambda: [drawing.told for drawing in puppet.host.snapshot().drawings] == [(None,), (None,)])


def test_the_last_answer_of_a_crashing_window_is_kept(puppet):
    puppet.host.start(MODEL)
    puppet.answer(5)
    puppet.order("crash")
    puppet.await_status(WindowStatus.FAILED)
    assert [drawing.answer.digit for drawing in puppet.host.snapshot().drawings] == [5]


def test_snapshots_are_equal_exactly_while_nothing_changes(puppet):
    host = puppet.host
    host.start(MODEL)
    puppet.order("open")
    puppet.await_status(WindowStatus.OPEN)
    before = host.snapshot()
    assert host.snapshot() == before
    puppet.answer(5)
    wait_until(lambda: host.snapshot() != before)
    assert host.snapshot() == host.snapshot()


def test_many_presses_in_many_tabs_open_one_window(puppet):
    barrier, started, snapshots = threading.Barrier(16), [], []

    def press():
        barrier.wait()
        started.append(puppet.host.start(MODEL))
        snapshots.append(puppet.host.snapshot())

    threads = [threading.Thread(target=press) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert started.count(True) == 1
    assert puppet.num_started == 1
    assert snapshots == [WindowSnapshot(WindowStatus.STARTING)] * 16


def test_a_damaged_record_is_passed_over(puppet):
    puppet.host.start(MODEL)
    puppet.answer(3)
    for damaged in ({}, {**RECORD, "strokes": []}, {**RECORD, "confidence": float("nan")}, {"number": "7"}):
        puppet.order(json.dumps(damaged))
    puppet.answer(4)
    puppet.await_digits([3, 4])


def test_a_drawing_of_which_more_was_told_is_the_same_drawing(puppet):
    puppet.host.start(MODEL)
    puppet.answer(3)
    puppet.order(json.dumps(RECORD))
    puppet.order(json.dumps({**RECORD, "label": 1}))
    puppet.answer(4)
    puppet.await_digits([3, 7, 4])


def test_the_window_is_given_the_options_of_a_hand(puppet):
    assert puppet.host.start(MODEL, ["--hand", "Ada"])
    assert puppet.command[-6:-3] == [str(MODEL), "--hand", "Ada"]


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "freebsd14", False),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_where_there_is_a_screen(environ, platform, expected):
    assert has_screen(environ, platform) is expected
