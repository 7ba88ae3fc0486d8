"""Sheets: every digit in a picture is found, answered and put in reading order.

A picture may show one digit, a number or a page of many, dark on light or light on dark, in uneven light, on ruled or
squared paper. Where it shows one, its answer is the one that `digits.images.single_digit` gives.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import NamedTuple

import numpy as np
from PIL import Image

from digits.images import decoding, reading_order, single_digit
from digits.images.annotation import Labelled, draw_boxes
from digits.images.background import measure_strokes
from digits.images.components import Pieces
from digits.images.digit_segmentation import Mark, Page
from digits.images.resampling import enlarge, reduction, shrink
from digits.recognition.classifier import Answer, Classifier
from digits.system.files import UserError

MOST_BYTES = 100_000_000  # of a file
MOST_PIECES = 1000  # of ink on a page: a digit in each square of a page of paper, and as many again
GLANCE_SIDE = 256  # pixels, the longest side at which pictures of broad strokes are looked at first ...
LARGE = 48  # pixels, ... and not again if the longest side of a usual digit is this there
WORK_SIDE = 160  # pixels, the least longest side at which pieces of ink are told apart
LONGEST_NAME = 60  # characters of a file's name that are repeated
PREVIEW_SIDE, SMALLEST_PREVIEW = 1600, 640  # pixels, the longest side of the picture that is shown
QUALITY = 85  # of its JPEG


@dataclass(frozen=True, eq=False)
class Found:
    """A digit: its box, its picture uint8 (28, 28) and the answer to it.

    box: left, top, right, bottom in pixels of the upright image.
    """

    box: tuple[float, float, float, float]
    picture: np.ndarray
    answer: Answer

    @property
    def verdict(self) -> str:
        """The digit, or "?" where the answer is not sure."""
        return str(self.answer.digit) if self.answer.is_sure else "?"


@dataclass(frozen=True, eq=False)
class Sheet:
    """What was found in an image, in lines in reading order; the size of the upright image in pixels, a small JPEG."""

    lines: tuple[tuple[Found, ...], ...]
    width: int
    height: int
    preview: bytes

    @property
    def found(self) -> list[Found]:
        """All digits in reading order."""
        return [found for line in self.lines for found in line]

    @property
    def text(self) -> str:
        """What is written, such as "1024 7": numbers parted by spaces, each line on its own."""
        return "\n".join(
            " ".join("".join(found.verdict for found in number) for number in numbers(line)) for line in self.lines
        )


class _Seen(NamedTuple):
    """Pieces of ink; how many pixels of the picture are one of theirs; greys without ruling, and the same of them.

    None where the paper has no lines.
    """

    pieces: Pieces
    scale: float
    unruled: tuple[np.ndarray, int] | None


def read_sheet(content: bytes, name: str, classifier: Classifier) -> Sheet:
    """Return the digits in an image file's content; raises UserError, which calls the file by its name."""
    name = shown(name)
    if len(content) > MOST_BYTES:
        raise UserError(f"The image {name} has more than {MOST_BYTES:,} bytes; scale it down and try again.")
    opened = decoding.open_picture(BytesIO(content), name)
    colors = decoding.colors(opened.picture)
    marks = find_marks(decoding.greys(colors), classifier, name)
    boxes = np.stack([mark.box for mark in marks]) * (max(opened.width, opened.height) / max(colors.shape[:2]))
    boxes = boxes.clip(0, [opened.width, opened.height] * 2)
    found = [Found(tuple(box.tolist()), mark.picture, mark.answer) for box, mark in zip(boxes, marks, strict=True)]
    lines = tuple(tuple(found[index] for index in line) for line in reading_order.lines_of(boxes))
    return Sheet(lines, opened.width, opened.height, _preview(colors))


def boxed(sheet: Sheet) -> bytes:
    """Return the image upright as JPEG, every digit in a box with its answer, the longest side PREVIEW_SIDE at most."""
    picture = Image.open(BytesIO(sheet.preview)).convert("RGB")
    times = -(-SMALLEST_PREVIEW // max(picture.size))
    picture = picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
    scale = max(picture.size) / max(sheet.width, sheet.height)
    boxes = [tuple(edge * scale for edge in found.box) for found in sheet.found]
    labels = [(found.verdict, found.answer.is_sure) for found in sheet.found]
    draw_boxes(picture, [Labelled(box, *label) for box, label in zip(boxes, labels, strict=True)])
    return _jpeg(picture)


def find_marks(grey: np.ndarray, classifier: Classifier, name: str) -> list[Mark]:
    """Return the digits, one at least, in greys (h, w) in [0, 255], in no order; raises UserError."""
    strokes = measure_strokes(grey)
    seen = _look(grey, strokes.are_dark, GLANCE_SIDE if strokes.are_broad else max(grey.shape))
    if strokes.are_broad and seen.pieces.usual < LARGE:
        seen = _look(grey, strokes.are_dark, max(grey.shape))
    if len(seen.pieces.kept) > MOST_PIECES:
        raise UserError(f"The image {name} shows more than {MOST_PIECES} marks; use one of fewer digits.")
    page = Page(seen.pieces, classifier.classify)
    if len(page.groups) > 1:
        return [mark._replace(box=mark.box * seen.scale) for mark in page.read()]
    unruled, scale = (grey, 1) if seen.unruled is None else seen.unruled
    digit = single_digit.find_digit(unruled)  # as `read_picture` does
    if digit is None:
        raise single_digit.blank(name)
    return [Mark(np.multiply(digit.box, scale), digit.picture, classifier.classify(digit.picture))]


def numbers(line: tuple[Found, ...]) -> list[tuple[Found, ...]]:
    """Return the digits of a line, parted where there is a space between them."""
    boxes = np.array([found.box for found in line])
    return [tuple(line[index] for index in number) for number in reading_order.numbers_of(boxes)]


def shown(name: str) -> str:
    """Return a file's name as it can be repeated within a sentence: one line, not too long."""
    printable = "".join(character if character.isprintable() else " " for character in name).strip()
    if len(printable) > LONGEST_NAME:
        return f"{printable[: LONGEST_NAME // 2]}\N{HORIZONTAL ELLIPSIS}{printable[-LONGEST_NAME // 2 :]}"
    return printable or "without a name"


def _look(grey: np.ndarray, dark_ink: bool, side: int) -> _Seen:
    """Return what is seen of greys (h, w) when their longest side is reduced to `side`."""
    small, block = shrink(grey, side), reduction(grey, side)
    unruled, values = single_digit.unruled(small, dark_ink)
    times = max(1, WORK_SIDE // max(small.shape))
    pieces = Pieces(enlarge(values, times) if times > 1 else values)
    return _Seen(pieces, block / times, None if unruled is small else (unruled, block))


def _preview(colors: np.ndarray) -> bytes:
    picture = Image.fromarray(colors.clip(0, 255).astype(np.uint8))
    picture.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return _jpeg(picture)


def _jpeg(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "JPEG", quality=QUALITY, subsampling=0)  # so that thin colored lines keep their color
    return file.getvalue()
