"""Digit segmentation: which components of ink on a page make up one digit.

A component that is no digit by itself goes to the one beside it, such as the detached bar of a five. Where two could be
one digit or two, the classifier is asked. All lengths are in typical sizes: the longest side of a typical digit is 1.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits.drawing.signs import Sign
from digits.images.components import ComponentGroup, Components
from digits.images.mnist_layout import ink_box, to_mnist
from digits.recognition.classifier import Answer
from digits.sheets.reading_order import page_turn
from digits.sheets.touching import may_be_several, part

LOW, SHORT = 0.3, 0.55  # height of what is surely, and of what may be, no digit by itself
BAR = 1.1  # width by height of a lying stroke
BAR_GAP, GAP = 0.4, 0.15  # distance at most of a bar from the component above or below it, and of other components
OVER = 0.7  # of the narrower of two halves, that lies above or below the other
INSIDE = 0.9  # of one box's width and height, that the other box covers if they are one digit's
WIDEST, HIGHEST = 1.5, 1.5  # of a digit of several components
WHOLE = 1.3  # height of what may be a digit of an upper and a lower half
OPEN = (4, 5)  # digits with parts that lie beside the rest
LIKELY = 0.6  # confidence in a digit of components that look like halves of one
LEAST_TURN = np.deg2rad(2)  # of a page that is read turned back
SIGN = 0.3  # of a digit's height, from its top to the middle of a sign beside it, at least
APART = 0.3  # how likely it is that components GAP apart are one digit before they are read; 1 where they touch


BoundingBox = tuple[float, float, float, float]  # left, top, right, bottom in pixels
Ink = tuple[np.ndarray, np.ndarray, Answer | None]  # (h, w) in [0, 1], the box around it, the answer if it is known


class RecognizedDigit(NamedTuple):
    """A digit: its box (left, top, right, bottom) in pixels, its picture uint8 (28, 28) and the answer to it.

    sign: what is written before it, if anything.
    """

    box: BoundingBox
    picture: np.ndarray
    answer: Answer
    sign: Sign | None = None

    @property
    def verdict(self) -> str:
        """The digit, or "?" where the answer is not sure."""
        return self.answer.text if self.answer.is_sure else "?"

    def scaled(self, scale: float) -> "RecognizedDigit":
        """Return the digit as found in a picture that is `scale` times as large."""
        return self.placed(lambda box: np.multiply(box, scale))

    def placed(self, to: Callable[[BoundingBox], np.ndarray]) -> "RecognizedDigit":
        """Return the digit with other boxes, given as what becomes of each."""
        sign = self.sign and Sign(self.sign.text, to_box(to(self.sign.box)))
        return self._replace(box=to_box(to(self.box)), sign=sign)


def to_box(edges: Sequence[float] | np.ndarray) -> BoundingBox:
    """Return left, top, right and bottom as plain numbers."""
    left, top, right, bottom = map(float, edges)
    return left, top, right, bottom


class DigitSegmentation:
    """The digits of a page: `groups` are the components of each, in no order; what is no digit is left out."""

    def __init__(self, components: Components, classify: Callable[[np.ndarray], Answer], has_signs: bool = True):
        """Take the components of ink, what answers pictures, and whether signs may stand beside digits."""
        self._components, self._classify, self._has_signs = components, classify, has_signs
        self._answered: dict[ComponentGroup, RecognizedDigit] = {}
        group: dict[int, ComponentGroup] = {each: (each,) for each in self._components.kept}
        for _, first, second in sorted(self._neighbours()):
            if group[first] != group[second] and self._are_one(group[first], group[second]):
                joined = tuple(sorted(group[first] + group[second]))
                group.update(dict.fromkeys(joined, joined))
        self.groups = [each for each in dict.fromkeys(group.values()) if not self._is_part(each)]

    def recognize(self) -> list[RecognizedDigit]:
        """Return all digits, without blobs; where their lines show that the page is turned, as they were written."""
        groups = [group for group in self.groups if not self._components.is_blob(group)]
        if not groups:
            return []
        inks: list[Ink] = []
        digits: list[RecognizedDigit] = []
        for group in groups:
            whole = self._recognize_upright(group)
            pieces = self._parted(group, whole.answer)
            inks += pieces or [(*self._components.ink(group), None)]
            digits += [self._recognize(*piece) for piece in pieces] or [whole]
        turn = page_turn(np.array([digit.box for digit in digits]))
        return digits if abs(turn) < LEAST_TURN else [self._recognize(*ink, turn=turn) for ink in inks]

    def _parted(self, group: ComponentGroup, answer: Answer) -> list[Ink]:
        """Return the ink of each of the touching digits that a group is; none where it is one digit."""
        if not may_be_several(*self._components.size(group), answer):
            return []
        corner = np.tile(self._components.corner(group), 2)
        pieces = part(self._components.ink(group)[0], answer)
        return [(piece.ink, corner + np.array(ink_box(piece.ink))[[1, 0, 3, 2]], piece.answer) for piece in pieces]

    def _recognize_upright(self, group: ComponentGroup) -> RecognizedDigit:
        if group not in self._answered:
            self._answered[group] = self._recognize(*self._components.ink(group))
        return self._answered[group]

    def _recognize(
        self, ink: np.ndarray, box: np.ndarray, answer: Answer | None = None, turn: float = 0.0
    ) -> RecognizedDigit:
        """Return ink as a digit, read after the page is turned back by an angle in radians.

        answer: where it is known; what the hand was taught counts for more.
        """
        if turn:
            ink = np.clip(ndimage.rotate(ink, np.rad2deg(turn), order=1), 0, 1)
        picture = to_mnist(ink)
        own = self._classify(picture)
        return RecognizedDigit(to_box(box), picture, own if answer is None or own.source else answer)

    def _neighbours(self) -> list[tuple[float, int, int]]:
        """Return the pairs of components that are near enough to be one digit, with how far apart they are."""
        kept = np.array(self._components.kept, int)
        boxes = self._components.boxes[kept] / self._components.typical_size
        gaps = np.maximum(boxes[:, None, :2] - boxes[None, :, 2:], boxes[None, :, :2] - boxes[:, None, 2:]).max(2)
        heights = boxes[:, 3] - boxes[:, 1]
        pairs = []
        for first, second in np.argwhere(np.triu(gaps <= BAR_GAP, 1)).tolist():
            low, high = (first, second) if heights[first] <= heights[second] else (second, first)
            lower, higher = ((self._components.kept[place],) for place in (low, high))
            is_bar = self._is_bar(lower)
            farthest = BAR_GAP if is_bar or self._is_inside(lower, higher) else GAP
            if gaps[low, high] > farthest:
                continue
            distance = self._components.distance(lower, higher)
            if distance <= farthest:
                pairs.append((distance, *lower, *higher))
        return pairs

    def _are_one(self, one: ComponentGroup, other: ComponentGroup) -> bool:
        """Tell whether two groups of components are one digit."""
        width, height = self._components.size(one + other)
        if width > WIDEST or height > HIGHEST:
            return False
        is_part = self._is_part(one) or self._is_part(other)
        if self._is_inside(one, other) or (is_part and self._lap(one, other) >= 0):
            return True
        joint = self._recognize_upright(tuple(sorted(one + other))).answer
        if is_part and self._has_signs and self._is_beside(one, other):
            return False
        if is_part:
            return joint.digit in OPEN and joint.confidence > LIKELY
        distance = self._components.distance(one, other)
        if distance > GAP:
            return False
        if self._are_halves(one, other) or (self._are_open_four(one, other) and joint.digit == 4):
            return joint.confidence > LIKELY
        apart = self._recognize_upright(one).answer.confidence * self._recognize_upright(other).answer.confidence
        return joint.confidence * APART ** (distance / GAP) > apart

    def _is_beside(self, one: ComponentGroup, other: ComponentGroup) -> bool:
        """Tell whether one group is as low beside the other as a sign, and no bar of a five."""
        boxes = sorted((self._components.box(one), self._components.box(other)), key=lambda box: box[3] - box[1])
        return bool((boxes[0][1] + boxes[0][3]) / 2 > boxes[1][1] + SIGN * (boxes[1][3] - boxes[1][1]))

    def _is_part(self, group: ComponentGroup) -> bool:
        """Tell whether a group is no digit by itself."""
        return self._components.size(group)[1] < LOW or self._is_bar(group)

    def _is_bar(self, group: ComponentGroup) -> bool:
        width, height = self._components.size(group)
        return height < SHORT and width > BAR * height and self._components.is_straight(group)

    def _is_inside(self, one: ComponentGroup, other: ComponentGroup) -> bool:
        return min(self._lap(one, other, axis) for axis in (0, 1)) > INSIDE

    def _are_halves(self, one: ComponentGroup, other: ComponentGroup) -> bool:
        """Tell whether one group stands on the other and together they are as high as a digit, as rings of an eight."""
        return self._components.size(one + other)[1] < WHOLE and self._lap(one, other) > OVER

    def _are_open_four(self, one: ComponentGroup, other: ComponentGroup) -> bool:
        """Tell whether an angle stands left of a straight stem that reaches below it."""
        angle, stem = sorted((one, other), key=lambda group: self._components.box(group)[[0, 2]].sum())
        is_lower = self._components.box(stem)[3] > self._components.box(angle)[3]
        return bool(is_lower) and not self._components.has_hole(angle) and self._components.is_straight(stem)

    def _lap(self, one: ComponentGroup, other: ComponentGroup, axis: int = 0) -> float:
        """Return the share of the narrower group that is above or below the other (axis 0), or beside it (axis 1)."""
        (low, high), (start, stop) = (self._components.box(group)[axis::2] for group in (one, other))
        return float((min(high, stop) - max(low, start)) / min(high - low, stop - start))
