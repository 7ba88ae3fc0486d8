"""Sheets: every digit in a picture is found, answered and put in reading order.

A picture may show one digit, a number or a page of many, dark on light or light on dark, in uneven light, on ruled or
squared paper. Where it shows one, its answer is the one that `digits.images` gives.
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digits import image_files, images, reading_order, theme
from digits.classifier import Answer, Classifier
from digits.contrast import Contrast, measure_contrast
from digits.files import UserError
from digits.marks import Mark, find_marks
from digits.resampling import enlarge
from digits.ruling import without_ruling

MOST_BYTES = 100_000_000  # of a file
WORK_SIDE = 160  # pixels, the least longest side at which pieces of ink are told apart
LONGEST_NAME = 60  # characters
PREVIEW_SIDE, SMALLEST_PREVIEW = 1600, 400  # pixels, the longest side of the picture with boxes
QUALITY = 85  # of its JPEG


@dataclass(frozen=True, eq=False)
class Found:
    """A digit: its box, its picture uint8 (28, 28) and the answer to it.

    box: left, top, right, bottom in pixels of the upright image.
    """

    box: tuple[float, float, float, float]
    picture: np.ndarray
    answer: Answer


@dataclass(frozen=True, eq=False)
class Sheet:
    """What was found in an image, line by line in reading order, and the image upright: its size and a small JPEG."""

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
        """The numbers, with spaces between them, line by line; a digit that is not sure is a "?"."""
        return "\n".join(" ".join(map(_text, numbers(line))) for line in self.lines)


def read_sheet(content: bytes, name: str, classifier: Classifier) -> Sheet:
    """Return the digits in an image file's content; raises UserError, which calls the file by its name."""
    name = "".join(char if char.isprintable() else " " for char in name)[:LONGEST_NAME] or "without a name"
    if len(content) > MOST_BYTES:
        raise UserError(f"The image {name} has more than {MOST_BYTES:,} bytes; scale it down and try again.")
    opened = image_files.open_picture(BytesIO(content), name)
    colors = image_files.colors(opened.picture)
    found = _found(image_files.greys(colors), classifier)
    if not found:
        raise images.blank(name)
    scale = max(opened.width, opened.height) / max(colors.shape[:2])
    limits = np.array([opened.width, opened.height] * 2)
    found = [Found(tuple(np.clip(np.multiply(box, scale), 0, limits).tolist()), picture, answer) for box, picture, answer in found]
    order = reading_order.lines_of(np.array([each.box for each in found]))
    lines = tuple(tuple(found[index] for index in line) for line in order)
    return Sheet(lines, opened.width, opened.height, _preview(colors))


def _found(grey: np.ndarray, classifier: Classifier) -> list[Mark]:
    contrast = measure_contrast(grey)
    values = without_ruling(contrast.values, contrast.dark_ink)
    times = max(1, -(-WORK_SIDE // max(grey.shape)))
    marks = find_marks(enlarge(values, times) if times > 1 else values, classifier.classify)
    if len(marks) > 1:
        return [Mark(box / times, picture, answer) for box, picture, answer in marks]
    digit = images.find_digit(grey if values is contrast.values else contrast.grey(values))
    if digit is None:
        return [Mark(box / times, picture, answer) for box, picture, answer in marks]
    return [Mark(np.array(digit.box), digit.picture, classifier.classify(digit.picture))]


def numbers(line: tuple[Found, ...]) -> list[tuple[Found, ...]]:
    """Return the digits of a line, parted where there is a space between them."""
    boxes = np.array([found.box for found in line])
    return [tuple(line[index] for index in number) for number in reading_order.numbers_of(boxes, [*range(len(line))])]


def _text(number): 
    return "".join(str(found.answer.digit) if found.answer.is_sure else "?" for found in number)

def _preview(colors):
    picture = Image.fromarray(np.clip(colors, 0, 255).astype(np.uint8))
    picture.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return _jpeg(picture)

def _jpeg(picture):
    file = BytesIO()
    picture.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()

def boxed(sheet):
    im=Image.open(BytesIO(sheet.preview)); d=ImageDraw.Draw(im); s=max(im.size)/max(sheet.width,sheet.height)
    f=ImageFont.truetype(str(theme.BOLD),24)
    for x in sheet.found:
        l,t,r,b=[v*s for v in x.box]; d.rectangle((l-3,t-3,r+3,b+3),outline=(255,0,0),width=2); d.text((r+3,t-20),str(x.answer.digit),font=f,fill=(0,0,255))
    return _jpeg(im)
