"""Stores: a visit's drawings are kept like a folder's, up to a number; both tell when they changed."""

import os
from pathlib import Path

import numpy as np
import pytest

from digits.recognition.classifier import Answer
from digits.recognition.records import DigitRecord
from digits.recognition.stores import SETTLED, FolderStore, Store, VisitStore
from digits.system.files import UserError

PLUS, HEART = (
    DigitRecord(5.0, Answer(7, 1.0, (0.1,) * 10), (np.array([[1.0, 2.0]]),), label) for label in ("+", "heart")
)


@pytest.mark.parametrize("kind", [FolderStore, VisitStore])
def test_drawings_are_kept_changed_and_forgotten(kind, tmp_path):
    store: Store = kind(tmp_path / "mine") if kind is FolderStore else kind()
    assert (store.version(), store.stamps(), store.read("b.json")) == (0, {}, None)
    later, first = store.write("b.json", PLUS), store.write("a.json", PLUS)
    assert [*store.stamps().items()] == [("a.json", first), ("b.json", later)]  # by their names, which are times
    assert store.write("b.json", HEART) != later
    found = [store.read(name) for name in store.stamps()]
    assert [record.label for record in found if record] == ["+", "heart"]
    store.delete("b.json")
    store.delete("b.json")  # which another program may have deleted
    assert [*store.stamps()] == ["a.json"]


def test_a_visits_version_grows_with_every_change():
    store = VisitStore()
    versions = [store.version()]
    for change in (lambda: store.write("a", PLUS), lambda: store.write("a", HEART), lambda: store.delete("a")):
        change()
        versions.append(store.version())
    assert versions == sorted(set(versions))


def test_a_folder_has_a_version_only_once_it_has_settled(tmp_path: Path):
    store = FolderStore(tmp_path)
    assert store.version() is None  # what is written now may bear the same time
    before = tmp_path.stat().st_mtime_ns - 2 * SETTLED
    os.utime(tmp_path, ns=(before, before))
    assert store.version() == before


def test_a_visit_remembers_so_many_drawings(monkeypatch):
    monkeypatch.setattr(VisitStore, "MOST", 2)
    store = VisitStore()
    for name in "aba":
        store.write(name, PLUS)
    with pytest.raises(UserError, match="at most 2 drawings"):
        store.write("c", PLUS)
    assert [*store.stamps()] == ["a", "b"]
