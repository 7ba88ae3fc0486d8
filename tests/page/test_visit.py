"""What a browser keeps of a visit: it comes back as it was, once, and nothing else comes in by it."""

import base64
import json
import zlib

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from digits.drawing import ink
from digits.page.history import HistoryEntry
from digits.page.visit import contents
from digits.page.visit.contents import Visit
from digits.recognition.classifier import Answer
from digits.recognition.collection import new_name
from digits.recognition.records import DigitRecord

ANSWER = Answer(7, 0.7, (0, 0.3, 0, 0, 0, 0, 0, 0.7, 0, 0), False)
SEVEN = (np.array([[5.0, 5.0], [20.0, 5.0], [10.0, 25.0]]),)
DRAWN = HistoryEntry(1.0, "pad", "7", ink.normalize(SEVEN), ANSWER, SEVEN)
SCANNED = HistoryEntry(2.0, "image", "sheet.png (1 of 2)", np.arange(784, dtype=np.uint8).reshape(28, 28), ANSWER)
NAME = new_name(3.0)
TAUGHT = DigitRecord(3.0, ANSWER, SEVEN, label="+")
VISIT = Visit([DRAWN, SCANNED], {NAME: TAUGHT}, {"hand": "Ada", "is_off": True, "removed": [1.5, [[2.5, "7"]]]})


def packed(content):
    return base64.b64encode(zlib.compress(json.dumps(content).encode())).decode()


def test_a_visit_comes_back_as_it_was():
    visit = contents.unpack(contents.pack(VISIT))
    for found, kept in zip(visit.entries, VISIT.entries, strict=True):
        assert (found.time, found.source, found.name) == (kept.time, kept.source, kept.name)
        assert found.answer == kept.answer
        assert np.array_equal(found.picture, kept.picture)
    assert np.array_equal(visit.entries[0].strokes[0], SEVEN[0])
    assert visit.taught[NAME].label == "+"
    assert visit.settings == VISIT.settings


def test_of_many_answers_the_latest_are_kept_and_they_fit_into_a_browser():
    many = [HistoryEntry(float(i), "image", "x" * 100, SCANNED.picture, ANSWER) for i in range(contents.MOST + 5)]
    text = contents.pack(Visit(many))
    assert len(text) < contents.LONGEST
    assert [entry.time for entry in contents.unpack(text).entries] == list(range(5, contents.MOST + 5))


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "nonsense",
        base64.b64encode(b"nonsense").decode(),
        packed(["a list"]),
        packed({"entries": 1})[:-8],
        base64.b64encode(zlib.compress(bytes(contents.MOST_BYTES + 1))).decode(),
        "A" * (contents.LONGEST + 4),
        base64.b64encode(zlib.compress(b"[" * 100_000)).decode(),
    ],
)
def test_what_is_no_visit_is_refused(text):
    with pytest.raises(ValueError, match="A kept visit"):
        contents.unpack(text)


def entry(**other):
    return {"from": "pad", "as": "7", **DigitRecord(1.0, ANSWER, SEVEN).to_json(), **other}


@pytest.mark.parametrize(
    "content",
    [
        {"entries": [entry(**{"from": "window"})]},  # those belong to the server
        {"entries": [entry(**{"as": "x" * 1000})]},
        {"entries": [entry(**{"as": None})]},
        {"entries": [entry(strokes=[[[1e9, 0]]])]},
        {"entries": ["nonsense", None, []]},
        {"entries": {"a": 1}, "taught": 7, "settings": []},
        {"taught": [["../name.json", TAUGHT.to_json()]]},
        {"taught": [[NAME, DigitRecord(3.0, ANSWER, SEVEN).to_json()]]},  # without a label
        {"taught": [[NAME, {}], [NAME], None]},
    ],
)
def test_what_is_damaged_is_left_out(content):
    assert contents.unpack(packed(content)) == ([], {}, {})


def page():
    import streamlit as st

    from digits.page import hands, visitor_session
    from digits.page.learn import quest_log
    from digits.page.visit import keeper

    state = st.session_state.setdefault(keeper.STATE, {"session": "s", "is_back": False})
    keeper.take_back(st.session_state["sent"], state)
    content = visitor_session.current_drawing()
    shown = len(visitor_session.own_entries()), len(content.strokes) if content else 0, hands.name() or "guest"
    st.text(f"{shown} {tuple(visitor_session.removed_from_window())} {sorted(quest_log.done())}")


SETTINGS = {"hand": "", "removed": [1.5, [[2.5, "7"]]], "quests": ["small", "none such", []]}
NOTHING = "(0, 0, 'mine') (0.0, frozenset()) []"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (
            {
                "content": contents.pack(VISIT._replace(settings=SETTINGS)),
                "drawing": {"version": 4, "columns": 28, "strokes": [[[5, 5], [9, 9]]]},
            },
            "(2, 1, 'guest') (1.5, frozenset({(2.5, '7')})) ['small']",
        ),
        (
            {
                "content": contents.pack(Visit(settings={"hand": "../../Eve", "removed": [1, [2]], "quests": 7})),
                "drawing": "x",
            },
            NOTHING,
        ),
        ({"content": "nonsense"}, NOTHING),
        ("nonsense", NOTHING),
    ],
)
def test_a_session_takes_back_what_its_browser_kept_once(monkeypatch, sent, shown):
    monkeypatch.setattr("digits.recognition.collection.default_hand", lambda: "mine")
    monkeypatch.setattr("digits.page.visitor_session.is_at_this_computer", lambda: True)
    test = AppTest.from_function(page, default_timeout=30)
    test.session_state["sent"] = sent
    for _ in range(2):
        test.run()
        assert not test.exception
        assert test.text[0].value == shown


def test_a_visit_is_packed_when_it_has_changed_and_only_then(monkeypatch):
    def script():
        from digits.page.visit import keeper

        keeper.show()

    from digits.page.visit import keeper

    packed, visits = [], [VISIT]
    monkeypatch.setattr(keeper.contents, "pack", lambda visit: packed.append(visit) or "text")
    monkeypatch.setattr(keeper, "current", lambda: visits[-1])
    monkeypatch.setattr(keeper, "_component", lambda **_: None)
    page = AppTest.from_function(script).run().run()
    assert packed == [VISIT]
    relabelled = {NAME: DigitRecord(3.0, ANSWER, SEVEN, label="x")}
    for change in ({"entries": [DRAWN]}, {"taught": relabelled}, {"settings": {"hand": "Bo"}}):  # one after another
        visits.append(visits[-1]._replace(**change))
        page.run().run()
        assert packed[-1] is visits[-1]
    assert len(packed) == 4
