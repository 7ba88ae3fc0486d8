"""Drawings that were answered, and pictures of them for the page."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

import numpy as np
from PIL import Image

from digits import ink
from digits.canvas import PEN_WIDTH
from digits.classifier import Answer

ZOOM = 10  # picture pixels per cell
MOST = 0.999  # as much as is stated
INK = (99, 102, 241)  # indigo that reads on light and on dark pages: paper is transparent
GRID = (128, 132, 160, 56)  # red, green, blue, alpha of the lines between cells


@dataclass(frozen=True, eq=False)
class Drawing:
    """One answer of the window and the strokes it was given for, in cells of the 28x28 canvas."""

    time: float  # seconds since 1970
    answer: Answer
    strokes: tuple[ink.Stroke, ...]

    @classmethod
    def from_record(cls, record: dict) -> "Drawing":
        """Return the drawing of one record of the window (see `digits.results`)."""
        strokes = tuple(np.array(stroke, np.float64).reshape(-1, 2) for stroke in record["strokes"])
        answer = Answer(record["digit"], record["confidence"], tuple(record["probabilities"]), record["is_sure"])
        return cls(record["time"], answer, strokes)

    @cached_property
    def picture(self) -> bytes:
        """The drawing on the window's grid, as PNG."""
        return canvas_picture(self.strokes)

    @cached_property
    def seen(self) -> bytes:
        """What the network saw, white on black as in MNIST, as PNG."""
        return png(enlarge(ink.normalize(self.strokes), ZOOM))

    @cached_property
    def thumbnail(self) -> str:
        """A small picture of the drawn digit, as data URL."""
        small = png(tinted(enlarge(ink.normalize(self.strokes), 3)))
        return "data:image/png;base64," + base64.b64encode(small).decode()


def canvas_picture(strokes: Sequence[ink.Stroke]) -> bytes:
    """Return the strokes on the window's grid of 28x28 cells, as PNG; without strokes the empty grid."""
    cells = enlarge(ink.rasterize(strokes, PEN_WIDTH), ZOOM)
    pixels = np.pad(tinted(cells), ((0, 1), (0, 1), (0, 0)))  # room for the last lines of the grid
    paper = pixels[..., 3] == 0
    line = np.arange(len(pixels)) % ZOOM == 0
    pixels[paper & (line[:, None] | line)] = GRID
    return png(pixels)


def tinted(picture: np.ndarray) -> np.ndarray:
    """Return uint8 (n, m) ink as uint8 (n, m, 4) in the page's colour on transparent paper."""
    return np.dstack([np.full((*picture.shape, 3), INK, np.uint8), picture])


def enlarge(picture: np.ndarray, times: int) -> np.ndarray:
    """Return the picture with each pixel repeated in both directions."""
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def png(pixels: np.ndarray) -> bytes:
    """Return uint8 (n, m) grey or (n, m, 4) colour as a PNG file."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
