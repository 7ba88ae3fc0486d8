"""Touching digits: ink that hangs together is parted where its pieces are likelier digits than the whole.

Ink is cut from top to bottom along seams that cross little of it. Each piece between two seams is a candidate that the
classifier answers. The cheapest way from the left to the right is the shortest path through their lattice, as it is for
strokes in `digits.recognition.segmentation`; the whole competes with the pieces. A seam is the cheapest path in a band
of its own, upright or leaning (Avidan and Shamir, "Seam carving for content-aware image resizing", 2007, section 3).

Lengths are in heights of the ink, costs of pieces in nats. What a seam costs is measured as ink, in pixels of ROWS.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy import ndimage

from digits.images.components import pen_width
from digits.images.filters import label_components, resample
from digits.images.mnist_layout import ink_box, to_mnist
from digits.recognition.classifier import Answer

SURE = 0.95  # confidence in an answer that is believed where ink is as broad as high; less where it is narrower ...
NARROW, BROAD = 0.5, 1.3  # ... down to none for what is one digit; and what may be several digits whatever the answer
ROWS = 40  # at which ink is cut and its pieces are answered
SOLID = 0.3  # of full ink
LEANS = np.linspace(-0.6, 0.6, 9)  # sideways per height down
MORE_LEAN = (-0.35, 0.0, 0.35)  # of seams than of the whole: digits lean differently
BAND = 0.3  # to the left and to the right of where a seam would run straight
STROKE, THICKNESS = 10.0, 0.1  # what a stroke costs that a seam crosses, and each of its pixels: contacts may be thick
SIDESTEP, ASTRAY = 0.03, 0.002  # of a full pixel of ink, that a step to the side costs, and each pixel off its middle
SEAMS_PER_WIDTH, FEWEST_SEAMS = 12, 3  # the best of them
ALIKE = 0.02  # of the ink, that two seams have between them at least
CROSSING = 0.25  # ROWS of solid pixels that two neighbouring seams may have between them the wrong way round
BIT = 0.12  # of a piece, below which what is cut off from the rest of its own digit is none of it
REACH = 0.25  # pens beyond a seam, of ink that belongs to both sides
LOWEST, WIDEST = 0.3, 1.9  # of a piece
CUT_COST = 9.0  # nats for a seam that costs as much as ROWS: one through a thin stroke costs about a tenth
DOUBT_WEIGHT, USUAL_DOUBT = 4.0, 0.05  # an answer of probability p costs WEIGHT * log(1 + (1 - p) / USUAL) nats
LEAST_CONFIDENCE = 0.4  # in a piece that is a digit
USUAL_WIDTHS = np.array([0.66, 0.35, *[0.66] * 8])  # of each digit, the middle ...
WIDTH_DEVIATIONS = np.array([0.33, 0.4, *[0.33] * 8])  # ... and the standard deviation of its logarithm
HEIGHT_DEVIATION = 0.3  # of the logarithm of a piece's height, below the whole's
MAX_WIDTH_COST = 4.0  # nats

Classify = Callable[[np.ndarray], Answer]


def may_be_several(width: float, height: float, answer: Answer) -> bool:
    """Tell whether ink of that box and answer is worth a try: it is broad for one digit, or broad enough and unsure."""
    breadth = width / height
    return breadth > BROAD or answer.confidence < SURE * min((breadth - NARROW) / (1 - NARROW), 1)


def part(digits: np.ndarray, answer: Answer, classify: Classify) -> list[np.ndarray]:
    """Return ink (h, w) in [0, 1] as that of each digit, in the same place, from left to right.

    answer: to the whole, which is returned alone where no pieces are likelier.
    """
    top, left, bottom, right = ink_box(digits)
    ink = resample(digits, (top, left, bottom, right), (ROWS, round(ROWS * (right - left) / (bottom - top))))
    masks = _Lattice(np.clip(ink / ink.max(), 0, 1), answer, classify).cheapest()  # a thin pen fills no row
    if len(masks) == 1:
        return [digits]
    rows, columns = np.indices(digits.shape)
    at = (
        np.clip((rows + 0.5 - top) * ink.shape[0] / (bottom - top), 0, ink.shape[0] - 1).astype(int),
        np.clip((columns + 0.5 - left) * ink.shape[1] / (right - left), 0, ink.shape[1] - 1).astype(int),
    )
    return [digits * mask[at] for mask in masks]


class _Lattice:
    """The pieces of ink (ROWS, w) between any two of its seams, and what it costs to take each for a digit."""

    def __init__(self, ink: np.ndarray, answer: Answer, classify: Classify):
        self._ink, self._solid, self._whole, self._classify = ink, ink > SOLID, answer, classify
        self._lean = _lean(ink)
        by_lean = [_seams(ink, self._lean + more) for more in MORE_LEAN]
        seams, crossed = map(np.concatenate, zip(*by_lean, strict=True))
        chosen = _select(ink, seams, crossed)
        columns = np.arange(ink.shape[1])
        everywhere = np.ones((1, *ink.shape), bool)
        self._right_of = np.concatenate([everywhere, columns >= seams[chosen][..., None], ~everywhere])
        self._crossed = np.concatenate([[0], crossed[chosen], [0]]) / ROWS
        self._last = len(chosen) + 1
        self._reach = round(REACH * pen_width(self._solid))
        self.mask, self._answer = cache(self.mask), cache(self._answer)  # of this lattice

    def cheapest(self) -> list[np.ndarray]:
        """Return the masks (ROWS, w) of the digits; only pieces on the cheapest path so far are answered."""
        ends = range(1, self._last + 1)
        costs = {(start, end): self._shape_cost(start, end) for end in ends for start in range(end)}
        costs[0, self._last] = self._cost(0, self._last)
        known = {(0, self._last)}
        while True:
            path = _shortest(costs, self._last)
            unknown = [piece for piece in path if piece not in known]
            if not unknown:
                break
            costs.update({piece: self._cost(*piece) for piece in unknown})
            known.update(unknown)
        return [self.mask(*piece) for piece in path]

    def mask(self, start: int, end: int) -> np.ndarray:
        """Return where the ink between two seams is, and around it: bool (ROWS, w)."""
        inside = self._right_of[start] & ~self._right_of[end]
        own = inside & self._solid
        bits, count = label_components(own)
        near = ndimage.binary_dilation(self._solid & ~inside, np.ones((3, 3)))
        sizes = np.bincount(bits.ravel())
        is_other = (np.bincount(bits[near & own], minlength=count + 1) > 0) & (sizes < BIT * own.sum())
        if not is_other[1:].all():
            own &= ~is_other[bits]
        if self._reach:
            own = ndimage.binary_dilation(own, np.ones((3, 3)), self._reach, self._solid)
        return np.where(self._solid, own, ndimage.binary_dilation(own))

    def _answer(self, start: int, end: int) -> Answer:
        if (start, end) == (0, self._last):
            return self._whole
        return self._classify(to_mnist(self._ink * self.mask(start, end)))

    def _size(self, start: int, end: int) -> tuple[float, float]:
        """Return width, without the lean, and height of a piece; 0 where there is none, or its seams cross in ink."""
        if np.count_nonzero(self._right_of[end] & ~self._right_of[start] & self._solid) > CROSSING * ROWS:
            return 0.0, 0.0
        y, x = np.nonzero(self._right_of[start] & ~self._right_of[end] & self._solid)
        return (float(np.ptp(x - self._lean * y) + 1) / ROWS, float(np.ptp(y) + 1) / ROWS) if len(y) else (0.0, 0.0)

    def _shape_cost(self, start: int, end: int) -> float:
        """Return what a piece costs whatever is read: infinite for what is no digit."""
        width, height = self._size(start, end)
        if height < LOWEST or width > WIDEST:
            return np.inf
        crossed = (self._crossed[start] + self._crossed[end]) / 2
        return float((np.log(height) / HEIGHT_DEVIATION) ** 2 / 2 + CUT_COST * crossed)

    def _cost(self, start: int, end: int) -> float:
        """Return what a piece costs as the digit that it is likeliest; infinite where that is unlikely."""
        answer, (width, _) = self._answer(start, end), self._size(start, end)
        is_whole = (start, end) == (0, self._last)
        if answer.confidence < LEAST_CONFIDENCE and not is_whole:
            return np.inf
        doubt = DOUBT_WEIGHT * np.log1p((1 - np.array(answer.probabilities)) / USUAL_DOUBT)
        unusual = (np.log(width / USUAL_WIDTHS) / WIDTH_DEVIATIONS) ** 2 / 2
        cost = float((doubt + np.minimum(unusual, MAX_WIDTH_COST)).min())
        return cost if is_whole else cost + self._shape_cost(start, end)


def _shortest(costs: dict[tuple[int, int], float], last: int) -> list[tuple[int, int]]:
    """Return the edges (start, end) of the cheapest path from 0 to the last node."""
    reached: list[tuple[float, list[tuple[int, int]]]] = [(0.0, [])]
    for end in range(1, last + 1):
        total, start = min((reached[start][0] + costs[start, end], start) for start in range(end))
        reached.append((total, [*reached[start][1], (start, end)]))
    return reached[last][1]


def _lean(ink: np.ndarray) -> float:
    """Return by how much x grows with y in ink (h, w): where the columns without it differ most."""
    y, x = np.nonzero(ink > SOLID)
    upright = np.rint(x - LEANS[:, None] * y).astype(int)
    upright -= upright.min()
    sums = [np.bincount(columns, ink[y, x]) for columns in upright]
    return float(LEANS[np.argmax([(columns**2).sum() for columns in sums])])


def _seams(ink: np.ndarray, lean: float) -> tuple[np.ndarray, np.ndarray]:
    """Return a seam through each column of ink (h, w) but the first, and what each costs.

    Seams are int (n, h): the first column to the right of it in each row.
    """
    height, width = ink.shape
    offsets = np.arange(-round(BAND * height), round(BAND * height) + 1)
    leaning = np.rint(lean * (np.arange(height) - height / 2)).astype(int)
    margin = offsets[-1] + abs(leaning).max()
    columns = np.arange(1, width)[:, None] + offsets
    entered = np.maximum(np.diff(ink, axis=0, prepend=0), 0)
    padded = np.pad(THICKNESS * ink + STROKE * entered, [(0, 0), (margin, margin)])
    total, steps = np.zeros(columns.shape), np.zeros((height, *columns.shape), int)
    for y in range(height):
        before = np.pad(total, [(0, 0), (1, 1)], constant_values=np.inf)
        ways = np.stack([before[:, :-2] + SIDESTEP, total, before[:, 2:] + SIDESTEP])
        steps[y] = ways.argmin(0) - 1
        total = ways.min(0) + padded[y][columns + leaning[y] + margin] + ASTRAY * abs(offsets)
    place, number = total.argmin(1), np.arange(len(columns))
    crossed = total[number, place]
    seams = np.zeros((len(columns), height), int)
    for y in reversed(range(height)):
        seams[:, y] = columns[number, place] + leaning[y]
        place = place + steps[y, number, place]
    return seams, crossed


def _select(ink: np.ndarray, seams: np.ndarray, crossed: np.ndarray) -> list[int]:
    """Return the numbers of the best seams that are not alike, from left to right."""
    height, width = ink.shape
    sums = np.pad(np.cumsum(ink, axis=1), [(0, 0), (1, 0)])
    left = np.take_along_axis(sums, np.clip(seams.T, 0, width), axis=1).T  # of each seam, the ink in each row
    chosen: list[int] = []
    edges = [np.zeros(height), sums[:, -1]]
    for seam in np.argsort(crossed).tolist():
        if len(chosen) >= max(FEWEST_SEAMS, SEAMS_PER_WIDTH * width / height):
            break
        others = [*edges, *left[chosen]]
        if min(abs(left[seam] - other).sum() for other in others) > ALIKE * sums[:, -1].sum():
            chosen.append(seam)
    return sorted(chosen, key=lambda seam: left[seam].sum())
