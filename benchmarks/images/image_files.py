"""Digits as image files: scans and photos of what somebody drew on paper.

Drawn with Pillow and not with the product's own renderer, a few hundred pixels wide, and written as PNG or JPEG, so
that the product meets them as it meets a user's files. Pens are given as multiples of the usual one, `USUAL_PEN`.
"""

from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.support import pen_strokes
from digits.drawing.canvas import CELLS, PEN_WIDTH

USUAL_PEN = PEN_WIDTH / (pen_strokes.CENTRED * CELLS)  # of the digit's longest side: the window's pen, about a tenth
SIDES = (200, 400)  # pixels
SHARES = (0.4, 0.8)  # of the picture: the longest side of the digit
MARGIN = 0.04  # of the picture, that no ink touches
FINENESS = 2  # a picture is drawn this much larger and then reduced, so that edges are smooth

# Of a photo
PHOTO_PEN = (0.5, 1.5)  # times the usual one: pencils, pens and felt-tips
PAPER = (150, 240)  # grey, where the light is full
INK = (0.1, 0.45)  # of the paper's grey
TINT = (0.88, 1.0)  # of the paper's red, green and blue
GRADIENT = (0.1, 0.4)  # of the light, lost from one side of the picture to the other
SHADOW = (0.0, 0.3)  # of the light, lost in the middle of a round shadow
BLUR = (0.5, 2.0)  # pixels, standard deviation
NOISE = (2.0, 8.0)  # grey levels, standard deviation
QUALITY = (50, 85)  # of the JPEG


class Kind(NamedTuple):
    """A kind of file: its suffix, and what makes its bytes of a digit."""

    suffix: str
    encode: Callable[[pen_strokes.Digit, np.random.Generator], bytes]


def draw(digit: pen_strokes.Digit, rng: np.random.Generator, pen: float = 1.0) -> Image.Image:
    """Return the digit somewhere in a grey picture of random size, black on white, all of it inside."""
    side = FINENESS * int(rng.integers(SIDES[0], SIDES[1] + 1))
    share = rng.uniform(*SHARES)
    margin = round(side * MARGIN)
    longest = share * side / (1 + pen * USUAL_PEN)  # of the pen's path; the pen reaches beyond it
    width = max(1, round(pen * USUAL_PEN * longest))
    inner = side - 2 * margin - width
    placed = pen_strokes.fit(digit, inner, longest / inner, rng.random(2))
    picture = Image.new("L", (side, side), 255)
    for stroke in placed:
        _pull(ImageDraw.Draw(picture), stroke + margin + width // 2, width)
    return picture.reduce(FINENESS)


def photograph(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a drawing as a camera sees it: paper and ink of some grey, uneven light, blur and noise."""
    paper = rng.uniform(*PAPER)
    covered = 1 - np.asarray(picture, np.float64) / 255
    seen = (paper * (1 - covered * (1 - rng.uniform(*INK)))) * _light(picture.size[0], rng)
    blurred = Image.fromarray(seen.astype(np.uint8)).filter(ImageFilter.GaussianBlur(rng.uniform(*BLUR)))
    colored = np.asarray(blurred)[..., None] * rng.uniform(*TINT, 3)
    noisy = colored + rng.normal(0, rng.uniform(*NOISE), colored.shape)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def plain(pen: float) -> Kind:
    """Return the kind of a clean PNG, black on white, drawn with that pen."""
    return Kind(".png", lambda digit, rng: encoded(draw(digit, rng, pen), "PNG"))


def _photo(digit: pen_strokes.Digit, rng: np.random.Generator) -> bytes:
    drawing = draw(digit, rng, rng.uniform(*PHOTO_PEN))
    return encoded(photograph(drawing, rng), "JPEG", quality=int(rng.integers(*QUALITY)))


KINDS: dict[str, Kind] = {
    "photo": Kind(".jpg", _photo),
    **{f"pen_width_{pen:g}": plain(pen) for pen in (0.5, 1, 2, 3)},
}


def encoded(picture: Image.Image, form: str, **options) -> bytes:
    """Return a picture as the bytes of a file of that form, such as "PNG"."""
    file = BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def _pull(canvas: ImageDraw.ImageDraw, points: np.ndarray, width: int) -> None:
    """Pull a round pen, `width` pixels wide, along a stroke of whole pixels."""
    corners = [tuple(map(int, point)) for point in points]
    canvas.line(corners, fill=0, width=width)
    radius = width / 2
    for x, y in corners:
        canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)


def _light(side: int, rng: np.random.Generator) -> np.ndarray:
    """Return the share of the light, float64 (side, side), that reaches each pixel."""
    y, x = np.mgrid[0 : 1 : side * 1j, 0 : 1 : side * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    along = ((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)) / np.sqrt(2) + 0.5
    center, size = rng.uniform(0, 1, 2), rng.uniform(0.2, 0.5)
    shadow = np.exp(-((x - center[0]) ** 2 + (y - center[1]) ** 2) / (2 * size**2))
    return (1 - rng.uniform(*GRADIENT) * along) * (1 - rng.uniform(*SHADOW) * shadow)
