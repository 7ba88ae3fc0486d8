"""Answers: the rows that a picture gives, in a worker; a picture that cannot be read gives one with its error.

For pictures of one digit: file, digit, confidence, is_sure, doubt, probabilities, error. For sheets, a row for each
page: file, page, number, digits (a list of digit, confidence, is_sure and box), error.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from digits.bulk.sources import Item
from digits.recognition.classifier import Recognizer
from digits.sheets.classification import classify
from digits.sheets.reading import read_pages
from digits.system.files import UserError, shorten

ERROR = pa.field("error", pa.string())
DIGIT = [pa.field("digit", pa.int8()), pa.field("confidence", pa.float32()), pa.field("is_sure", pa.bool_())]
DIGITS = pa.schema(
    [
        pa.field("file", pa.string()),
        *DIGIT,
        pa.field("doubt", pa.string()),
        pa.field("probabilities", pa.list_(pa.float32())),
        ERROR,
    ]
)
SHEETS = pa.schema(
    [
        pa.field("file", pa.string()),
        pa.field("page", pa.int32()),
        pa.field("number", pa.string()),
        pa.field("digits", pa.list_(pa.struct([*DIGIT, pa.field("box", pa.list_(pa.float32()))]))),
        ERROR,
    ]
)


def schema(of_sheets: bool) -> pa.Schema:
    """Return the columns of the table."""
    return SHEETS if of_sheets else DIGITS


def answer_all(classifier: Recognizer, of_sheets: bool, items: Sequence[Item]) -> pa.Table:
    """Return the rows of pictures, in their order."""
    answer = _sheet if of_sheets else _digit
    rows = [row for item in items for row in _rows(answer, item, classifier)]
    return pa.Table.from_pylist(rows, schema(of_sheets))


def failure(item: Item, sentence: str, of_sheets: bool) -> pa.Table:
    """Return the row of a picture that could not be answered."""
    return pa.Table.from_pylist([{"file": item.name, "error": sentence}], schema(of_sheets))


def _rows(answer, item: Item, classifier: Recognizer) -> list[dict]:
    try:
        if isinstance(item.content, UserError):
            raise item.content
        return [{"file": item.name, **row} for row in answer(shorten(item.name), item.content, classifier)]
    except UserError as error:
        return [{"file": item.name, "error": str(error)}]
    except Exception as error:  # whatever it is, the pictures behind this one are answered
        return [{"file": item.name, "error": f"It could not be read ({type(error).__name__}: {error})."[:200]}]


def _digit(name: str, content: Path | bytes | np.ndarray, classifier: Recognizer) -> list[dict]:
    is_array = isinstance(content, np.ndarray)
    answer = classifier.classify(content) if is_array else classify(content, name, classifier)
    return [{**answer.to_json(), "doubt": None if answer.is_sure else answer.doubt}]


def _sheet(name: str, content: Path | bytes | np.ndarray, classifier: Recognizer) -> list[dict]:
    if isinstance(content, np.ndarray):
        raise UserError(f"{name} is a picture of one digit; leave out --sheets.")
    return [
        {
            "page": sheet.page,
            "number": sheet.number,
            "digits": [{**digit.answer.to_json(), "box": list(digit.box)} for digit in sheet.digits],
        }
        for sheet in read_pages(content, name, classifier)
    ]
