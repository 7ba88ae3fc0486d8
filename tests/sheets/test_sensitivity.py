"""The benchmark of sensitivity changes every number on top of a module, one at a time, and puts it back."""

from types import SimpleNamespace

import pytest

from benchmarks.images import sensitivity
from benchmarks.images.sensitivity import Known
from digits.sheets import reading_order


@pytest.mark.parametrize(
    ("value", "half", "twice"),
    [(4, 2, 8), (1, 1, 2), (0.3, 0.15, 0.6), ((2, 0.5), (1, 0.25), (4, 1.0)), (True, None, None), (("a",), None, None)],
)
def test_numbers_are_halved_and_doubled(value, half, twice):
    assert (sensitivity.scaled(value, 0.5), sensitivity.scaled(value, 2)) == (half, twice)


def test_each_constant_is_changed_alone_and_put_back():
    names = sensitivity.constant_names(reading_order)
    assert {"SPACE", "ONE_LINE"} <= {*names}
    before = {name: getattr(reading_order, name) for name in names}
    seen = []
    for name, factor in sensitivity.changes(reading_order):
        changed = [other for other in names if getattr(reading_order, other) != before[other]]
        assert changed == [name]
        seen.append((name, factor))
    assert seen == [(name, factor) for name in names for factor in ("times 0.5", "times 2")]
    assert before == {name: getattr(reading_order, name) for name in names}


def test_changed_answers_are_counted_whether_or_not_it_is_known_what_is_right():
    images = {"a": Known(b"", "1 2"), "b": Known(b"", "3"), "c": Known(b"", None)}
    before, after = {"a": "1", "b": "3", "c": "9"}, {"a": "12", "b": "3", "c": "error: ValueError"}
    assert sensitivity.num_right(images, before) == 1
    assert sensitivity.difference(images, before, after) == {"changed": 2, "more_right": 1, "error": 1}


def test_a_constant_that_changes_nothing_is_idle(monkeypatch):
    monkeypatch.setattr(sensitivity, "made_up", lambda seed: {"a": Known(b"", "1")})
    monkeypatch.setattr(sensitivity.loading, "load", lambda: None)
    monkeypatch.setattr(sensitivity, "answer", lambda image, _: "1" if reading_order.SPACE > 0.4 else "2")
    arguments = SimpleNamespace(seed=0, pictures=None, photos=None, modules=["sheets.reading_order"])
    figures = sensitivity.measure(arguments)  # pyright: ignore[reportArgumentType] - as argparse makes it
    assert figures["constants"]["sheets.reading_order.SPACE"]["times 0.5"] == {"changed": 1, "more_right": -1}
    assert "sheets.reading_order.SPACE" not in figures["idle"]
    assert "sheets.reading_order.ONE_LINE" in figures["idle"]
