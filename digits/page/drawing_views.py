"""Drawings that were answered, and pictures of them for the page."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

import numpy as np
from PIL import Image

from digits.drawing import ink
from digits.drawing.canvas import CELLS, PEN_WIDTH, WIDE
from digits.recognition import records
from digits.recognition.classifier import Answer
from digits.system.design_tokens import EITHER_THEME

ZOOM = 10  # picture pixels per cell
THUMBNAIL_ZOOM = 3
GRID = (*EITHER_THEME.grid, 56)  # red, green, blue, alpha of the lines between cells


@dataclass(frozen=True, eq=False)
class AnsweredDrawing:
    """What was drawn in the window or on the pad, and the answer: of one digit, or of a number's digits."""

    time: float  # seconds since 1970
    answers: tuple[Answer, ...]
    strokes: tuple[ink.Stroke, ...]  # in cells, 28 high
    is_number: bool = False
    places: tuple[tuple[int, ...], ...] = ()  # of each digit of a number: the indices of its strokes
    told: tuple[records.Told | None, ...] = ()  # of each answer of the window: what its user said that it was
    written: str = ""  # the number with its signs, "?" for a digit that is not sure

    @classmethod
    def from_record(cls, content: object) -> "AnsweredDrawing":
        """Return the drawing of a record; raises RecordError for anything else (see `digits.recognition.records`)."""
        record = records.from_json(content)
        strokes = tuple(record.strokes)
        if isinstance(record, records.DigitRecord):
            told = records.Told(record.label, record.name) if record.label and record.name else None
            return cls(record.time, (record.answer,), strokes, told=(told,))
        answers = tuple(reading.answer for reading in record.digits)
        told = tuple(record.told.get(place) for place in range(len(answers)))
        places = tuple(reading.strokes for reading in record.digits)
        written = "".join(reading.verdict for reading in record.digits)
        return cls(record.time, answers, strokes, True, places, told, written)

    @property
    def answer(self) -> Answer:
        """The answer to a single digit; of a number the least sure one."""
        return min(self.answers, key=lambda answer: answer.confidence)

    @property
    def verdict(self) -> str:
        """The answer in words: "7", "2026", or what it is not sure of; an unsure digit of a number is a "?"."""
        if not self.is_number:
            return self.answer.text if self.answer.is_sure else self.answer.doubt
        return self.written

    @cached_property
    def picture(self) -> bytes:
        """The drawing on the window's grid, as PNG."""
        return canvas_picture(self.strokes, WIDE if self.is_number else CELLS)

    @property
    def digit_strokes(self) -> list[tuple[ink.Stroke, ...]]:
        """The strokes of each digit."""
        return [tuple(self.strokes[place] for place in places) for places in self.places] or [self.strokes]

    @cached_property
    def digit_pictures(self) -> tuple[np.ndarray, ...]:
        """What the network saw of each digit: uint8 (28, 28)."""
        return tuple(map(ink.normalize, self.digit_strokes))

    @cached_property
    def seen(self) -> bytes:
        """What the network saw, white on black as in MNIST, the digits of a number beside each other, as PNG."""
        return png(repeat_pixels(np.concatenate(self.digit_pictures, axis=1), ZOOM))

    @cached_property
    def thumbnail(self) -> str:
        """A small picture of what was drawn, as data URL."""
        return thumbnail(np.concatenate(self.digit_pictures, axis=1))


def canvas_picture(strokes: Sequence[ink.Stroke], columns: int = CELLS) -> bytes:
    """Return the strokes on the window's grid of cells, as PNG; without strokes the empty grid."""
    cells = repeat_pixels(ink.rasterize(strokes, PEN_WIDTH, (CELLS, columns)), ZOOM)
    pixels = np.pad(tinted(cells), ((0, 1), (0, 1), (0, 0)))  # room for the last lines of the grid
    paper = pixels[..., 3] == 0
    rows, lines = (np.arange(size) % ZOOM == 0 for size in paper.shape)
    pixels[paper & (rows[:, None] | lines)] = GRID
    return png(pixels)


def thumbnail(picture: np.ndarray) -> str:
    """Return a small picture of uint8 (n, m) ink in the page's colour, as data URL."""
    return data_url(png(tinted(repeat_pixels(picture, THUMBNAIL_ZOOM))))


def tinted(picture: np.ndarray) -> np.ndarray:
    """Return uint8 (n, m) ink as uint8 (n, m, 4) in the page's colour on transparent paper."""
    return np.dstack([np.full((*picture.shape, 3), EITHER_THEME.ink, np.uint8), picture])


def repeat_pixels(picture: np.ndarray, times: int) -> np.ndarray:
    """Return the picture with each pixel repeated in both directions."""
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def png(pixels: np.ndarray) -> bytes:
    """Return uint8 (n, m) grey or (n, m, 4) colour as a PNG file."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def data_url(content: bytes) -> str:
    """Return a PNG file as a URL that holds it."""
    return "data:image/png;base64," + base64.b64encode(content).decode()
