"""The model card: what is believed of a file that anybody can write."""

import json

import pytest

from digits.models import loading, model_card

HISTORY = {"loss": [0.5, 0.25], "accuracy": [0.8, 0.9], "validation_loss": [0.6, 0.3], "validation_accuracy": [0.7, 1]}


def test_the_history_is_told_epoch_by_epoch():
    first, last = model_card.epochs({"history": {**HISTORY, "seconds": [60.0, 61.0]}})
    assert first == {"loss": 0.5, "accuracy": 0.8, "validation_loss": 0.6, "validation_accuracy": 0.7}
    assert list(last.values()) == [0.25, 0.9, 0.3, 1.0]


def test_the_shipped_card_tells_all_epochs():
    entries = model_card.read_card(model_card.companions(loading.SHIPPED).card)
    assert len(model_card.epochs(entries)) == entries["recipe"]["epochs"]


@pytest.mark.parametrize(
    "history",
    [
        None,
        "long",
        [1, 2],
        {},
        {"loss": [0.5]},
        {**HISTORY, "loss": [0.5]},
        {**HISTORY, "loss": 0.5},
        {**HISTORY, "loss": ["low", "lower"]},
        {**HISTORY, "loss": [None, 0.5]},
        {**HISTORY, "loss": [float("nan"), 0.5]},
        {**HISTORY, "loss": [{}, 0.5]},
        {name: 1.0 for name in HISTORY},
        {name: [] for name in HISTORY},
    ],
    ids=json.dumps,
)
def test_a_history_that_is_not_whole_is_none(history):
    assert model_card.epochs({"history": history}) == []
    assert model_card.epochs({}) == []
