"""A collection as a ZIP: it comes back whole, and what is no such ZIP does no harm."""

import io
import json
import zipfile
from collections.abc import Mapping

import numpy as np
import pytest

from digits.recognition import archive
from digits.recognition.classifier import Answer
from digits.recognition.records import DigitRecord
from digits.system.files import UserError

SEVEN = Answer(7, 0.91, (0.01,) * 7 + (0.91, 0.01, 0.01), True)
RECORD = DigitRecord(5.0, SEVEN, (np.array([[1.0, 2.0], [3, 4]]),), "heart")
SCAN = RECORD._replace(strokes=(), scan=np.arange(784).reshape(28, 28).astype(np.uint8))
NAME = "20261121T145012.250000Z-1f0c9a3e.json"


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return file.getvalue()


def text(record: DigitRecord) -> str:
    return json.dumps(record.to_json())


def test_drawings_come_back_as_they_were():
    other = NAME.replace("1f0c", "2f0c")
    back = archive.unpack(archive.pack([(NAME, RECORD), (other, SCAN)]))
    assert (list(back.records), back.damaged) == ([NAME, other], 0)
    assert [text(record) for record in back.records.values()] == [text(RECORD), text(SCAN)]


CUT_OFF = archive.pack([(NAME, RECORD)])[:-30]
EMPTY, OTHER, BROKEN = zipped({}), zipped({"notes.txt": "x"}), zipped({"a.json": "{"})


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip", EMPTY, OTHER, BROKEN, CUT_OFF])
def test_what_is_no_collection_is_one_sentence(content):
    with pytest.raises(UserError, match="ZIP"):
        archive.unpack(content)


@pytest.mark.parametrize(
    "path", ["../../etc/x.json", "/etc/x.json", "C:\\x.json", "..\\x.json", "a/b/../x.json", "x.json", "CON.json"]
)
def test_a_path_in_it_leads_nowhere(path):
    (name,) = archive.unpack(zipped({path: text(RECORD)})).records
    assert archive.OUR_NAME.fullmatch(name)


def test_damaged_files_are_counted_and_hidden_ones_passed_over():
    files = {f"Ada/{NAME}": text(RECORD), "broken.json": "{", "__MACOSX/._x.json": "x", "index.html": "<p>"}
    back = archive.unpack(zipped(files))
    assert (list(back.records), back.damaged) == ([NAME], 1)


def test_a_drawing_with_a_wrong_checksum_is_damaged():
    content = bytearray(archive.pack([(NAME, RECORD), ("other.json", RECORD)]))
    content[content.index(b"other.json") + 14] ^= 0xFF
    back = archive.unpack(bytes(content))
    assert (list(back.records), back.damaged) == ([NAME], 1)


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_holds(monkeypatch):
    monkeypatch.setattr(archive, "MOST_BYTES", 1_000_000)
    with pytest.raises(UserError, match="holds more than"):
        archive.unpack(zipped({"a.json": b" " * 2_000_000}))
    monkeypatch.setattr(archive, "MOST_FILES", 3)
    with pytest.raises(UserError, match="holds more than 3 drawings"):
        archive.unpack(zipped({f"{number}.json": "{}" for number in range(4)}))
    lying = bytearray(zipped({"a.json": b" " * 900_000, NAME: text(RECORD)}))
    size = (900_000).to_bytes(4, "little")
    while size in lying:  # it says that it is small
        start = lying.index(size)
        lying[start : start + 4] = (10).to_bytes(4, "little")
    assert archive.unpack(bytes(lying)).damaged == 1
