"""Words from strangers, in names, labels, cards and archives: where they come out, they are tame."""

import csv
import io
import json
import random
import zipfile
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from digits.bulk import answers, parts
from digits.classroom import report
from digits.classroom.room import Kept, Round
from digits.models.model_card import LONGEST_WARNING, ModelCard
from digits.page import history
from digits.page.visit import contents
from digits.recognition import archive, labels
from digits.recognition.archive import OUR_NAME
from digits.recognition.classifier import Answer
from digits.recognition.records import DigitRecord
from digits.system.files import LONGEST_WORD, UserError, shorten
from digits.system.output import print_error

ANSWER = Answer(7, 0.98, (0.0,) * 7 + (0.98, 0.01, 0.01))
PICTURE = np.zeros((28, 28), np.uint8)
PIECES = [
    *("=", "+", "-", "@", "\uff1d", "'", '"', ",", ";", " ", "<b>", "../", "\\", "7", "seven", "x" * 400),
    *("\n", "\r", "\t", "\0", "\x1b[2J", "\x9b", "\u2028", "\u202e", "\u200f", "\u2066", "\ud800"),
]
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d")


def words() -> Iterator[str]:
    """Yield many words that hold what forges lines, steers terminals or is computed."""
    drawn = random.Random(0)
    yield from PIECES
    for _ in range(100):
        yield "".join(drawn.choices(PIECES, k=drawn.randint(1, 6)))


def is_tame(text: str, longest: int = LONGEST_WORD) -> bool:
    return text.isprintable() and len(text) <= longest


def is_computed(cell: str) -> bool:
    """Tell whether a spreadsheet computes a cell, other than a plain number."""
    return cell.lstrip().startswith(BEGINS_FORMULA) and not cell.lstrip("+-").replace(".", "").isdigit()


def test_words_on_the_console_and_in_sentences_stay_on_their_line(capsys):
    for word in words():
        assert is_tame(shorten(word))
        assert str(UserError(f"No {word}.")).isprintable()
        print_error("recognition.py", word)
        assert capsys.readouterr().err.removesuffix("\n").isprintable()


def test_words_of_a_model_card_stay_on_their_line():
    for word in words():
        assert is_tame(ModelCard(entries={"warning": word}).warning, LONGEST_WARNING)
    assert ModelCard(entries={"warning": 7}).warning == ""


def cells(table: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(table)) for cell in row]


def test_no_word_in_a_table_is_computed(tmp_path):
    for word in words():
        if "\0" in word or "\ud800" in word:  # which no path, upload or label brings as far as a table
            continue
        entry = history.HistoryEntry(0.0, "image", word, PICTURE, ANSWER, label=word)
        kept = [Round(None, [Kept(word, PICTURE, ANSWER)], [])]
        with zipfile.ZipFile(io.BytesIO(report.as_zip(kept))) as of_class:
            tables = [history.as_csv([entry]), of_class.read("answers.csv").decode()]
        rows = [{"file": word, "error": word}]
        schema = answers.schema(of_sheets=False)
        parts.WRITERS[".csv"](tmp_path / "a.csv", iter([pa.Table.from_pylist(rows, schema)]), schema)
        with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
            tables.append(file.read())
        for table in tables:
            assert not any(map(is_computed, cells(table))), repr(word)


def test_words_make_no_path_in_an_archive():
    for word in words():
        entry = history.HistoryEntry(0.0, "image", word, PICTURE, ANSWER, label=word[:12])
        if "\ud800" in word:
            continue
        with zipfile.ZipFile(io.BytesIO(history.as_zip([entry]))) as packed:
            for name in packed.namelist():
                assert is_tame(name)
                assert not {"/", "\\", "."} & set(name.rpartition(".")[0])


def test_a_drawing_that_is_brought_is_called_as_we_call_them():
    record = json.dumps(DigitRecord(1.0, ANSWER, (), "7", PICTURE).to_json())
    for word in words():
        if "\ud800" in word or "\0" in word:  # no ZIP holds these
            continue
        brought = io.BytesIO()
        with zipfile.ZipFile(brought, "w") as packed:
            packed.writestr(f"{word}/../{word}-a.json", record)
        for name in archive.unpack(brought.getvalue()).records:
            assert OUR_NAME.fullmatch(name)


def test_labels_and_names_that_a_visit_brings_back_stay_on_their_line():
    for word in words():
        try:
            label = labels.checked(word)
        except UserError:
            continue
        assert is_tame(label.replace(labels.JOINER, ""), labels.MOST_CHARACTERS)
    entries = [history.HistoryEntry(float(place), "image", word, PICTURE, ANSWER) for place, word in enumerate(words())]
    visit = contents.unpack(contents.pack(contents.Visit(entries, {}, {})))
    assert visit.entries
    for line in history.as_text(visit.entries).removesuffix("\n").split("\n"):
        assert line.replace("\N{NO-BREAK SPACE}", " ").isprintable()


@pytest.mark.parametrize("cell", ["-5", "+3.14", "2.5"])
def test_a_number_in_a_table_stays_one(cell):
    entry = history.HistoryEntry(0.0, "image", "a.png", PICTURE, ANSWER, label=cell)
    assert cell in cells(history.as_csv([entry]))
