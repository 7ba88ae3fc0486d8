"""The model card: every entry of a file that anybody can write is checked."""

import json
import random
import shutil

import numpy as np
import pytest

import handwriting
from benchmarks.support import template_digits
from digits.models import loading, model_card
from digits.models.evaluation import Evaluation
from digits.models.model_card import ModelCard, parse_card
from digits.models.reports import report
from digits.system.files import sha256

HISTORY = {"loss": [0.5, 0.25], "accuracy": [0.8, 0.9], "validation_loss": [0.6, 0.3], "validation_accuracy": [0.7, 1]}
ENTRIES = {
    "sha256": "ab12",
    "tflite_sha256": "cd34",
    "temperature": 1.5,
    "least_odds": 7,
    "test_accuracy": 0.99,
    "parameters": 381418,
    "recipe": {"epochs": 2, "learning_rate": 0.1, "digits": None},
    "date": "2026-11-21T14:31:42+00:00",
    "history": {**HISTORY, "seconds": [60.0, 61.0]},
    "started_from": "ef56",
    "confusion": np.eye(10, dtype=int).tolist(),
}
ANSWERS_DEPEND_ON = ("sha256", "tflite_sha256", "temperature", "least_odds")
WRONG = {
    "a text": '"x"',
    "null": "null",
    "true": "true",
    "a list": "[1, 2]",
    "an object": '{"loss": [7], "epochs": [1]}',
    "negative": "-1",
    "NaN": "NaN",
    "infinite": "1e400",
    "10^400": "1" + 400 * "0",
    "10^5000": "1" + 5000 * "0",
    "half a surrogate pair": '"\\ud800"',
    "deep": 100 * "[" + 100 * "]",
    "too deep": 100_000 * "[",
}


def with_entry(name: str, value: str) -> bytes:
    """Return a card's JSON, the value of one entry replaced by any text."""
    return json.dumps({**ENTRIES, name: "<here>"}).replace('"<here>"', value).encode()


def test_a_whole_card_is_read():
    assert parse_card(json.dumps(ENTRIES).encode()) == ModelCard(
        "ab12",
        "cd34",
        1.5,
        7.0,
        test_accuracy=0.99,
        parameters=381418,
        recipe={"epochs": 2, "learning_rate": 0.1},
        date="2026-11-21",
        history=tuple(dict(zip(HISTORY, epoch, strict=True)) for epoch in ((0.5, 0.8, 0.6, 0.7), (0.25, 0.9, 0.3, 1))),
        confusion=tuple(map(tuple, ENTRIES["confusion"])),
        entries=ENTRIES,
    )


def test_a_card_comes_back_as_it_was_written(tmp_path):
    card_path, tflite = tmp_path / "m.json", tmp_path / "m.tflite"
    tflite.write_bytes(b"converted")
    model_card.write_card(card_path, "ab12", tflite, {"temperature": 1.5, "seed": 3})
    card = model_card.read_card(card_path)
    assert card.entries == {"sha256": "ab12", "tflite_sha256": sha256(tflite), "temperature": 1.5, "seed": 3}
    assert card.temperature == 1.5
    assert card.belongs_to("ab12", tflite)
    assert not card.belongs_to("ab13", tflite)
    assert not card.belongs_to("ab12", tmp_path / "missing.tflite")
    tflite.write_bytes(b"converted again")
    assert not card.belongs_to("ab12", tflite)


def test_the_shipped_card_keeps_all_epochs():
    card = model_card.read_card(model_card.companions(loading.SHIPPED).card)
    assert len(card.history) == card.recipe["epochs"]


@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG)
def test_a_wrong_entry_is_left_out_or_empties_the_card(value):
    unreadable = value in (WRONG["10^5000"], WRONG["deep"], WRONG["too deep"])
    whole = parse_card(json.dumps(ENTRIES).encode())
    left_out = {"test_accuracy": None, "parameters": None, "recipe": {}, "date": "", "history": (), "confusion": ()}
    for name in ENTRIES:
        card = parse_card(with_entry(name, value))
        if name in ("sha256", "tflite_sha256") and value in (WRONG["a text"], WRONG["half a surrogate pair"]):
            assert not card.belongs_to(whole.sha256, loading.SHIPPED.with_suffix(".tflite"))
        elif unreadable or name in ANSWERS_DEPEND_ON:
            assert card == ModelCard()
        elif name in left_out:
            assert getattr(card, name) == left_out[name]
            assert card.temperature == whole.temperature


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"7",
        b"{}",
        b"\x00",
        b"\xff\xfe{}",
        b'{"sha256": "\xff"}',
        json.dumps(ENTRIES).encode()[:-1],
    ],
)
def test_what_is_no_card_is_the_empty_card(content, tmp_path):
    (tmp_path / "m.json").write_bytes(content)
    assert model_card.read_card(tmp_path / "m.json") == ModelCard()
    assert ModelCard().is_empty


def test_a_card_that_cannot_be_read_is_the_empty_card(tmp_path):
    for path in (tmp_path, tmp_path / "missing.json", tmp_path / "nul\0.json"):
        assert model_card.read_card(path) == ModelCard()


@pytest.mark.parametrize(
    "history",
    [
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
def test_a_history_that_is_not_whole_is_left_out(history):
    assert parse_card(json.dumps({**ENTRIES, "history": history}).encode()).history == ()


@pytest.mark.parametrize(
    "confusion",
    [[], [[1] * 10] * 9, [[1] * 9] * 10, [[0] * 10] * 10, [[1.5] * 10] * 10, [[-1] * 10] * 10, [[True] * 10] * 10],
    ids=str,
)
def test_a_confusion_matrix_that_is_none_is_left_out(confusion):
    assert parse_card(json.dumps({**ENTRIES, "confusion": confusion}).encode()).confusion == ()


def test_the_shipped_card_counts_all_test_digits():
    confusion = np.array(model_card.read_card(model_card.companions(loading.SHIPPED).card).confusion)
    assert confusion.sum(axis=1).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]  # MNIST's


def test_the_smallest_temperature_and_the_largest_odds_are_numbers_to_compute_with():
    limits = {"temperature": model_card.LEAST_TEMPERATURE, "least_odds": model_card.LARGEST_NUMBER}
    for name, limit in limits.items():
        assert getattr(parse_card(json.dumps({**ENTRIES, name: limit}).encode()), name) == limit
    for name, value in (("temperature", 1e-320), ("least_odds", model_card.LARGEST_NUMBER + 1), ("least_odds", 0)):
        assert parse_card(json.dumps({**ENTRIES, name: value}).encode()).is_empty


def damaged_cards(count: int) -> list[bytes]:
    """Return cards with bytes changed, cut out or swapped, or with wrong values in any place."""
    rng, cards = random.Random(3), []
    for _ in range(count):
        entries = json.loads(json.dumps(ENTRIES))
        inner = rng.choice([entries, entries["recipe"], entries["history"]])
        name = rng.choice(list(inner))
        inner[name] = "<here>"
        content = bytearray(json.dumps(entries).replace('"<here>"', rng.choice(list(WRONG.values())[:-1])).encode())
        if rng.random() < 0.5:
            for _ in range(rng.randint(1, 3)):
                content[rng.randrange(len(content))] = rng.choice(b'\0\xff"[]{},:0eE-x')
        cards.append(bytes(content))
    return cards


def test_any_damaged_card_has_a_report():
    evaluated = Evaluation(*template_digits.pictures(20, seed=3), np.full((20, 10), 0.1))
    cards = [parse_card(content) for content in damaged_cards(1000)]
    assert 0.1 < sum(card.is_empty for card in cards) / len(cards) < 0.9
    for card in cards[:50]:
        report.render(card, evaluated, "model.h5").encode()


@pytest.mark.parametrize("name", ["temperature", "recipe"])
def test_a_model_with_a_damaged_card_has_a_report(tmp_path, cache_folder, data_file, capsys, monkeypatch, name):
    def convert(model_path, tflite):
        shutil.copy(loading.SHIPPED.with_suffix(".tflite"), tflite)

    monkeypatch.setattr(loading, "run_conversion", convert)
    shutil.copy(loading.SHIPPED, tmp_path / "m.h5")
    shutil.copy(loading.SHIPPED.with_suffix(".tflite"), tmp_path / "m.tflite")
    entries = json.loads(loading.SHIPPED.with_suffix(".json").read_text())
    (tmp_path / "m.json").write_text(json.dumps({**entries, name: "<here>"}).replace('"<here>"', WRONG["10^400"]))
    assert handwriting.main(["--report", str(tmp_path / "m.h5"), "--data", str(data_file)]) == 0
    assert capsys.readouterr().err == ""
    html = (tmp_path / "m.html").read_text()
    assert "How well m.h5 reads digits" in html
    assert "epochs</span>" not in html
