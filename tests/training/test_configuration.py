"""The configuration of a training: its limits, and its way to the trainer's command line and back."""

from dataclasses import fields, replace

import pytest

from digits.system.files import UserError
from digits.training.command_line import read_options
from digits.training.configuration import LESSON, SETTINGS, Configuration


@pytest.mark.parametrize(
    "configuration",
    [Configuration(), LESSON, Configuration(3, 64, 0.0005, 2**32 - 1, 300), replace(LESSON, learning_rate=1e-4)],
)
def test_the_trainer_reads_back_the_options_that_ask_for_a_configuration(configuration):
    assert read_options(configuration.options()).configuration == configuration


def test_every_setting_has_limits_and_its_default_lies_within():
    for name, setting in SETTINGS.items():
        least, most = setting.metadata["least"], setting.metadata["most"]
        assert setting.default is None or least <= setting.default <= most, name
        for limit in (least, most):
            assert getattr(Configuration.checked(**{name: limit}), name) == limit
        for beyond in (least - 1, most + 1, str(most + 1), float("nan"), float("inf"), "", "many"):
            with pytest.raises(UserError, match=f"^{name.replace('_', ' ').capitalize()}: .* from "):
                Configuration.checked(**{name: beyond})


@pytest.mark.parametrize("name", ["epochs", "batch_size", "seed", "digits"])
def test_what_is_counted_is_a_whole_number(name):
    assert getattr(Configuration.checked(**{name: 3.0}), name) == 3
    for half in (1.5, "1.5"):
        with pytest.raises(UserError, match=r"1\.5'? is not a whole number from"):
            Configuration.checked(**{name: half})


def test_what_is_not_given_keeps_its_default():
    assert (
        Configuration.checked(**dict.fromkeys([setting.name for setting in fields(Configuration)])) == Configuration()
    )
    assert Configuration.checked(digits=300) == Configuration(digits=300)
