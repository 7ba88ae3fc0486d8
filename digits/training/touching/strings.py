"""Strings of digits that touch: pictures from which the network of touching digits learns to read ink uncut.

A string is one to four digits of MNIST, distorted, or drawn from templates by one pen; some strings are letters and
scribbles, in which nothing is to be read. Each digit is moved to the left until its ink meets that of the one before,
or farther, and up or down. Pictures are uint8 (ROWS, COLUMNS), the ink as high as the picture, at its left edge.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from digits.drawing import digit_templates, ink
from digits.drawing.digit_templates import TEMPLATES
from digits.images.mnist_layout import ink_box
from digits.sheets.digit_strings import ROWS, level
from digits.system import process_pool
from digits.training import augmentation, outliers, style_augmentation, synthetic_digits

LENGTHS = (0.2, 0.3, 0.32, 0.18)  # share of the strings of one digit, of two, of three, of four
COLUMNS = 112  # of a picture; broader strings are left out
TEMPLATE_SHARE = 0.5  # of the strings, drawn from templates
OUTLIER_SHARE = 0.05  # of the strings, that are no digits
HEIGHT = 40  # pixels, of a usual digit while strings are drawn
VARIATION, FOOT = 0.16, 0.13  # of HEIGHT, either way: a digit's height, and where its foot is
OVERLAP = 0.2  # of the mean width of two digits, at most; more where their ink meets only then
PENS = (0.04, 0.18)  # of HEIGHT: pencils to felt-tips
EDGE = (0.35, 0.65)  # of full ink: where the edge of MNIST's strokes is taken to be, which makes them broader or finer
SHARPNESS = 2.5  # of that edge
BLUR = (0.3, 2.2)  # pixels, standard deviation
PART = 2000  # strings that one process makes at a time


class Strings(NamedTuple):
    """Pictures uint8 (n, ROWS, COLUMNS), digits int8 (n, 4) and the column of each one's middle; -1 beyond the last."""

    pictures: np.ndarray
    digits: np.ndarray
    middles: np.ndarray


def make(count: int, images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Strings:
    """Return that many strings from MNIST's images uint8 (n, 28, 28) with labels (n,), and from templates.

    They are made in parts by all cores; the result does not depend on how many there are.
    """
    counts = [len(part) for part in np.array_split(range(count), max(1, count // PART))]
    parts = process_pool.spread(partial(_make_part, images=images, labels=labels), counts, rng.spawn(len(counts)))
    return Strings(*map(np.concatenate, zip(*parts, strict=True)))


def _make_part(count: int, rng: np.random.Generator, images: np.ndarray, labels: np.ndarray) -> Strings:
    chosen = rng.integers(len(labels), size=min(4 * count, len(labels)))
    styled = style_augmentation.add_habits(images[chosen], labels[chosen], rng)
    distorted = np.concatenate([augmentation.distort(chunk, rng) for chunk in np.array_split(styled, 1 + count // 500)])
    strings = Strings(
        np.zeros((count, ROWS, COLUMNS), np.uint8), np.full((count, 4), -1, np.int8), np.full((count, 4), -1, np.int8)
    )
    for number in range(count):
        made = None
        while made is None:
            made = _string(distorted, labels[chosen], rng)
        picture, digits, middles = made
        strings.pictures[number, :, : picture.shape[1]] = picture
        strings.digits[number, : len(digits)] = digits
        strings.middles[number, : len(digits)] = middles
    return strings


def _string(
    images: np.ndarray, labels: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Return the picture, digits and middles of a string; None if it is too broad or no ink is left."""
    length = 1 + rng.choice(4, p=LENGTHS)
    if rng.random() < OUTLIER_SHARE:
        kinds = rng.choice(len(outliers.KINDS), length)
        shapes = [_enlarge(outliers.KINDS[kind](images, labels, rng), 0.5, rng) for kind in kinds]
        digits = np.empty(0, int)
    elif rng.random() < TEMPLATE_SHARE:
        digits, pen = synthetic_digits.choose(length, rng), np.exp(rng.uniform(*np.log(PENS))) * HEIGHT
        shapes = [_draw(digit, pen, rng) for digit in digits]
    else:
        chosen, edge = rng.integers(len(labels), size=length), rng.uniform(*EDGE)
        digits = labels[chosen]
        shapes = [_enlarge(image, edge, rng) for image in images[chosen]]
    page, middles = _set_together(shapes, rng)
    if page.max() <= 0.5:  # all of a thin digit was taken for its edge
        return None
    blurred = ndimage.gaussian_filter(page, rng.uniform(*BLUR))
    blurred = np.clip(blurred / np.percentile(blurred[page > 0.5], 75), 0, 1)
    _, left, _, right = ink_box(blurred)
    picture = level(blurred)
    if picture.shape[1] > COLUMNS:
        return None
    columns = (middles[: len(digits)] - left) * picture.shape[1] / (right - left)
    return np.round(255 * picture).astype(np.uint8), digits, np.clip(columns, 0, picture.shape[1] - 1).astype(int)


def _enlarge(image: np.ndarray, edge: float, rng: np.random.Generator) -> np.ndarray:
    """Return the ink (h, w) in [0, 1] of a picture (28, 28), about HEIGHT high."""
    if image.max() < 128:
        return np.ones((2, 2))
    top, left, bottom, right = ink_box(image / 255)
    height, width = bottom - top, right - left
    scale = HEIGHT * (1 + rng.uniform(-VARIATION, VARIATION)) / max(height, width / 2)
    box = left - 1, top - 1, right + 1, bottom + 1  # so that the edge is smooth
    size = max(3, round((width + 2) * scale)), max(3, round((height + 2) * scale))
    fine = Image.fromarray(image).crop(box).resize(size, Image.Resampling.BICUBIC)
    shape = np.clip((np.asarray(fine) / 255 - edge) * SHARPNESS + 0.5, 0, 1)
    top, left, bottom, right = ink_box(shape) if shape.max() > 0.5 else (0, 0, *shape.shape)
    return shape[top:bottom, left:right]


def _draw(digit: int, pen: float, rng: np.random.Generator) -> np.ndarray:
    """Return the ink (h, w) in [0, 1] of a digit from a template, about HEIGHT high, by a pen of that width."""
    strokes = digit_templates.strokes(TEMPLATES[digit], rng)
    points = np.concatenate(strokes)
    low, (width, height) = points.min(axis=0), np.ptp(points, axis=0)
    scale = HEIGHT * (1 + rng.uniform(-VARIATION, VARIATION)) / max(height, width / 2)
    pen = min(pen, max(2.0, synthetic_digits.LOOP_PEN * width * scale)) if digit in synthetic_digits.LOOPED else pen
    margin = pen / 2 + 0.5
    shape = np.ceil(np.array([height, width]) * scale + 2 * margin).astype(int)
    return ink.rasterize([(stroke - low) * scale + margin for stroke in strokes], pen, tuple(shape)) / 255


def _set_together(shapes: list[np.ndarray], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the ink (h, w) of digits that touch, and the x of the middle of each."""
    margin = 8
    page = np.zeros((3 * HEIGHT, sum(shape.shape[1] for shape in shapes) + 2 * margin))
    end, before, middles = margin, 0, []
    for shape in shapes:
        height, width = shape.shape
        foot = round(2 * HEIGHT + HEIGHT * rng.uniform(-FOOT, FOOT))
        rows = page[foot - height : foot]
        left = end - round(rng.uniform(0, OVERLAP) * (before + width) / 2)
        if before:
            left = min(left, _first_contact(rows, shape))
        left = max(left, margin)
        rows[:, left : left + width] = np.maximum(rows[:, left : left + width], shape)
        middles.append(left + width / 2)
        end, before = max(end, left + width), width
    return page, np.array(middles)


def _first_contact(page: np.ndarray, shape: np.ndarray) -> int:
    """Return the column at which a shape (h, w) that comes from the right first meets the ink of a page (h, W)."""
    inked, own = (ndimage.binary_dilation(each > 0.5, np.ones((3, 1))) for each in (page, shape))
    ends = np.where(inked.any(1), page.shape[1] - inked[:, ::-1].argmax(1), -page.shape[1])
    starts = np.where(own.any(1), own.argmax(1), page.shape[1])
    return int((ends - starts).max())
