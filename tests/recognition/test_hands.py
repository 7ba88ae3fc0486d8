"""Hands: whose turn it is, and a guest who remembers nothing."""

import numpy as np
import pytest

from digits.models import loading
from digits.recognition import collection
from digits.recognition.classifier import Answer
from digits.recognition.hands import GUEST, Hands
from digits.recognition.records import DigitRecord
from digits.system.files import UserError

SEVEN = Answer(7, 1.0, (0.1,) * 10)


def test_all_who_have_drawings_take_turns_and_then_a_guest(tmp_path):
    me = collection.default_hand()
    for name in ("Zoe", "Ada"):
        path = collection.hand_folder(tmp_path, name) / "a.json"
        collection.write(path, DigitRecord(5.0, SEVEN, (np.array([[1.0, 2.0]]),), "7"))
    hands = Hands(tmp_path)
    assert hands.first_name() == me
    assert [hands.after(name) for name in (me, "Ada", "Zoe", GUEST)] == ["Ada", "Zoe", GUEST, me]
    assert hands.after("who has no drawings") == me
    assert Hands(tmp_path, " Bea ").after("Zoe") == "Bea"  # who was named and has none yet
    assert Hands(tmp_path, GUEST).after("Zoe") == GUEST


def test_a_guest_has_no_hand_and_all_others_their_own(tmp_path, cache_folder):
    classifier = loading.load()
    hands = Hands(tmp_path, GUEST)
    assert hands.first_name() == GUEST
    assert hands.open(classifier, GUEST) is None
    ada = hands.open(classifier, "Ada")
    assert ada is not None
    ada.remember(np.zeros((28, 28), np.uint8), "7", SEVEN)
    assert collection.count(tmp_path / "Ada") == 1
    with pytest.raises(UserError, match="A hand has a name"):
        hands.open(classifier, "a/b")
