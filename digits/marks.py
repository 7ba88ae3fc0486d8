"""Marks: what is written on a page, piece by piece, and which pieces are one digit.

Connected components of the ink are the pieces. Specks are left out, and so is what is far larger than the digits: the
edge of the page, a frame. A piece that is no digit by itself goes to the digit beside it, such as the detached bar of a
five. Where two pieces could be two digits or one, as in an open four, the classifier is asked. Contrasts are float32
(h, w), about 0 for paper and without the paper's lines; boxes are top, left, bottom, right in pixels.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits.classifier import Answer
from digits.images import lay_out

SMOOTH = 0.8  # pixels
MIN_CONTRAST = 0.04  # of ink to paper; blank paper has less
ABOVE_NOISE = 5.0  # standard deviations of smoothed paper
POSSIBLE, SURE = 0.3, 0.5  # of the ink's contrast: a piece needs some of the second, and extends over the first
OUTLINE = 0.45  # of the ink's contrast, where a box begins
SMALLEST = 5  # pixels, the longest side of a piece
MOST_PIECES = 2000  # the largest are looked at

# All below in usual sides: the longest side of a usual digit is 1
GIANT = 3.0  # longest side of what is no digit
RIM = 0.5  # share of a piece's longest side that lies on the picture's edge, if it belongs to what is outside
SPECK = 0.12  # longest side of the largest speck
LOW, SHORT = 0.3, 0.55  # height of what is surely, and perhaps, no digit by itself
FLAT = 1.5  # width by height of a bar
BAR_GAP, GAP = 0.4, 0.15  # distance at most of a bar from its digit, and of other pieces
BELOW = 2.0  # times the distance counts for a bar that is not above its digit
HIGHEST, WIDEST = 1.5, 1.5  # of a digit of several pieces
APART = 0.3  # how much likelier than not pieces GAP apart are one digit; 1 where they touch

Classify = Callable[[np.ndarray], Answer]


class Mark(NamedTuple):
    """A digit: its box int (4,), the labels of its pieces, its picture uint8 (28, 28) and the answer to it."""

    box: np.ndarray
    labels: tuple[int, ...]
    picture: np.ndarray
    answer: Answer


def find_marks(values: np.ndarray, classify: Classify) -> list[Mark]:
    """Return the digits on a page of that contrast, in no order."""
    page = Page(values, classify)
    labels = page.digit_like()
    return [page.mark(group) for group in Grouping(page, labels).groups()]


class Page:
    """The pieces on a page: their labels (h, w), 0 for paper, and of each, counted from 1, box and ink."""

    def __init__(self, values: np.ndarray, classify: Classify):
        self.values = values
        self._classify = classify
        self._known: dict[tuple[int, ...], Mark] = {}
        self._smooth = ndimage.gaussian_filter(values, SMOOTH)
        self.ink = ink_contrast(self._smooth)
        self.labels, count = ndimage.label(self._smooth > POSSIBLE * self.ink, np.ones((3, 3)))
        found = ndimage.find_objects(self.labels)
        self.boxes = np.array([[s.start for s in box] + [s.stop for s in box] for box in found]).reshape(-1, 4)
        self.sizes = np.bincount(self.labels.ravel(), minlength=count + 1)[1:]
        is_sure = np.zeros(count + 1, bool)
        is_sure[self.labels[self._smooth > SURE * self.ink]] = True
        self.is_sure = is_sure[1:]

    def digit_like(self) -> np.ndarray:
        """Return the labels of the pieces that could be digits or parts of them, and set the usual side."""
        sides = (self.boxes[:, 2:] - self.boxes[:, :2]).max(1, initial=0)
        rim = np.concatenate([self.labels[[0, -1]].ravel(), self.labels[:, [0, -1]].ravel()])
        on_rim = np.bincount(rim, minlength=len(sides) + 1)[1:]
        keep = self.is_sure & (sides >= SMALLEST) & (on_rim < RIM * sides)
        self.usual = 1.0
        while keep.any():
            self.usual = weighted_median(sides[keep], self.sizes[keep])
            giant = keep & (sides > GIANT * self.usual)
            if not giant.any():
                break
            keep &= ~giant
        keep &= sides >= SPECK * self.usual
        chosen = np.flatnonzero(keep)
        return 1 + chosen[np.argsort(-sides[chosen], kind="stable")[:MOST_PIECES]]

    def box(self, labels: tuple[int, ...]) -> np.ndarray:
        """Return the box around pieces."""
        boxes = self.boxes[np.array(labels) - 1]
        return np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)])

    def distance(self, labels: tuple[int, ...], others: tuple[int, ...]) -> float:
        """Return how far pieces are from others, in pixels."""
        top, left, bottom, right = self.box(labels + others)
        part = self.labels[top:bottom, left:right]
        far = ndimage.distance_transform_edt(~np.isin(part, labels))
        return float(far[np.isin(part, others)].min())

    def mark(self, labels: tuple[int, ...]) -> Mark:
        """Return pieces as one digit, with the answer to it."""
        labels = tuple(sorted(labels))
        if labels not in self._known:
            top, left, bottom, right = box = self.box(labels)
            area = np.s_[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1]
            is_own = np.isin(self.labels[area], labels)
            smooth = self._smooth[area]
            own = np.percentile(self.values[area][is_own & (smooth > SURE * self.ink)], 75)
            is_own = ndimage.binary_dilation(is_own)
            found = np.clip(self.values[area] / own, 0, 1) * is_own
            picture = lay_out(found)
            inner = is_own & (smooth > OUTLINE * own)
            rows, columns = np.flatnonzero(inner.any(1)), np.flatnonzero(inner.any(0))
            if len(rows):
                corner = np.array([area[0].start, area[1].start] * 2)
                box = corner + (rows[0], columns[0], rows[-1] + 1, columns[-1] + 1)
            self._known[labels] = Mark(box, labels, picture, self._classify(picture))
        return self._known[labels]


class Grouping:
    """Shares the pieces of a page out among digits."""

    def __init__(self, page: Page, labels: np.ndarray):
        self._page, self._usual = page, page.usual
        self._group = {int(label): (int(label),) for label in labels}
        for _, first, second in self._neighbours(labels):
            one, other = self._group[first], self._group[second]
            if one != other and self._are_one(one, other):
                for label in one + other:
                    self._group[label] = one + other

    def groups(self) -> list[tuple[int, ...]]:
        """Return the labels of the pieces of each digit."""
        return [group for group in dict.fromkeys(self._group.values()) if not self._is_part(group)]

    def _neighbours(self, labels: np.ndarray) -> list[tuple[float, int, int]]:
        """Return the pairs of pieces that may be one digit's, the nearest first."""
        boxes = self._page.boxes[labels - 1]
        gap = np.maximum(boxes[:, None, :2] - boxes[None, :, 2:], boxes[None, :, :2] - boxes[:, None, 2:]).max(2)
        firsts, seconds = np.nonzero(np.triu(gap <= BAR_GAP * self._usual, 1))
        pairs = []
        for first, second in zip(labels[firsts].tolist(), labels[seconds].tolist(), strict=True):
            bar, body = sorted((first, second), key=lambda label: self._height((label,)))
            is_bar = self._is_bar((bar,)) and self._lies_over(bar, body)
            if not is_bar and max(self._gap(bar, body)) > GAP * self._usual:
                continue
            distance = self._page.distance((bar,), (body,)) / self._usual
            if distance <= (BAR_GAP if is_bar else GAP):
                above = self._page.boxes[bar - 1][0] < self._page.boxes[body - 1][0]
                pairs.append((distance * (BELOW if is_bar and not above else 1), first, second))
        return sorted(pairs)

    def _are_one(self, one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        top, left, bottom, right = self._page.box(one + other)
        if bottom - top > HIGHEST * self._usual or right - left > WIDEST * self._usual:
            return False
        if self._is_part(one) or self._is_part(other):
            return True
        if (
            min(self._height(one), self._height(other)) > SHORT * self._usual
            and max(self._gap_of(one, other)) > GAP * self._usual
        ):
            return False
        confidences = [self._page.mark(labels).answer.confidence for labels in (one, other, one + other)]
        apart = self._page.distance(one, other) / (GAP * self._usual)
        return confidences[2] * APART ** min(apart, 1) > confidences[0] * confidences[1]

    def _is_part(self, labels: tuple[int, ...]) -> bool:
        """Tell whether pieces are no digit by themselves."""
        return self._height(labels) < LOW * self._usual or self._is_bar(labels)

    def _is_bar(self, labels: tuple[int, ...]) -> bool:
        top, left, bottom, right = self._page.box(labels)
        return bottom - top < SHORT * self._usual and right - left > FLAT * (bottom - top)

    def _lies_over(self, bar: int, body: int) -> bool:
        (_, left, _, right), (_, start, _, stop) = self._page.boxes[[bar - 1, body - 1]]
        return min(right, stop) - max(left, start) > 0.3 * min(right - left, stop - start)

    def _height(self, labels: tuple[int, ...]) -> int:
        top, _, bottom, _ = self._page.box(labels)
        return bottom - top

    def _gap(self, one, other):
        return self._gap_of((one,), (other,))

    def _gap_of(self, one, other):
        a, b = self._page.box(one), self._page.box(other)
        return np.maximum(a[:2] - b[2:], b[:2] - a[2:])


def ink_contrast(smooth: np.ndarray) -> float:
    """Return the contrast of full ink, or 1 where there is none."""
    sample = smooth[::2, ::2]
    noise = 1.48 * np.median(np.abs(sample - np.median(sample)))
    above = sample[sample > max(MIN_CONTRAST, ABOVE_NOISE * noise)]
    if not len(above):
        return 1.0
    threshold = np.percentile(above, 99) / 2
    for _ in range(20):
        high = above > threshold
        if high.all() or not high.any():
            break
        before, threshold = threshold, above[high].mean() / 2
        if abs(before - threshold) < 1e-4:
            break
    return float(np.percentile(above[above > threshold], 75))


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the least value that has half of the weight at or below it."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
