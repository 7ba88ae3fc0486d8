"""Segmentation: which strokes on a wide canvas are one digit, and the number that the digits make.

The strokes are one line of writing. Lengths are in line heights, so that neither size nor place matters. Strokes that
surely belong together are a part. One to four neighbouring parts are a candidate for a digit, and each candidate has a
cost: for parts that stand apart, a size that is unusual beside the other digits, more strokes than the digit is usually
drawn in, an uncertain answer. The cheapest way to divide all parts among candidates is the shortest path through a
lattice, as in LeCun et al., "Gradient-based learning applied to document recognition", 1998, section V. The order of
drawing counts for little beside the places, so that a stroke may be added late.

Costs are in nats, like negative logarithms of probabilities. They are round numbers and not fitted to data.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from digits.drawing import ink, signs
from digits.drawing.signs import Box, Sign
from digits.recognition.classifier import Answer

MARK_SIZE = 0.1  # line heights; a stroke that spans less is a mark and no digit, unless there are only marks
MARK_DISTANCE = 0.35  # line heights from all other strokes, beyond which a mark belongs to no digit
MAX_LEAN = 0.6  # line heights sideways per line height down
NEUTRAL_OVERLAP = 0.05  # line heights by which strokes overlap that are as likely one digit as two
COST_PER_OVERLAP = 25.0  # nats in favour of one digit, for every line height more
CERTAIN_OVERLAP = 0.4  # line heights by which strokes overlap that are surely one digit
WEAKEST_LINK = -10.0  # nats, at a gap of 0.35 line heights; parts linked less are surely of two digits
MAX_PARTS = 4  # of a candidate; they come from its first and as many to the right of that
SHORT_DEVIATION = 0.2  # standard deviation of the logarithm of a digit's height, in line heights, below the line's ...
TALL_DEVIATION = 0.5  # ... and above it
MAX_HEIGHT_COST = 12.0  # nats
WIDE_RATIO = 1.1  # width by height, beyond which a digit is unusually wide ...
COST_PER_RATIO = 5.0  # ... and the nats for every 1 more
OUT_OF_ORDER_COST = 0.5  # nats; parts of one digit that were not drawn one after the other
DOUBT_WEIGHT, USUAL_DOUBT = 2.0, 0.1  # an answer of probability p costs WEIGHT * log(1 + (1 - p) / USUAL) nats
USUAL_STROKES = (1, 3, 1, 1, 2, 2, 1, 3, 1, 1)  # at most, as a rule, of each digit 0 to 9 drawn in several parts
EXTRA_STROKE_COST = 3.0  # nats for each stroke more

Classify = Callable[[np.ndarray], Answer]


class Reading(NamedTuple):
    """One digit of a number: the indices of its strokes in the drawing, its box and its answer.

    box: (left, top, right, bottom) of its points, in the strokes' unit. sign: what is written before it, if anything.
    """

    strokes: tuple[int, ...]
    box: Box
    answer: Answer
    sign: Sign | None = None

    @property
    def text(self) -> str:
        """The answer, after the sign."""
        return signs.before(self.sign, self.answer.text)

    @property
    def verdict(self) -> str:
        """The same with "?" for a digit that is not sure."""
        return signs.before(self.sign, self.answer.text if self.answer.is_sure else "?")


class _Candidate(NamedTuple):
    """A few parts that may be one digit."""

    bits: int  # 1 << 0 for its leftmost part, 1 << k for the k-th part to the right of it
    strokes: tuple[int, ...]
    cost: float  # of its shape
    stroke_costs: np.ndarray  # (10,), what it costs to be each digit, beyond the doubt


def read_number(
    strokes: Sequence[ink.Stroke], classify: Classify, cache: dict | None = None, has_signs: bool = True
) -> list[Reading]:
    """Return the digits that strokes make, from left to right; a small mark far from all other strokes is left out.

    strokes: arrays (n, 2), n >= 1, in the order of drawing, x to the right and y down, in any unit.
    classify: from a picture uint8 (28, 28) to its answer.
    cache: keeps the answers for the next call, when more has been drawn; pass the same dict every time.
    has_signs: whether there may be signs between the digits.
    """
    strokes = [np.asarray(stroke, np.float64).reshape(-1, 2) for stroke in strokes]
    known, used = {} if cache is None else cache, {}
    contents = [stroke.tobytes() for stroke in strokes]

    def answer(digit: tuple[int, ...]) -> Answer:
        key = tuple(contents[i] for i in digit)
        if key not in used:
            used[key] = known.get(key) or classify(ink.normalize([strokes[i] for i in digit]))
        return used[key]

    digits, sign_of = _digits_and_signs(strokes, answer) if has_signs else (_digits(strokes, answer), {})
    known.clear()  # of strokes that are gone
    known.update(used)
    return [Reading(digit, _box(strokes, digit), answer(digit), sign_of.get(digit)) for digit in digits]


def _digits_and_signs(
    strokes: list[ink.Stroke], answer: Callable[[tuple[int, ...]], Answer]
) -> tuple[list[tuple[int, ...]], dict[tuple[int, ...], Sign]]:
    """Return the strokes of every digit, from left to right, and the signs before some of them.

    What may be a sign is set aside; what then has no place before a digit of its own is read with the digits after all.
    """
    views = strokes, [stroke @ _set_upright(strokes) for stroke in strokes]
    line = max((np.ptp(stroke[:, 1]) for stroke in strokes), default=0.0) or 1.0
    marks = list(dict.fromkeys(mark for view in views for mark in signs.free_marks(view, line)))
    while True:
        digits = _digits_among(sorted(set(range(len(strokes))) - set(chain(*marks))), strokes, answer)
        places = [_place(mark, digits, views, line) for mark in marks]
        count = Counter(place[0] for place in places if place)
        kept = [mark for mark, place in zip(marks, places, strict=True) if place and count[place[0]] == 1]
        if len(kept) == len(marks):
            signed = zip(marks, places, strict=True)
            return digits, {place[0]: Sign(place[1], _box(strokes, mark)) for mark, place in signed if place}
        marks = kept


def _place(
    mark: tuple[int, ...], digits: list[tuple[int, ...]], views: Sequence[list[ink.Stroke]], line: float
) -> tuple[tuple[int, ...], str] | None:
    """Return the digit that a mark is a sign before, and the sign, as drawn or set upright; None if it is none."""
    for view in views:
        inks = [[view[index] for index in digit] for digit in digits]
        place = signs.place([view[index] for index in mark], inks, line)
        if place:
            return digits[place[0]], place[1]
    return None


def _digits_among(
    chosen: list[int], strokes: list[ink.Stroke], answer: Callable[[tuple[int, ...]], Answer]
) -> list[tuple[int, ...]]:
    """Return the strokes of every digit that the chosen strokes make."""

    def own(digit: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(chosen[index] for index in digit)

    return [own(digit) for digit in _digits([strokes[index] for index in chosen], lambda digit: answer(own(digit)))]


def _digits(strokes: list[ink.Stroke], answer: Callable[[tuple[int, ...]], Answer]) -> list[tuple[int, ...]]:
    """Return the strokes of every digit, from left to right.

    Only candidates on the cheapest path so far are classified: an answer can only add to a candidate's cost, so the
    first path of classified candidates is the cheapest of all (Dellin and Srinivasa, "A unifying formalism for
    shortest path problems with expensive edge evaluations via lazy best-first search", 2016).
    """
    if not strokes:
        return []
    boxes = _boxes(strokes)
    overlaps = _overlaps(strokes, boxes)
    parts = sorted(_parts(boxes[0], overlaps), key=lambda part: _union(boxes[1], part)[[0, 2]].sum())
    starting = _candidates(parts, boxes[0], overlaps)
    doubts: dict[tuple[int, ...], float] = {}
    while True:
        path = _cheapest(starting, doubts)
        unknown = [candidate for candidate in path if candidate.strokes not in doubts]
        if not unknown:
            return [candidate.strokes for candidate in path]
        doubts.update(
            (candidate.strokes, _doubt(answer(candidate.strokes), candidate.stroke_costs)) for candidate in unknown
        )


def _doubt(answer: Answer, stroke_costs: np.ndarray) -> float:
    """Return the cost of an answer, as the digit that costs least: 0 if certain, 4.6 if all are as likely."""
    return float((DOUBT_WEIGHT * np.log1p((1 - np.array(answer.probabilities)) / USUAL_DOUBT) + stroke_costs).min())


def _costs_of_strokes(parts: int, strokes: int) -> np.ndarray:
    """Return the cost of drawing each digit in so many parts and strokes, (10,); in one part any number is usual."""
    return EXTRA_STROKE_COST * np.maximum(strokes - np.array(USUAL_STROKES), 0) * (parts > 1)


def _boxes(strokes: list[ink.Stroke]) -> np.ndarray:
    """Return the strokes' boxes (left, top, right, bottom) in line heights: (2, n, 4), as drawn and set upright."""
    views = np.eye(2), _set_upright(strokes)
    boxes = np.array([[_extremes(stroke @ view) for stroke in strokes] for view in views])
    return boxes / _line_height(boxes[0])


def _set_upright(strokes: list[ink.Stroke]) -> np.ndarray:
    """Return what strokes are multiplied by, (2, 2), to take away their lean."""
    return np.array([[1, 0], [-_lean(strokes), 1]])


def _lean(strokes: list[ink.Stroke]) -> float:
    """Return by how much x grows with y where the pen goes steeply: the mean of dx / dy, weighted by |dy|."""
    moves = np.concatenate([np.diff(stroke, axis=0) for stroke in strokes])
    dx, dy = moves[np.abs(moves[:, 1]) > np.abs(moves[:, 0])].T
    return float(np.clip((dx * np.sign(dy)).sum() / max(np.abs(dy).sum(), 1e-9), -MAX_LEAN, MAX_LEAN))


def _line_height(boxes: np.ndarray) -> float:
    """Return the median height of the strokes that are not bars or marks beside the tallest."""
    heights = np.maximum(boxes[:, 3] - boxes[:, 1], (boxes[:, 2] - boxes[:, 0]) / 2)
    tallest = heights.max()
    return float(np.median(heights[heights >= tallest / 2])) if tallest > 0 else 1.0


def _box(strokes: list[ink.Stroke], chosen: Sequence[int]) -> Box:
    left, top, right, bottom = _extremes(np.concatenate([strokes[index] for index in chosen])).tolist()
    return left, top, right, bottom


def _extremes(points: np.ndarray) -> np.ndarray:
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def _union(boxes: np.ndarray, chosen: Sequence[int]) -> np.ndarray:
    several = boxes[list(chosen)]
    return np.concatenate([several[:, :2].min(axis=0), several[:, 2:].max(axis=0)])


def _depths(boxes: np.ndarray) -> np.ndarray:
    """Return how far each two boxes overlap sideways, (2, n, n); below 0 where there is a gap."""
    left, right = boxes[..., 0], boxes[..., 2]
    return np.minimum(right[:, :, None] - left[:, None], right[:, None] - left[:, :, None])


def _overlaps(strokes: list[ink.Stroke], boxes: np.ndarray) -> np.ndarray:
    """Return how far each two strokes overlap sideways, (n, n); below 0 where there is a gap.

    The overlap is the smaller of that as drawn and that without the lean, since neighbours may lean over each other.
    For strokes that cross, and so are no neighbours, it is that as drawn.
    """
    as_drawn, upright = _depths(boxes)
    for a, b in np.argwhere(
        np.triu((as_drawn > NEUTRAL_OVERLAP) & (upright < np.minimum(as_drawn, CERTAIN_OVERLAP)), 1)
    ):
        if _cross(strokes[a], strokes[b]):
            upright[a, b] = upright[b, a] = as_drawn[a, b]
    return np.minimum(as_drawn, upright)


def _cross(one: ink.Stroke, other: ink.Stroke) -> bool:
    """Tell whether two strokes cross: a segment of each has its ends on both sides of a segment of the other."""
    return bool((_cut(one, other) & _cut(other, one).T).any())


def _cut(one: ink.Stroke, other: ink.Stroke) -> np.ndarray:
    """Tell which segments (n) of one stroke lie on lines that cut which segments (m) of the other: bool (n, m)."""
    direction = np.diff(one, axis=0)[:, None]
    offset = other - one[:-1, None]
    side = np.sign(direction[..., 0] * offset[..., 1] - direction[..., 1] * offset[..., 0])
    return side[:, :-1] * side[:, 1:] < 0


def _parts(boxes: np.ndarray, overlaps: np.ndarray) -> list[tuple[int, ...]]:
    """Return strokes that surely are of one digit together and each other one alone; marks join the nearest stroke."""
    is_mark = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) < MARK_SIZE
    is_mark &= not is_mark.all()
    linked = (overlaps >= CERTAIN_OVERLAP) & ~is_mark & ~is_mark[:, None] | np.eye(len(boxes), dtype=bool)
    apart = np.maximum(boxes[:, None, :2] - boxes[:, 2:], boxes[:, :2] - boxes[:, None, 2:]).clip(0)
    distances = np.hypot(apart[..., 0], apart[..., 1]) + np.where(is_mark, np.inf, 0)
    is_stray = is_mark & (distances.min(axis=1) > MARK_DISTANCE)
    for mark in np.flatnonzero(is_mark & ~is_stray):
        nearest = distances[mark].argmin()
        linked[mark, nearest] = linked[nearest, mark] = True
    for _ in range(len(boxes).bit_length()):  # what is linked through others, too
        linked = linked @ linked
    first = linked.argmax(axis=1)
    return [tuple(np.flatnonzero(first == i).tolist()) for i in np.unique(first[~is_stray])]


def _candidates(parts: list[tuple[int, ...]], boxes: np.ndarray, overlaps: np.ndarray) -> list[list[_Candidate]]:
    """Return, for each part, the candidates in which it is the leftmost; parts from left to right."""
    part_boxes = np.array([_union(boxes, part) for part in parts])
    links = {
        (one, other): _link(parts[one], parts[other], overlaps)
        for one in range(len(parts))
        for other in range(one + 1, min(one + 1 + MAX_PARTS, len(parts)))
    }
    starting = []
    for first in range(len(parts)):
        starting.append([])
        for chosen, link in _linked(first, len(parts), links):
            strokes = tuple(sorted(stroke for part in chosen for stroke in parts[part]))
            cost = _cost_of_shape(_union(part_boxes, chosen)) - link
            bits = sum(1 << part - first for part in chosen)
            starting[-1].append(_Candidate(bits, strokes, cost, _costs_of_strokes(len(chosen), len(strokes))))
    return starting


def _link(one: tuple[int, ...], other: tuple[int, ...], overlaps: np.ndarray) -> float:
    """Return the nats by which two parts are one digit rather than two."""
    overlap = overlaps[np.ix_(one, other)].max()
    in_turn = any(abs(a - b) == 1 for a in one for b in other)
    return COST_PER_OVERLAP * (overlap - NEUTRAL_OVERLAP) - OUT_OF_ORDER_COST * (not in_turn)


def _linked(first: int, count: int, links: dict[tuple[int, int], float]) -> list[tuple[tuple[int, ...], float]]:
    """Return the sets of parts that begin with `first`, each with the sum of its strongest links.

    Each part but the first counts with its strongest link to a part before it.
    """
    grown: list[tuple[tuple[int, ...], float]] = [((first,), 0.0)]
    for part in range(first + 1, min(first + 1 + MAX_PARTS, count)):
        for chosen, total in list(grown):
            link = max(links[before, part] for before in chosen)
            if len(chosen) < MAX_PARTS and link > WEAKEST_LINK:
                grown.append(((*chosen, part), total + link))
    return grown


def _cost_of_shape(box: np.ndarray) -> float:
    """Return the cost of a digit's box, in line heights, that is low, tall or wide."""
    width, height = box[2:] - box[:2]
    size = np.log(max(height, 1e-9))
    cost = min((size / (SHORT_DEVIATION if size < 0 else TALL_DEVIATION)) ** 2 / 2, MAX_HEIGHT_COST)
    return cost + COST_PER_RATIO * max(width / max(height, 0.5) - WIDE_RATIO, 0)


def _cheapest(starting: list[list[_Candidate]], doubts: dict[tuple[int, ...], float]) -> list[_Candidate]:
    """Return the candidates that contain every part once and cost least together, from left to right."""
    # By the first part that is still free: bits of the parts after it that are taken -> cost and path so far.
    reached: list[dict[int, tuple[float, tuple[_Candidate, ...]]]] = [{} for _ in range(len(starting) + 1)]
    reached[0][0] = (0.0, ())
    for first, candidates in enumerate(starting):
        for taken, (cost, path) in reached[first].items():
            for candidate in candidates:
                if candidate.bits & taken:
                    continue
                bits, free = candidate.bits | taken, first
                while bits & 1:
                    bits, free = bits >> 1, free + 1
                total = cost + candidate.cost + doubts.get(candidate.strokes, 0.0)
                if total < reached[free].get(bits, (np.inf,))[0]:
                    reached[free][bits] = (total, (*path, candidate))
    return list(reached[-1][0][1])
