"""What the browser keeps of a visit, as text: answers, what the visit taught, settings.

The text comes back from a browser, so nothing in it is trusted: whoever changes it changes their own visit, no other.
"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from digits.page.history import HistoryEntry
from digits.recognition.archive import OUR_NAME
from digits.recognition.records import LONGEST_NAME, DigitRecord, RecordError
from digits.system.files import shorten

MOST = 500  # answers, and as many taught drawings: the latest
MOST_BYTES = 20_000_000  # unpacked
LONGEST = 4_000_000  # characters; browsers keep some five million
SOURCES = ("pad", "image")
PLACES = 40  # characters, for "(1000 of 1000)" behind the name of a file
SHARE_DIGITS = 6  # decimals of a probability


class Visit(NamedTuple):
    """What is kept: answers, the earliest first; taught drawings by name; settings, of JSON's types, unchecked."""

    entries: Sequence[HistoryEntry] = ()
    taught: Mapping[str, DigitRecord] = {}
    settings: Mapping[str, object] = {}


def pack(visit: Visit) -> str:
    """Return a visit as text, as much of it as a browser keeps."""
    entries = [_entry_to_json(entry) for entry in visit.entries[-MOST:]]
    taught = [[name, record.to_json()] for name, record in sorted(visit.taught.items())[-MOST:]]
    content = {"entries": entries, "taught": taught, "settings": visit.settings}
    packed = zlib.compress(json.dumps(content, separators=(",", ":")).encode())
    return base64.b64encode(packed).decode()


def unpack(text: object) -> Visit:
    """Return the visit in a text that `pack` wrote; raises ValueError for anything else.

    Answers and drawings in it that are damaged are left out.
    """
    if not isinstance(text, str) or len(text) > LONGEST:
        raise ValueError("A kept visit is a text.")
    try:
        content = json.loads(_unpacked(base64.b64decode(text, validate=True)))
    except (ValueError, zlib.error, RecursionError) as error:
        raise ValueError("A kept visit is packed JSON.") from error
    if not isinstance(content, dict):
        raise ValueError("A kept visit is an object.")
    entries, taught, settings = (content.get(name) for name in ("entries", "taught", "settings"))
    found = [entry for item in _items(entries) if (entry := _entry_from_json(item))]
    pairs = [pair for item in _items(taught) if (pair := _taught_from_json(item))]
    return Visit(found, dict(pairs), settings if isinstance(settings, dict) else {})


def _unpacked(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(packed, MOST_BYTES)
    if not unpacker.eof:
        raise ValueError("It is cut short, or larger than any.")
    return content


def _items(found: object) -> list:
    return found[-MOST:] if isinstance(found, list) else []


def _entry_to_json(entry: HistoryEntry) -> dict:
    shares = tuple(round(share, SHARE_DIGITS) for share in entry.answer.probabilities)
    scan = None if entry.strokes else entry.picture
    record = DigitRecord(entry.time, entry.answer._replace(probabilities=shares), entry.strokes, scan=scan)
    return {"from": entry.source, "as": entry.name, **record.to_json()}


def _entry_from_json(item: dict) -> HistoryEntry | None:
    try:
        record = DigitRecord.from_json(item)  # which no other than a dict passes
    except RecordError:
        return None
    source, name = item.get("from"), item.get("as")
    if source not in SOURCES or not isinstance(name, str) or len(name) > LONGEST_NAME + PLACES:
        return None
    return HistoryEntry(
        record.time, source, shorten(name, len(name)), record.picture, record.answer, tuple(record.strokes)
    )


def _taught_from_json(item: object) -> tuple[str, DigitRecord] | None:
    if not isinstance(item, list) or len(item) != 2:
        return None
    name, content = item
    try:
        record = DigitRecord.from_json(content)
    except RecordError:
        return None
    is_drawing = isinstance(name, str) and OUR_NAME.fullmatch(name) and record.label is not None
    return (name, record) if is_drawing else None
