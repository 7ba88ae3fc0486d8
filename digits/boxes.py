"""Boxes: drawn on a picture around what was found in it, each with a label that reads on light and on dark."""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from digits import theme

AROUND = 4  # pixels between a box and its line
LINE = 2  # pixels, the width of the line and of its rim
SURE, DOUBTFUL = (67, 56, 202), (180, 83, 9)  # indigo and amber; white letters on them have contrasts of 8 and 5
RIM = (255, 255, 255)  # around every line: line or rim stands out on any paper
LETTERS = 0.35  # of a box's longest side: the size of the letters of its label ...
LETTER_SIZES = (15, 44)  # ... in pixels, at least and at most
PADDING = 0.25  # of the letters' size, around them


class Labelled(NamedTuple):
    """A box (left, top, right, bottom) in pixels, its label, and whether the label is sure."""

    box: tuple[float, float, float, float]
    label: str
    is_sure: bool


def draw_boxes(picture: Image.Image, boxes: Iterable[Labelled]) -> None:
    """Draw boxes and their labels on an RGB picture; labels lie over all boxes."""
    canvas, boxes = ImageDraw.Draw(picture), list(boxes)
    for box, _, is_sure in boxes:
        outer = _grown(box, AROUND + LINE)
        canvas.rectangle(outer, outline=RIM, width=LINE + 2)
        canvas.rectangle(_grown(outer, -1), outline=SURE if is_sure else DOUBTFUL, width=LINE)
    for each in boxes:
        _draw_label(canvas, each, picture.size)


def _draw_label(canvas: ImageDraw.ImageDraw, labelled: Labelled, picture: tuple[int, int]) -> None:
    """Draw a label at the upper left corner of its box, above it, or below where there is no room."""
    left, top, right, bottom = _grown(labelled.box, AROUND + LINE)
    size = round(min(max(LETTERS * max(right - left, bottom - top), LETTER_SIZES[0]), LETTER_SIZES[1]))
    font, padding = _font(size), round(PADDING * size)
    start, _, stop, _ = font.getbbox(labelled.label)
    cap_top, cap_bottom = font.getbbox("0")[1::2]
    width, height = stop - start + 2 * padding, cap_bottom - cap_top + 2 * padding
    x = min(max(0, left), picture[0] - width)
    y = top - height if top >= height else min(bottom, picture[1] - height)
    color = SURE if labelled.is_sure else DOUBTFUL
    canvas.rectangle((x, y, x + width, y + height), fill=color, outline=RIM)
    canvas.text((x + padding - start, y + padding - cap_top), labelled.label, fill=RIM, font=font)


def _grown(box: tuple[float, float, float, float], by: float) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return left - by, top - by, right + by, bottom + by


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(theme.BOLD), size)
