"""The user's own collection: a folder of small files that is written safely, read whole and looked at."""

import errno
import json
import os
import re
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.drawing import ink
from digits.recognition import collection
from digits.recognition.classifier import Answer
from digits.recognition.stores import FolderStore
from digits.system.files import UserError
from tests.support.processes import run_python

PROBABILITIES = (0.01, 0.6, 0.01, 0.01, 0.01, 0.01, 0.01, 0.3, 0.02, 0.02)
ONE = Answer(1, 0.6, PROBABILITIES, is_sure=False)
SEVEN = [stroke + np.array([6, 5]) for stroke in template_digits.strokes(7)]
ANSWER = {"digit": 1, "confidence": 0.6, "probabilities": list(PROBABILITIES), "is_sure": False}
WHOLE = {"label": 7, "time": 5.0, **ANSWER, "strokes": [[[1, 2]]]}


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "mine" / "digits"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_drawing_comes_back_as_it_was_corrected(folder):
    path = collection.add(folder, SEVEN, 7, ONE, clock=lambda: 1_795_272_612.25)
    mine = collection.read(folder)
    (entry,) = mine.entries
    assert entry[:4] == (path, "7", ONE, 1_795_272_612.25)
    np.testing.assert_allclose(entry.strokes, SEVEN, atol=0.0005)
    assert (mine.labels.tolist(), mine.damaged) == (["7"], 0)
    assert (mine.pictures.dtype, mine.pictures.shape) == (np.uint8, (1, 28, 28))
    np.testing.assert_array_equal(mine.pictures[0], ink.normalize(entry.strokes))


def test_a_file_is_json_for_anyone_to_read(folder):
    record = json.loads(collection.add(folder, SEVEN, np.int64(7), ONE, clock=lambda: 5.0).read_text())
    assert record.pop("strokes") == [[[6.0, 5.0], [16.0, 5.0], [10.0, 21.0]]]
    assert record == {"label": 7, "time": 5.0, **ANSWER}


def test_names_are_in_the_order_of_time_and_never_the_same(folder):
    times = [9.0, 10.0, 10.000001, 1e9, 1_795_272_612.25, 1_795_272_612.25]
    added = [collection.add(folder, SEVEN, 7, ONE, clock=lambda at=at: at).name for at in times]
    assert len(set(added)) == len(times)
    assert [name.partition("-")[0] for name in names(folder)] == [name.partition("-")[0] for name in added]
    assert re.fullmatch(r"20261121T145012\.250000Z-[0-9a-f]{8}\.json", added[-1])
    assert [entry.time for entry in collection.read(folder).entries] == times


def test_a_second_correction_takes_the_place_of_the_first(folder):
    path = collection.add(folder, SEVEN, 7, ONE)
    assert collection.add(folder, SEVEN, 9, ONE, path=path) == path
    assert collection.count(folder) == 1
    assert collection.read(folder).labels.tolist() == ["9"]


def test_the_drawings_are_counted_and_nothing_else(folder):
    assert collection.count(folder) == 0
    for _ in range(3):
        collection.add(folder, SEVEN, 7, ONE)
    collection.write_overview(folder)
    (folder / ".draft-12345678.json").touch()
    (folder / "notes.txt").touch()
    assert collection.count(folder) == 3


@pytest.mark.parametrize("label", ["", "  ", "a\nb", "a label too long", "\u202eabc", "\x00"])
def test_what_is_no_label_is_refused(folder, label):
    with pytest.raises(UserError, match="A label"):
        collection.add(folder, SEVEN, label, ONE)
    assert not folder.exists()


def test_nothing_drawn_is_refused(folder):
    with pytest.raises(ValueError, match="Strokes are expected"):
        collection.add(folder, [], 7, ONE)


@pytest.mark.parametrize("label", ["+", "heart", "ä", "\N{HEAVY BLACK HEART}\ufe0f", "<b>&amp;", "10"])
def test_a_label_may_be_any_short_text(folder, label):
    assert json.loads(collection.add(folder, SEVEN, label, ONE).read_text())["label"] == label
    assert collection.read(folder).labels.tolist() == [label]


def test_a_write_that_fails_leaves_what_was_there(folder, monkeypatch):
    path = collection.add(folder, SEVEN, 7, ONE)

    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    for place in (None, path):
        with pytest.raises(UserError, match=r"cannot hold your own digits \(No space left on device\); mend that"):
            collection.add(folder, SEVEN, 9, ONE, path=place)
    assert names(folder) == [path.name]
    assert collection.read(folder).labels.tolist() == ["7"]


DAMAGED = {
    "cut off": '{"label": 7, "ti',
    "empty": "",
    "a list": "[]",
    "a number": "7",
    "nested without end": "[" * 100_000,
    "not utf-8": b"\xff\xfe\x00{",
    "no label": {"label": None},
    "label too large": {"label": 10},
    "label is true": {"label": True},
    "label too long": {"label": "thirteen chars"},
    "label of two lines": {"label": "a\nb"},
    "pictures of one row": {"picture": ["00" * 28]},
    "pictures of words": {"picture": ["word"] * 28},
    "signs are words": {"signs": ["+"]},
    "a source too long": {"source": "s" * 300},
    "answer too large": {"digit": 11},
    "time is no number": {"time": "now"},
    "time without end": {"time": float("inf")},
    "nine probabilities": {"probabilities": PROBABILITIES[:9]},
    "no strokes": {"strokes": []},
    "a stroke without points": {"strokes": [[]]},
    "points in space": {"strokes": [[[1, 2, 3]]]},
    "uneven points": {"strokes": [[[1, 2], [3]]]},
    "a point nowhere": {"strokes": [[[1, float("nan")]]]},
    "a point far away": {"strokes": [[[1, 1e200]]]},
    "strokes are a number": {"strokes": 3},
    "strokes are words": {"strokes": ["ab"]},
    "too long a number": '{"label": ' + "7" * 5000 + "}",
}


def test_damaged_files_are_passed_over_and_counted(folder):
    added = collection.add(folder, SEVEN, 7, ONE)
    for name, content in DAMAGED.items():
        text = json.dumps({**WHOLE, **content}) if isinstance(content, dict) else content
        (folder / f"{name}.json").write_bytes(text.encode() if isinstance(text, str) else text)
    (folder / "a folder.json").mkdir()
    (folder / "to nowhere.json").symlink_to("nowhere")
    (folder / "huge.json").write_text(json.dumps(WHOLE) + " " * collection.MAX_BYTES)
    (folder / "whole.json").write_text(json.dumps(WHOLE))
    mine = collection.read(folder)
    assert [entry.path for entry in mine.entries] == [added, folder / "whole.json"]
    assert mine.damaged == len(DAMAGED) + 3


def test_an_empty_folder_is_an_empty_collection(tmp_path):
    mine = collection.read(tmp_path)
    assert (mine.pictures.shape, mine.labels.shape, mine.entries, mine.damaged) == ((0, 28, 28), (0,), [], 0)
    assert "0 digits of yours" in collection.write_overview(tmp_path).read_text()


def test_a_file_in_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        for use in (
            lambda place=place: collection.add(place, SEVEN, 7, ONE),
            lambda place=place: collection.count(place),
            lambda place=place: collection.read(place),
        ):
            with pytest.raises(UserError, match=f"{place} is no folder; name a folder for your own digits"):
                use()


def test_a_folder_that_the_system_protects_is_named(folder, monkeypatch):
    collection.add(folder, SEVEN, 7, ONE)

    def denied(*arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    uses = [
        (os, "scandir", lambda: collection.count(folder)),
        (os, "scandir", lambda: collection.read(folder)),
        (os, "scandir", lambda: collection.hands(folder)),
        (os, "scandir", lambda: FolderStore(folder).stamps()),
        (os, "replace", lambda: collection.write_overview(folder)),
        (Path, "stat", lambda: FolderStore(folder).version()),
        (Path, "unlink", lambda: collection.delete(folder / "a.json")),
        (Path, "mkdir", lambda: collection.add(folder, SEVEN, 7, ONE)),
    ]
    for owner, function, use in uses:
        with monkeypatch.context() as patch:
            patch.setattr(owner, function, denied)
            with pytest.raises(UserError, match=f"^{re.escape(str(folder))} cannot hold .*Permission denied"):
                use()


def test_the_collection_is_kept_among_the_users_data(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, appauthor: tmp_path / name)
    assert collection.default_folder() == tmp_path / "handwriting" / "collection"


def test_the_overview_shows_every_drawing_under_its_digit(folder):
    for label, digit in [(7, 1), (7, 7), (3, 5)]:
        collection.add(folder, template_digits.strokes(label), label, Answer(digit, 0.6, PROBABILITIES))
    (folder / "a <b> & c?.json").write_text(json.dumps({**WHOLE, "label": 0}))
    (folder / "broken.json").touch()
    page = collection.write_overview(folder)
    html = page.read_text()
    assert page == folder / "index.html"
    assert re.findall(r"<h1>(.*?)</h1>", html) == ["4 digits of yours"]
    assert re.findall(r'<h2 id="d\d">(\d)', html) == ["0", "3", "7"]
    assert re.findall(r'aria-label="(.*?)"', html) == [
        "A 0, read as 1",
        "A 3, read as 5",
        "A 7, read as 7",  # newest first
        "A 7, read as 1",
    ]
    assert html.count("<path ") == 4
    assert "1 file could not be read" in html
    links = [unquote(link) for link in re.findall(r'<figure><a href="(.*?)"', html)]
    assert sorted(links) == [name for name in names(folder) if name not in ("index.html", "broken.json")]
    assert "a <b>" not in html


def test_the_overview_needs_nothing_else_and_follows_the_systems_colours(folder):
    collection.add(folder, SEVEN, 7, ONE)
    html = collection.write_overview(folder).read_text()
    assert "color-scheme: light dark" in html
    assert "--paper: light-dark(rgb(246, 245, 241), rgb(20, 21, 29));" in html
    assert not re.search(r"https?:|<script|<link|<img|url\(|@import", html)


@pytest.mark.skipif(os.name == "nt", reason="its file names are always text")
def test_a_file_name_that_is_no_text_does_not_stop_the_overview(folder):
    collection.add(folder, SEVEN, 7, ONE).rename(os.fsdecode(os.fsencode(folder) + b"/\xff.json"))
    assert 'href="%FF.json"' in collection.write_overview(folder).read_text(errors="strict")


def test_the_command_line_counts_and_writes_the_overview(folder):
    collection.add(folder, SEVEN, 7, ONE)
    done = run_python("-m", "digits.recognition.collection", folder)
    said = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert (said["drawings"], said["damaged"], said["folder"]) == (1, 0, str(folder))
    assert said["per_digit"] == {str(digit): int(digit == 7) for digit in range(10)}
    assert Path(said["overview"]) == folder / "index.html"
    assert (folder / "index.html").is_file()


def test_the_command_line_says_in_one_sentence_what_is_wrong(folder, capsys):
    assert collection.main([str(folder)]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith(
        f"digits.recognition.collection: There is no collection {folder}; correct an answer in the window"
    )


def test_without_a_folder_the_users_own_is_meant(folder, capsys, monkeypatch):
    monkeypatch.setattr(collection, "default_folder", lambda: folder)
    collection.add(folder, SEVEN, 7, ONE)
    assert collection.main([]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "folder": str(folder),
        "drawings": 1,
        "damaged": 0,
        "per_digit": {str(digit): int(digit == 7) for digit in range(10)},
        "overview": str(folder / "index.html"),
    }
