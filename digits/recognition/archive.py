"""A collection as one ZIP of its plain files, to carry it elsewhere and bring it back.

What is read may come from anybody: nothing is unpacked to a path that the ZIP names, and nothing larger than allowed.
"""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable
from typing import NamedTuple

from digits.recognition import collection
from digits.recognition.records import DigitRecord
from digits.system.files import UserError

MOST_FILES = 20_000
MOST_BYTES = 200_000_000  # of all files together, unpacked
OUR_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{8}\.json")  # of `collection.new_name`


class Archive(NamedTuple):
    """The drawings of a ZIP by name, and how many of its files were no drawings."""

    records: dict[str, DigitRecord]
    damaged: int


def pack(records: Iterable[tuple[str, DigitRecord]]) -> bytes:
    """Return a ZIP of drawings, each a JSON file of its name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, record in records:
            archive.writestr(name, json.dumps(record.to_json(), separators=(",", ":"), allow_nan=False) + "\n")
    return file.getvalue()


def unpack(content: bytes) -> Archive:
    """Return the drawings in a ZIP, from whatever folder in it; raises UserError where there are none, or too many.

    A drawing keeps its name if that is one of the collection's, and gets a new one otherwise.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if _is_drawing(member)]
            if len(members) > MOST_FILES or sum(member.file_size for member in members) > MOST_BYTES:
                raise UserError(f"The ZIP holds more than {MOST_FILES:,} drawings or {MOST_BYTES:,} bytes.")
            found = [(member, _read(archive, member)) for member in members]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UserError("This is no ZIP of a collection; choose one that was exported here.") from error
    records = {_name(member, record): record for member, record in found if record is not None}
    if not records:
        raise UserError("There are no drawings in this ZIP; choose one that was exported here.")
    return Archive(records, len(found) - len(records))


def _is_drawing(member: zipfile.ZipInfo) -> bool:
    return not member.is_dir() and collection.is_drawing(_file_name(member))


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> DigitRecord | None:
    """Return a drawing of a ZIP; None where it is damaged, encrypted or larger than it says."""
    try:
        with archive.open(member) as file:
            content = file.read(collection.MAX_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError):
        return None
    return collection.parse(content) if len(content) <= collection.MAX_BYTES else None


def _name(member: zipfile.ZipInfo, record: DigitRecord) -> str:
    name = _file_name(member)
    return name if OUR_NAME.fullmatch(name) else collection.new_name(record.time)


def _file_name(member: zipfile.ZipInfo) -> str:
    return member.filename.replace("\\", "/").rpartition("/")[2]
