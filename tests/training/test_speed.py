"""How long a preset will take on this machine: the arithmetic. A real measurement is in `tests.programs`."""

from dataclasses import replace

import pytest

from digits.system import process_pool
from digits.training.configuration import Configuration
from digits.training.epoch_data import epoch_size
from digits.training.speed import MNIST, Pace, estimate

NOTHING = Pace(0, 0, 0, 0, 0)
SMALL = Configuration(epochs=3, batch_size=100, digits=1000, network="small")


@pytest.mark.parametrize(
    ("pace", "seconds"),
    [
        ({"compiling": 2.0}, 2.0),
        ({"batch": 0.5}, 3 * 10 * 0.5),
        ({"drawing": 0.01}, 3 * (1000 + 1000) * 0.01 + 1000 * 0.01),  # of training and validation, and to calibrate
        ({"answer": 0.01}, 3 * 3000 * 0.01),
        ({"template": 0.01}, 4 * 1000 * 0.01),
    ],
)
def test_each_part_of_a_training_counts_as_often_as_it_is_done(monkeypatch, pace, seconds):
    monkeypatch.setattr(process_pool, "CORES", 1)
    assert estimate(SMALL, NOTHING._replace(**pace), 0, *MNIST) == pytest.approx(seconds)


def test_waking_counts_for_the_trainer_and_its_converter():
    assert estimate(SMALL, NOTHING, 4.0, *MNIST) == 12.0


def test_no_more_digits_count_than_there_are():
    pace = NOTHING._replace(batch=0.1)
    on_all, on_more = (estimate(replace(SMALL, digits=digits), pace, 0, 4500, 500) for digits in (None, 9000))
    assert on_all == on_more == pytest.approx(3 * 45 * 0.1)


def test_the_full_network_sees_more_than_digits():
    full = Configuration(epochs=1, batch_size=100, digits=1000)
    assert estimate(full, NOTHING._replace(batch=1), 0, *MNIST) == epoch_size(1000) // 100
