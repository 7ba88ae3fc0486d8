"""Schemas: what the API takes and answers, as typed models; `/api/docs` is made from them."""

from typing import Annotated

import numpy as np
from pydantic import BaseModel, Field, FiniteFloat, model_validator

from digits.drawing import ink
from digits.models.model_card import ModelCard
from digits.recognition.classifier import Answer
from digits.sheets.reading import Sheet

MAX_STROKES = 100
MAX_POINTS = 5000  # of all strokes together
MAX_COORDINATE = 1e6  # in any unit
MAX_INK = 200  # times the longest side of the drawing, of all strokes together

Coordinate = Annotated[FiniteFloat, Field(ge=-MAX_COORDINATE, le=MAX_COORDINATE)]
Stroke = Annotated[list[tuple[Coordinate, Coordinate]], Field(min_length=1, max_length=MAX_POINTS)]
Probability = Annotated[float, Field(ge=0, le=1)]


class Drawing(BaseModel):
    """The strokes of one digit, in any unit, at any place: x to the right, y down."""

    strokes: Annotated[list[Stroke], Field(min_length=1, max_length=MAX_STROKES)]

    @model_validator(mode="after")
    def _check_ink(self) -> "Drawing":
        if sum(map(len, self.strokes)) > MAX_POINTS:
            raise ValueError(f"the strokes have more than {MAX_POINTS:,} points together")
        arrays = self.arrays()
        side = ink.extent(arrays)
        if side <= ink.SMALLEST:
            raise ValueError("the strokes are only a dot")
        if sum(float(np.hypot(*np.diff(stroke, axis=0).T).sum()) for stroke in arrays) > MAX_INK * side:
            raise ValueError(f"the strokes are more than {MAX_INK} times as long as the drawing")
        return self

    def arrays(self) -> list[np.ndarray]:
        """Return the strokes, float64 (n, 2) each."""
        return [np.array(stroke, np.float64) for stroke in self.strokes]


class DigitAnswer(BaseModel):
    """The answer to one digit."""

    digit: Annotated[int, Field(ge=0, le=9, description="the likeliest digit")]
    confidence: Annotated[Probability, Field(description="its calibrated probability")]
    probabilities: Annotated[list[Probability], Field(description="of the digits 0 to 9")]
    is_sure: Annotated[bool, Field(description="whether the next digit is clearly less likely")]
    doubt: Annotated[str | None, Field(description="what it could be instead, where the answer is not sure")]

    @classmethod
    def fields_of(cls, answer: Answer) -> dict:
        """Return the fields that an answer fills."""
        return {**answer.to_json(), "doubt": None if answer.is_sure else answer.doubt}


class Classification(DigitAnswer):
    """The answer to a picture, or a drawing, of one digit."""

    milliseconds: Annotated[float, Field(description="that the answer took, without the way to the server and back")]


class BoxedDigit(DigitAnswer):
    """A digit on a page."""

    box: Annotated[
        tuple[float, float, float, float], Field(description="left, top, right and bottom in pixels of the picture")
    ]


class PageReading(BaseModel):
    """What is on a page: a picture has one, a PDF or a TIFF may have several."""

    page: Annotated[int, Field(description="its number in the file, from 1")]
    width: Annotated[int, Field(description="of the upright picture, in pixels")]
    height: int
    number: Annotated[str, Field(description="what is written: numbers parted by spaces, lines by newlines")]
    lines: Annotated[list[list[str]], Field(description="the same, as the numbers of each line")]
    digits: Annotated[list[BoxedDigit], Field(description="in reading order")]

    @classmethod
    def of(cls, sheet: Sheet) -> "PageReading":
        """Return what was read on a page."""
        digits = []
        for digit in sheet.digits:
            left, top, right, bottom = (round(edge, 1) for edge in digit.box)
            digits.append(BoxedDigit(**DigitAnswer.fields_of(digit.answer), box=(left, top, right, bottom)))
        lines = [line.split(" ") for line in sheet.number.splitlines()]
        return cls(
            page=sheet.page, width=sheet.width, height=sheet.height, number=sheet.number, lines=lines, digits=digits
        )


class Reading(BaseModel):
    """The pages of a file that have digits, one at least."""

    pages: list[PageReading]
    milliseconds: float


class Model(BaseModel):
    """What the model card says of the model that answers."""

    sha256: str
    test_accuracy: Annotated[float | None, Field(description="share of MNIST's test digits that it reads right")]
    parameters: int | None
    date: str
    temperature: Annotated[float, Field(description="softens the stated confidence")]
    least_odds: Annotated[float, Field(description="of the digit against the next, below which it is not sure")]
    warning: str
    recipe: dict[str, float]

    @classmethod
    def of(cls, card: ModelCard) -> "Model":
        """Return what a card says."""
        return cls.model_validate({name: getattr(card, name) for name in cls.model_fields})


class Health(BaseModel):
    """The server answers, and so does its model."""

    status: str = "ok"


class Problem(BaseModel):
    """What was wrong, in one sentence."""

    error: str
