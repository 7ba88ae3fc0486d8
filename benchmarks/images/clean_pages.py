"""Clean pages as grey images: lines of digits drawn from templates, with the parts and papers that test a reader.

Where `sheet_files` imitates photos, these are exact: what changes from one page to the next is known to the pixel.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from benchmarks.images import image_files
from benchmarks.support import template_digits
from digits.drawing import ink

PAPER, INK = 235, 40  # grey
DIGIT_HEIGHT = 48  # pixels
CELL, TABLE_MARGIN = 64, 50  # pixels, the side of a table's cells and what is around them
Strokes = Sequence[np.ndarray | Sequence[tuple[float, float]]]

# Digits of several components, in the templates' box of width 10 and height 16
DETACHED_FIVE = [[(8, 1), (3, 1)], [(2, 4), (2, 8), (6, 7), (9, 10), (8, 14), (5, 16), (0, 14)]]
OPEN_FOUR = [[(1, 0), (0, 9), (6, 9)], [(9, 3), (8, 16)]]
RINGS = [[(5 + r * np.sin(a), y - r * np.cos(a)) for a in np.linspace(0, 6.3, 20)] for r, y in ((3, 3), (4, 11.6))]


def draw_page(
    text: str, pen: float = 5, spacing: float = 12, parts: Mapping[str, Strokes] | None = None, margin: int = 40
) -> np.ndarray:
    """Return lines of digits as greys uint8 (h, w); a space is as wide as a digit is high.

    pen, spacing, margin: in pixels. parts: other strokes for some digits.
    """
    placed, y, widest = [], margin, 0.0
    for line in text.splitlines():
        x = float(margin)
        for character in line:
            if character == " ":
                x += DIGIT_HEIGHT
            else:
                strokes = (parts or {}).get(character) or template_digits.strokes(int(character))
                scaled = [np.array(stroke, float) * DIGIT_HEIGHT / 16 for stroke in strokes]
                left = min(stroke[:, 0].min() for stroke in scaled)
                placed += [stroke - (left, 0) + (x, y) for stroke in scaled]
                x += max(stroke[:, 0].max() for stroke in scaled) - left
            x += spacing
        widest, y = max(widest, x), y + 2 * DIGIT_HEIGHT
    shape = (int(y - DIGIT_HEIGHT + margin), int(widest - spacing + margin))
    return on_paper(ink.rasterize(placed, pen, shape) / 255)


def draw_table(rows: Sequence[str], wall: int = 2) -> np.ndarray:
    """Return a table with a digit in each cell, or none for a space, as greys uint8 (h, w); wall: width in pixels."""
    shape = len(rows) * CELL + 2 * TABLE_MARGIN, len(rows[0]) * CELL + 2 * TABLE_MARGIN
    corner = np.array([0.33, 0.22]) * CELL + TABLE_MARGIN
    placed = [
        stroke * (0.55 * CELL / 16) + (column * CELL, row * CELL) + corner
        for row, line in enumerate(rows)
        for column, digit in enumerate(line)
        if digit != " "
        for stroke in template_digits.strokes(int(digit))
    ]
    grey = on_paper(ink.rasterize(placed, 4, shape) / 255)
    y, x = (np.arange(side) - TABLE_MARGIN for side in shape)
    on_row, on_column = (np.abs((each + CELL / 2) % CELL - CELL / 2) <= wall / 2 for each in (y, x))
    within_rows, within_columns = (
        (each >= -wall) & (each <= each[-1] + 1 - TABLE_MARGIN + wall / 2) for each in (y, x)
    )
    is_wall = (on_row[:, None] | on_column) & within_rows[:, None] & within_columns
    return np.where(is_wall, INK, grey).astype(np.uint8)


def on_paper(share: np.ndarray, paper: float = PAPER, pen: float = INK) -> np.ndarray:
    """Return the greys uint8 (h, w) of ink whose share of each pixel is given, in [0, 1]."""
    return np.round(paper + (pen - paper) * share).astype(np.uint8)


def add_squares(
    grey: np.ndarray, distance: int = 24, width: int = 2, shade: float = 0.3, degrees: float = 0
) -> np.ndarray:
    """Return greys on squared paper, whose lines take `shade` of the light."""
    y, x = np.indices(grey.shape)
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    on_line = ((y * cos - x * sin) % distance < width) | ((x * cos + y * sin) % distance < width)
    return np.minimum(grey, np.where(on_line, PAPER * (1 - shade), 255)).astype(np.uint8)


def encoded(pixels: np.ndarray | Image.Image, form: str = "PNG", **options) -> bytes:
    """Return greys or a picture as the bytes of a file."""
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    return image_files.encoded(picture, form, **options)
