"""Examples for those who cannot draw now: ten digits as strokes, and a sheet of written numbers as a picture."""

from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image

from digits.drawing import digit_templates, ink
from digits.drawing.canvas import CELLS

SEED, SHEET_SEED = 60, 8  # of the hands that write them
HEIGHT = 19.0  # cells, of an example on the canvas
BROADEST = 0.75  # of its height
SPACING = 1.0  # cells between two points of a stroke, at least
SHEET = ("2026 31 415", "867 5309", "12 345 678 90")  # lines
DIGIT_HEIGHT, LINE_HEIGHT, ADVANCE, MARGIN, PEN = 64, 130, 66, 70, 6.5  # pixels of the sheet
PAPER, INK = 248, 40  # grey levels


@cache
def digits() -> tuple[tuple[ink.Stroke, ...], ...]:
    """Return a drawing of each digit from 0 to 9: strokes float64 (n, 2) in cells, in the middle of the canvas."""
    rng = np.random.default_rng(SEED)
    corner = (CELLS - HEIGHT * np.array([BROADEST, 1])) / 2
    return tuple(tuple(thinned(stroke * HEIGHT + corner) for stroke in written(digit, rng)) for digit in range(10))


def written(digit: int, rng: np.random.Generator) -> list[ink.Stroke]:
    """Return the strokes of a digit from the templates, in a box 1 high and at most BROADEST wide, in its middle."""
    strokes = digit_templates.strokes(digit_templates.TEMPLATES[digit], rng)
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = min(BROADEST / (high - low)[0], 1 / (high - low)[1])
    return [(stroke - (low + high) / 2) * scale + [BROADEST / 2, 0.5] for stroke in strokes]


def thinned(stroke: ink.Stroke) -> ink.Stroke:
    """Return a stroke without points that lie close to the one before; the last one stays."""
    kept = [stroke[0]]
    kept += [point for point in stroke[1:-1] if np.hypot(*(point - kept[-1])) >= SPACING]
    return np.round([*kept, stroke[-1]], 1)


@cache
def sheet() -> bytes:
    """Return a sheet of paper with lines of digits, dark on light, as a PNG file."""
    rng = np.random.default_rng(SHEET_SEED)
    width = MARGIN * 2 + ADVANCE * max(map(len, SHEET))
    strokes = [
        stroke * DIGIT_HEIGHT + [MARGIN + ADVANCE * place, MARGIN + LINE_HEIGHT * line]
        for line, text in enumerate(SHEET)
        for place, character in enumerate(text)
        if character != " "
        for stroke in written(int(character), rng)
    ]
    covered = ink.rasterize(strokes, PEN, (MARGIN + LINE_HEIGHT * len(SHEET), width)) / 255
    file = BytesIO()
    Image.fromarray(np.round(PAPER + (INK - PAPER) * covered).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()
