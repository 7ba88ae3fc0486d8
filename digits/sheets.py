"""Sheets: every digit in a picture is found, answered and put in reading order.

A picture may show one digit, a number or a page of many, dark on light or light on dark, in uneven light, on ruled or
squared paper. Where it shows one, the answer is the one that `digits.images` gives.
"""

from io import BytesIO
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digits import image_files, images, theme
from digits.classifier import Answer, Classifier
from digits.contrast import measure_contrast
from digits.files import UserError
from digits.marks import find_marks
from digits.ruling import without_ruling


class Found(NamedTuple):
    box: tuple
    picture: np.ndarray
    answer: Answer


class Sheet(NamedTuple):
    lines: list[list[Found]]
    width: int
    height: int
    preview: bytes

    @property
    def found(self):
        return [f for line in self.lines for f in line]


def read_sheet(content: bytes, name: str, classifier: Classifier) -> Sheet:
    opened = image_files.open_picture(BytesIO(content), name)
    colors = image_files.colors(opened.picture)
    grey = image_files.greys(colors)
    contrast = measure_contrast(grey)
    values = without_ruling(contrast.values, contrast.dark_ink)
    marks = find_marks(values, classifier.classify)
    scale = max(opened.width, opened.height) / max(grey.shape)
    found = [
        Found(tuple(float(v) * scale for v in (m.box[1], m.box[0], m.box[3], m.box[2])), m.picture, m.answer)
        for m in marks
    ]
    return Sheet([found], opened.width, opened.height, Image.fromarray(colors.astype(np.uint8)))


def boxed(sheet):
    im = sheet.preview.copy()
    d = ImageDraw.Draw(im)
    s = max(im.size) / max(sheet.width, sheet.height)
    f = ImageFont.truetype(str(theme.BOLD), 24)
    for x in sheet.found:
        l, t, r, b = [v * s for v in x.box]
        d.rectangle((l - 3, t - 3, r + 3, b + 3), outline=(255, 0, 0), width=2)
        d.text((r + 3, t - 20), str(x.answer.digit), font=f, fill=(0, 0, 255))
    o = BytesIO()
    im.save(o, "JPEG")
    return o.getvalue()
