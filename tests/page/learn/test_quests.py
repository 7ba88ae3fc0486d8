"""Quests: each is done by what it asks for, and by nothing that falls short of it."""

import numpy as np
import pytest

from digits.page.learn.quests import QUESTS, Deed
from digits.recognition.classifier import Answer
from tests.classroom.test_styles import BARRED_SEVEN, PLAIN_SEVEN, strokes

TINY = strokes([(1, 1), (5, 1), (3, 6)])


def answer(confidence=0.9, is_sure=True, **others) -> Answer:
    """An answer, 7 or what `others` makes likelier; others: d4=0.4 is 0.4 for a 4."""
    shares = np.zeros(10)
    shares[7] = confidence
    for name, share in others.items():
        shares[int(name[1:])] = share
    return Answer(int(shares.argmax()), float(shares.max()), tuple(shares.tolist()), is_sure)


DONE_BY = {
    "clear": [Deed([answer(0.991)], PLAIN_SEVEN)],
    "small": [Deed([answer()], TINY)],
    "bar": [Deed([answer()], BARRED_SEVEN)],
    "border": [Deed([answer(0.1, False, d4=0.5, d9=0.3)], PLAIN_SEVEN)],
    "doubt": [Deed([answer(0.3, False)], PLAIN_SEVEN)],
    "fooled": [Deed([answer()], PLAIN_SEVEN, "1"), Deed([answer()], (), "4")],
    "taught": [Deed([answer(0.6, False)], PLAIN_SEVEN, "1")],
    "page": [Deed([answer()] * 5)],
}
NOT_DONE_BY = {
    "clear": [Deed([answer(0.98)], PLAIN_SEVEN), Deed([answer(0.995, False)], PLAIN_SEVEN), Deed([answer(0.995)])],
    "small": [Deed([answer(0.6, False)], TINY), Deed([answer()], PLAIN_SEVEN)],
    "bar": [Deed([answer()], PLAIN_SEVEN), Deed([answer(0.1, d1=0.9)], BARRED_SEVEN)],
    "border": [Deed([answer(0.1, False, d4=0.7, d9=0.2)], PLAIN_SEVEN)],
    "doubt": [Deed([answer(0.6, False)], PLAIN_SEVEN), Deed([answer(0.4)], PLAIN_SEVEN)],
    "fooled": [
        Deed([answer()], PLAIN_SEVEN, "7"),
        Deed([answer(0.4, False)], PLAIN_SEVEN, "1"),
        Deed([answer()], PLAIN_SEVEN, "heart"),
        Deed([answer()], PLAIN_SEVEN),
    ],
    "taught": [Deed([answer(0.1, d1=0.9)], PLAIN_SEVEN), Deed([answer()], PLAIN_SEVEN, "7")],
    "page": [Deed([answer()] * 4), Deed([answer()] * 5, PLAIN_SEVEN)],
}


def test_there_are_eight_each_with_words_and_a_tab():
    assert len({quest.name for quest in QUESTS}) == len({quest.title for quest in QUESTS}) == 8
    assert {quest.tab for quest in QUESTS} == {"Draw", "Images"}
    assert DONE_BY.keys() == NOT_DONE_BY.keys() == {quest.name for quest in QUESTS}


@pytest.mark.parametrize("quest", QUESTS, ids=lambda quest: quest.name)
def test_a_quest_is_done_by_what_it_asks_for_alone(quest):
    assert all(map(quest.is_done, DONE_BY[quest.name]))
    assert not any(map(quest.is_done, NOT_DONE_BY[quest.name]))
    assert not quest.is_done(Deed([]))
