"""Marks: which pieces of ink on a page are one digit.

A piece that is no digit by itself goes to the one beside it, such as the detached bar of a five. Where two pieces could
be one digit or two, the classifier is asked. All lengths are in usual sides: the longest side of a usual digit is 1.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits.images.components import Group, Pieces
from digits.images.reading_order import turn_of
from digits.images.single_digit import lay_out
from digits.recognition.classifier import Answer

LOW, SHORT = 0.3, 0.55  # height of what is surely, and of what may be, no digit by itself
BAR = 1.1  # width by height of a lying stroke
BAR_GAP, GAP = 0.4, 0.15  # distance at most of a bar from the piece above or below it, and of other pieces
UNDER = 2.0  # times the distance counts for a bar that is not above its digit
OVER = 0.7  # of the narrower of two halves, that lies above or below the other
INSIDE = 0.9  # of one box's width and height, that the other box covers if they are one digit's
WIDEST, HIGHEST = 1.5, 1.5  # of a digit of several pieces
WHOLE = 1.3  # height of what may be a digit of an upper and a lower half
BROAD = 0.5  # width by height of an angle, and of no stem
STEM = 0.05  # how much lower than the angle the stem of an open four ends
OPEN = (4, 5)  # digits with parts that lie beside the rest
LIKELY = 0.6  # confidence in a digit of pieces that look like halves of one
LEAST_TURN = np.deg2rad(2)  # of a page that is read turned back
APART = 0.3  # how likely it is that pieces GAP apart are one digit before they are read; 1 where they touch


class Mark(NamedTuple):
    """A digit: its box (left, top, right, bottom) in pixels, its picture uint8 (28, 28) and the answer to it."""

    box: np.ndarray
    picture: np.ndarray
    answer: Answer


class Page:
    """What is written on a page: `groups` are the pieces of each digit, in no order; what is no digit is left out."""

    def __init__(self, pieces: Pieces, classify: Callable[[np.ndarray], Answer]):
        """Take the pieces of ink, and what answers pictures."""
        self._pieces, self._classify = pieces, classify
        self._known: dict[Group, Mark] = {}
        group: dict[int, Group] = {piece: (piece,) for piece in self._pieces.kept}
        for _, first, second in sorted(self._neighbours()):
            if group[first] != group[second] and self._are_one(group[first], group[second]):
                joined = tuple(sorted(group[first] + group[second]))
                group.update(dict.fromkeys(joined, joined))
        self.groups = [each for each in dict.fromkeys(group.values()) if not self._is_part(each)]

    def read(self) -> list[Mark]:
        """Return all digits; where their lines show that the page is turned, as they were written."""
        if not self.groups:
            return []
        marks = [self._mark(group) for group in self.groups]
        turn = turn_of(np.array([mark.box for mark in marks]))
        return marks if abs(turn) < LEAST_TURN else [self._read(group, turn) for group in self.groups]

    def _mark(self, group: Group) -> Mark:
        if group not in self._known:
            self._known[group] = self._read(group)
        return self._known[group]

    def _read(self, group: Group, turn: float = 0.0) -> Mark:
        """Return a group as a digit, read after the page is turned back by an angle in radians."""
        ink, box = self._pieces.ink(group)
        if turn:
            ink = np.clip(ndimage.rotate(ink, np.rad2deg(turn), order=1), 0, 1)
        picture = lay_out(ink)
        return Mark(box, picture, self._classify(picture))

    def _neighbours(self) -> list[tuple[float, int, int]]:
        """Return the pairs of pieces that are near enough to be one digit, with how far apart they are."""
        kept = np.array(self._pieces.kept, int)
        boxes = self._pieces.boxes[kept] / self._pieces.usual
        gaps = np.maximum(boxes[:, None, :2] - boxes[None, :, 2:], boxes[None, :, :2] - boxes[:, None, 2:]).max(2)
        heights = boxes[:, 3] - boxes[:, 1]
        pairs = []
        for first, second in np.argwhere(np.triu(gaps <= BAR_GAP, 1)):
            low, high = (first, second) if heights[first] <= heights[second] else (second, first)
            is_bar = self._is_bar((kept[low],))
            farthest = BAR_GAP if is_bar or self._is_inside((kept[low],), (kept[high],)) else GAP
            if gaps[low, high] > farthest:
                continue
            distance = self._pieces.distance((kept[low],), (kept[high],))
            if distance <= farthest:
                is_under = is_bar and boxes[low, 1] > boxes[high, 1]
                pairs.append((distance * (UNDER if is_under else 1), int(kept[low]), int(kept[high])))
        return pairs

    def _are_one(self, one: Group, other: Group) -> bool:
        """Tell whether two groups of pieces are one digit."""
        width, height = self._pieces.size(one + other)
        if width > WIDEST or height > HIGHEST:
            return False
        is_part = self._is_part(one) or self._is_part(other)
        if self._is_inside(one, other) or (is_part and self._lap(one, other) >= 0):
            return True
        joint = self._mark(tuple(sorted(one + other))).answer
        if is_part:
            return joint.digit in OPEN and joint.confidence > LIKELY
        distance = self._pieces.distance(one, other)
        if distance > GAP:
            return False
        if self._are_halves(one, other) or (self._are_open_four(one, other) and joint.digit == 4):
            return joint.confidence > LIKELY
        apart = self._mark(one).answer.confidence * self._mark(other).answer.confidence
        return joint.confidence * APART ** (distance / GAP) > apart

    def _is_part(self, group: Group) -> bool:
        """Tell whether a group is no digit by itself."""
        return self._pieces.size(group)[1] < LOW or self._is_bar(group)

    def _is_bar(self, group: Group) -> bool:
        width, height = self._pieces.size(group)
        return height < SHORT and width > BAR * height and self._pieces.is_straight(group)

    def _is_inside(self, one: Group, other: Group) -> bool:
        return min(self._lap(one, other, axis) for axis in (0, 1)) > INSIDE

    def _are_halves(self, one: Group, other: Group) -> bool:
        """Tell whether one group stands on the other and together they are as high as a digit, as rings of an eight."""
        return self._pieces.size(one + other)[1] < WHOLE and self._lap(one, other) > OVER

    def _are_open_four(self, one: Group, other: Group) -> bool:
        """Tell whether an angle stands left of a straight stem that reaches below it."""
        angle, stem = sorted((one, other), key=lambda group: self._pieces.box(group)[[0, 2]].sum())
        width, height = self._pieces.size(angle)
        lower = (self._pieces.box(stem)[3] - self._pieces.box(angle)[3]) / self._pieces.usual
        is_angle = width > BROAD * height and not self._pieces.has_hole(angle)
        return is_angle and lower > STEM and self._pieces.is_straight(stem)

    def _lap(self, one: Group, other: Group, axis: int = 0) -> float:
        """Return the share of the narrower group that is above or below the other (axis 0), or beside it (axis 1)."""
        (low, high), (start, stop) = (self._pieces.box(group)[axis::2] for group in (one, other))
        return float((min(high, stop) - max(low, start)) / min(high - low, stop - start))
