"""The room: who is in it, what they drew, rounds and what is hidden; and the report of it."""

import asyncio
import csv
import io
import time
import zipfile

import numpy as np
import pytest

from digits.classroom import report, room
from digits.classroom.room import Room
from digits.classroom.server import wall_news
from digits.classroom.signal import Signal
from digits.system.files import UserError
from digits.system.rate_limit import TooManyRequestsError

SEVEN = [[[5, 5], [20, 5], [10, 25]], [[9, 15], [20, 15]]]
ONE = [[[14, 4], [14, 24]]]


def payload(strokes=SEVEN, version=1, columns=28):
    return {"version": version, "columns": columns, "strokes": strokes}


def test_a_pupil_is_answered_and_is_on_the_wall(room):
    token = room.join(" Ada  L. ")
    reply = room.draw(token, payload(version=3))
    assert (reply["version"], reply["text"], reply["is_sure"]) == (3, "7", True)
    assert reply["words"].endswith("% sure")
    assert np.argmax(reply["shares"]) == 7
    (shown,) = wall_news(room, -1)["changed"]
    assert (shown["name"], shown["text"], shown["strokes"]) == ("Ada L.", "7", SEVEN)


def test_the_wall_is_told_of_what_has_changed_only(room):
    ada, ben = room.join("Ada"), room.join("")
    seen = room.changed.version
    room.draw(ben, payload(ONE))
    news = wall_news(room, seen)
    assert [(pupil["number"], pupil["name"]) for pupil in news["changed"]] == [(2, "Pupil 2")]
    assert news["present"] == [1, 2]
    assert room.find(ada).drawing is None


def test_what_is_no_drawing_is_refused_and_the_last_one_stays(room):
    token = room.join("Ada")
    room.draw(token, payload())
    assert room.draw(token, payload([])) == {"version": 1, "hint": ""}
    assert "only a dot" in room.draw(token, payload([[[1, 1]]]))["hint"]
    for bad in ({}, None, payload("no"), payload([[[1, 99]]]), payload([[[1, 1]]] * 101), payload(columns=84)):
        with pytest.raises(UserError):
            room.draw(token, bad)
    assert room.find(token).drawing.answer.text == "7"


def test_a_pupil_who_sends_too_often_has_to_wait(room, monkeypatch):
    now = time.monotonic()
    room._rate._clock = lambda: now
    token, other = room.join(""), room.join("")
    for _ in range(180):
        room.draw(token, payload([]))
    with pytest.raises(TooManyRequestsError):
        room.draw(token, payload([]))
    room.draw(other, payload([]))


@pytest.mark.parametrize("name", ["Zoë", "O\N{RIGHT SINGLE QUOTATION MARK}Neill", "Anne-Marie", "हिन्दी", "李小龍", ""])
def test_names_of_all_languages_are_taken(name):
    assert room.check_name(name) == name


@pytest.mark.parametrize("name", ["<b>", "a" * 21, "=1+1", "a/b", "\N{GRINNING FACE}", "a\u202eb", None, 7, ["a"]])
def test_what_is_no_name_is_refused_in_a_sentence(name):
    with pytest.raises(UserError, match="A name has at most 20 letters"):
        room.check_name(name)


def test_a_full_class_takes_nobody_until_somebody_is_removed(room):
    for _ in range(60):
        room.join("")
    with pytest.raises(UserError, match="60 have joined"):
        room.join("")
    room.remove(7)
    assert room.find(room.join("")).number == 61
    assert 7 not in wall_news(room, -1)["present"]


def test_what_is_hidden_is_gone_from_wall_tally_and_report_until_it_is_shown_again(room):
    token = room.join("Rude")
    room.draw(token, payload())
    room.hide(1, True)
    room.draw(token, payload(ONE))
    assert wall_news(room, -1)["changed"] == [{"number": 1, "is_hidden": True}]
    assert room.tally() == []
    assert room.rounds() == []
    room.hide(1, False)
    assert wall_news(room, -1)["changed"][0]["text"] == "1"
    assert len(room.rounds()) == 1


def test_a_new_round_clears_the_wall_and_keeps_the_last_one_for_the_report(room):
    token = room.join("Ada")
    room.draw(token, payload())
    room.ask("4")
    assert "strokes" not in wall_news(room, -1)["changed"][0]
    room.draw(token, payload(ONE))
    first, second = room.rounds()
    assert (first.asked, first.drawings[0].answer.text) == (None, "7")
    assert (second.asked, second.drawings[0].answer.text) == ("4", "1")
    for label in ("12", "x", 4, ["4"]):
        with pytest.raises(UserError):
            room.ask(label)


def test_only_so_many_rounds_are_kept(room):
    token = room.join("")
    for _ in range(35):
        room.draw(token, payload())
        room._rate._buckets.clear()
        room.ask("7")
    assert len(room.rounds()) == 30


def test_the_end_forgets_everything(room):
    room.draw(token := room.join("Ada"), payload())
    room.end()
    assert room.find(token) is None
    assert (room.pupils(), room.rounds(), wall_news(room, -1)["is_over"]) == ([], [], True)


def test_codes_and_keys_differ_from_class_to_class(model):
    rooms = [Room(model) for _ in range(20)]
    assert len({each.code for each in rooms}) == len({each.key for each in rooms}) == 20
    assert all(len(each.code) == 5 for each in rooms)


def test_the_report_holds_each_round_with_pictures_and_a_table(room):
    room.draw(room.join("Ada"), payload())
    room.ask("1")
    room.draw(room.join("-Ben"), payload(ONE))
    with zipfile.ZipFile(io.BytesIO(report.as_zip(room.rounds()))) as archive:
        assert archive.namelist() == ["class.html", "answers.csv", "round-01/01.png", "round-02/01.png"]
        html = archive.read("class.html").decode()
        first, second = csv.DictReader(io.StringIO(archive.read("answers.csv").decode()))
    assert "Everybody draws a 1" in html
    assert "Ada" in html
    assert "7, over 99.9" in html.replace("\N{NO-BREAK SPACE}", " ") or "7, 9" in html
    assert (first["asked for"], first["name"], first["answer"]) == ("anything", "Ada", "7")
    assert (second["asked for"], second["name"], second["answer"]) == ("1", "'-Ben", "1")
    assert "Nothing was drawn" in report.as_html([])


def test_a_signal_wakes_those_who_wait_and_nobody_misses_the_latest():
    async def listen():
        signal = Signal()
        waiting = asyncio.create_task(signal.wait(0, 60))
        await asyncio.sleep(0)
        signal.send()
        await waiting
        await signal.wait(0, 60)  # what was sent before is not waited for
        await signal.wait(1, 0.01)  # and nothing new comes
        return signal.version

    assert asyncio.run(listen()) == 1
