"""The configuration of a training: its limits, and its way to the trainer's command line and back."""

import re
from dataclasses import asdict, fields, replace

import pytest

from digits.models.model_card import write_card
from digits.system.files import UserError
from digits.training.command_line import read_options
from digits.training.configuration import LESSON, OWN_DIGITS, SETTINGS, Configuration
from digits.training.presets import CLASSROOM, EXPERIMENTS, PRESETS


@pytest.mark.parametrize(
    "configuration",
    [
        Configuration(),
        LESSON,
        Configuration(3, 64, 0.0005, 2**32 - 1, 300),
        replace(LESSON, learning_rate=1e-4),
        Configuration(network="small", augmentation=False, centring=False, left_out=0, wrong_labels=0.2),
        *(each.configuration for each in (PRESETS | EXPERIMENTS).values()),
    ],
)
def test_the_trainer_reads_back_the_options_that_ask_for_a_configuration(configuration):
    assert read_options(configuration.options()).configuration == configuration
    assert Configuration.checked(**configuration.as_text()) == configuration


def test_a_training_on_own_drawings_reads_back_its_options_too():
    own = ["mine.h5", "--start", "model.h5", "--collection", "mine"]
    for configuration in (OWN_DIGITS, Configuration()):
        assert read_options([*own, *configuration.options()]).configuration == configuration


def test_every_number_has_limits_and_its_default_lies_within():
    numbers = {name: setting for name, setting in SETTINGS.items() if "least" in setting.metadata}
    assert numbers.keys() == SETTINGS.keys() - {"network", "augmentation", "centring"}
    for name, setting in numbers.items():
        least, most = setting.metadata["least"], setting.metadata["most"]
        assert setting.default is None or least <= setting.default <= most, name
        for limit in (least, most):
            assert getattr(Configuration.checked(**{name: limit}), name) == limit
        for beyond in (least - 1, most + 1, str(most + 1), float("nan"), float("inf"), "", "many"):
            with pytest.raises(UserError, match=f"^{name.replace('_', ' ').capitalize()}: .* from "):
                Configuration.checked(**{name: beyond})


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"network": "small"}, {"network": "small"}),
        ({"augmentation": "off"}, {"augmentation": False}),
        ({"augmentation": True, "centring": False}, {"augmentation": True, "centring": False}),
    ],
)
def test_a_choice_is_given_as_a_word_or_a_value(given, taken):
    assert Configuration.checked(**given) == Configuration(**taken)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("network", "huge", "Network: 'huge' is not full or small."),
        ("network", True, "Network: True is not full or small."),
        ("augmentation", "True", "Augmentation: 'True' is not on or off."),
        ("centring", 0.0, "Centring: 0.0 is not on or off."),
    ],
)
def test_anything_but_a_choice_is_refused(name, value, words):
    with pytest.raises(UserError, match=re.escape(words)):
        Configuration.checked(**{name: value})


def test_a_training_further_is_of_the_network_that_it_starts_from(tmp_path):
    (tmp_path / "model.tflite").touch()
    write_card(tmp_path / "model.json", "abc", tmp_path / "model.tflite", {"recipe": {"network": "small"}})
    further = ["--start", str(tmp_path / "model.h5")]
    assert read_options(further).configuration.network == "small"
    assert read_options([*further, "--network", "full"]).configuration.network == "full"
    assert read_options(["--start", str(tmp_path / "other.h5")]).configuration.network == "full"


def test_an_experiment_changes_one_setting_of_the_classroom():
    for each in EXPERIMENTS.values():
        pairs = zip(*(asdict(one).values() for one in (each.configuration, CLASSROOM.configuration)), strict=True)
        assert sum(one != other for one, other in pairs) == 1, each.name


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
