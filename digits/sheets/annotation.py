"""Annotation: the boxes of the digits drawn on their picture, each with a label that reads on light and on dark."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digits.sheets.digit_segmentation import BoundingBox
from digits.sheets.reading import Sheet, to_jpeg
from digits.system import design_tokens

SMALLEST_SIDE = 640  # pixels, the longest side of the smallest picture that is shown
AROUND = 4  # pixels from a box to its line
LINE, HALO = 2, 1  # pixels, the width of the line and of the halo on both sides of it
SURE_COLOR, UNSURE_COLOR = (
    (67, 56, 202),
    (180, 83, 9),
)  # indigo and amber; white letters on them have contrasts of 8 and 5
WHITE = (255, 255, 255)  # of halo and letters: line or halo stands out on any paper
LETTERS = 0.3  # of the typical box's longest side: the size of the letters ...
LETTER_SIZES = (14, 40)  # ... in pixels, at least and at most
PADDING = 0.22  # of the letters' size, around them


class LabelledBox(NamedTuple):
    """A box, its label, and whether the label is sure."""

    box: BoundingBox
    label: str
    is_sure: bool


def annotate(sheet: Sheet) -> bytes:
    """Return the image upright as JPEG, PREVIEW_SIDE at most, every digit in a box with its answer, and every sign."""
    picture = Image.open(BytesIO(sheet.preview)).convert("RGB")
    times = -(-SMALLEST_SIDE // max(picture.size))
    picture = picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
    scale = max(picture.size) / max(sheet.width, sheet.height)
    digits = [digit.scaled(scale) for digit in sheet.digits]
    boxes = [LabelledBox(digit.box, digit.verdict, digit.answer.is_sure) for digit in digits]
    signs = [LabelledBox(digit.sign.box, digit.sign.text, True) for digit in digits if digit.sign]
    draw_boxes(picture, boxes + signs)
    return to_jpeg(picture)


def draw_boxes(picture: Image.Image, boxes: Sequence[LabelledBox]) -> None:
    """Draw boxes and their labels on an RGB picture, each label where it hides least of the other boxes."""
    if not boxes:
        return
    canvas = ImageDraw.Draw(picture)
    lines = np.array([_grown(each.box, AROUND + LINE + HALO) for each in boxes])
    for line, each in zip(lines, boxes, strict=True):
        canvas.rectangle(tuple(line), outline=WHITE, width=LINE + 2 * HALO)
        canvas.rectangle(_grown(line, -HALO), outline=_color(each), width=LINE)
    typical = float(np.median((lines[:, 2:] - lines[:, :2]).max(1)))
    font = _font(round(np.clip(LETTERS * typical, *LETTER_SIZES)))
    taken = lines
    for line, each in zip(lines, boxes, strict=True):
        place = _place(line, _size(each.label, font), taken, picture.size)
        taken = np.vstack([taken, place])
        _write(canvas, place, each, font)


def _place(line: np.ndarray, size: tuple[int, int], taken: np.ndarray, picture: tuple[int, int]) -> BoundingBox:
    """Return the place for a label of that size beside a box's line, that overlaps least with what is taken (n, 4)."""
    (left, top, right, bottom), (width, height) = line, size
    corners = [(left, top - height), (right - width, top - height), (right, top), (left - width, top), (left, bottom)]
    x, y = np.array(corners).T
    x, y = x.clip(0, picture[0] - width), y.clip(0, picture[1] - height)
    places = np.stack([x, y, x + width, y + height], axis=1)
    common = np.minimum(places[:, None, 2:], taken[:, 2:]) - np.maximum(places[:, None, :2], taken[:, :2])
    hidden = common.clip(0).prod(2).sum(1) / (width * height)
    hidden[-1] += 1  # beneath a box only where there is no other room: it may stand above another
    return tuple(places[int(np.argmin(hidden))].tolist())


def _write(
    canvas: ImageDraw.ImageDraw, place: BoundingBox, labelled: LabelledBox, font: ImageFont.FreeTypeFont
) -> None:
    left, top, right, bottom = place
    canvas.rectangle((left, top, right - 1, bottom - 1), fill=_color(labelled))
    canvas.text(((left + right) / 2, (top + bottom) / 2), labelled.label, fill=WHITE, font=font, anchor="mm")


def _size(label: str, font: ImageFont.FreeTypeFont) -> tuple[int, int]:
    padding = 2 * PADDING * font.size
    return round(font.getlength(label) + padding), round(0.73 * font.size + padding)  # Inter's digits are so high


def _color(labelled: LabelledBox) -> tuple[int, int, int]:
    return SURE_COLOR if labelled.is_sure else UNSURE_COLOR


def _grown(box: Sequence[float], by: float) -> BoundingBox:
    left, top, right, bottom = box
    return left - by, top - by, right + by, bottom + by


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(design_tokens.BOLD), size)
