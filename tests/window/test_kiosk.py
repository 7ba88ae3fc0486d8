"""A kiosk's keeper: opens the window again when it fails, and leaves it alone when it was closed."""

import sys
from typing import cast

import pytest

from digits.system.child_processes import Starter
from digits.system.files import UserError
from digits.window import kiosk


class Windows:
    """In place of `subprocess.Popen`: windows that end at once, each with its exit code, and a clock."""

    def __init__(self, *codes: int, lasting: float = 0.0):
        self.codes, self.lasting, self.now = list(codes), lasting, 0.0

    def __call__(self, command, stdin):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *how):
        pass

    def wait(self):
        self.now += self.lasting
        return self.codes.pop(0)

    def sleep(self, seconds):
        self.now += seconds

    def keep_open(self):
        return kiosk.keep_open(["window"], cast(Starter, self), lambda: self.now, self.sleep)


@pytest.mark.parametrize("codes", [(0,), (1, 0), (-11, 1, 0), (2,), (1, 2)])
def test_it_is_opened_until_it_is_closed_or_says_why_it_cannot_be(codes):
    windows = Windows(*codes)
    assert windows.keep_open() == codes[-1]
    assert not windows.codes


def test_one_that_fails_again_and_again_is_given_up():
    windows = Windows(*[1] * 5, 0)
    with pytest.raises(UserError, match="failed 5 times within 60 seconds"):
        windows.keep_open()
    assert windows.codes == [0]


def test_one_that_fails_now_and_then_is_not():
    assert Windows(*[1] * 20, 0, lasting=20.0).keep_open() == 0


def test_its_window_closes_with_it():
    """A child gets a standard input that stays open for as long as the keeper lives."""
    command = [sys.executable, "-c", "import os, select, sys; sys.exit(bool(select.select([0], [], [], 0.2)[0]))"]
    assert kiosk.keep_open(command) == 0
