"""Reading order: which boxes on a page stand in one line, however the page is turned, and in which order."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

import numpy as np

NEIGHBOUR = 4.0  # typical sizes: how far to the right a neighbour in the same line may be
STEEPEST = 0.35  # of a line: what rises more, from one box to its neighbour, is in another line
FEWEST = 5  # boxes with a neighbour that tell how lines run
ONE_LINE = 0.6  # typical sizes: how far a box may be above or below its line
LATEST = 4  # boxes of a line that say how high it runs
SPACE = 0.75  # typical sizes between boxes, from which on they are not of one number


def group_lines(boxes: np.ndarray) -> list[list[int]]:
    """Return the numbers of the boxes, line by line from the top, each line from left to right.

    boxes: float (n, 4) of left, top, right, bottom. From left to right, every box joins the line that runs at its
    height, or starts one.
    """
    if not len(boxes):
        return []
    typical = typical_size(boxes)
    turn = page_turn(boxes)
    cos, sin = np.cos(turn), np.sin(turn)
    upright = (boxes[:, :2] + boxes[:, 2:]) / 2 @ np.array([[cos, -sin], [sin, cos]])
    lines: list[list[int]] = []
    for box in np.argsort(upright[:, 0], kind="stable").tolist():
        heights = [abs(upright[line[-LATEST:], 1].mean() - upright[box, 1]) for line in lines]
        if heights and min(heights) < ONE_LINE * typical:
            lines[int(np.argmin(heights))].append(box)
        else:
            lines.append([box])
    return sorted(lines, key=lambda line: upright[line, 1].mean())


def split_numbers(boxes: np.ndarray, signs: Mapping[int, Sequence[float]] = MappingProxyType({})) -> list[list[int]]:
    """Return the numbers of the boxes (n, 4) of one line, n >= 1, parted where there is a space between them.

    signs: the boxes of the signs before some of them.
    """
    space = SPACE * typical_size(boxes)
    numbers = [[0]]
    for before, box in pairwise(range(len(boxes))):
        sign = signs.get(box, boxes[box])
        if max(sign[0] - boxes[before, 2], boxes[box, 0] - sign[2]) > space:
            numbers.append([])
        numbers[-1].append(box)
    return numbers


def typical_size(boxes: np.ndarray) -> float:
    """Return the median of the boxes' longer sides."""
    return float(np.median((boxes[:, 2:] - boxes[:, :2]).max(1)))


def page_turn(boxes: np.ndarray) -> float:
    """Return by how much lines fall to the right, in radians: the median from each box to its neighbour in line.

    0 where FEWEST boxes have no neighbour: what rises may be a digit that is smaller than the next.
    """
    centers, typical = (boxes[:, :2] + boxes[:, 2:]) / 2, typical_size(boxes)
    along, across = np.moveaxis(centers[None] - centers[:, None], 2, 0)
    is_near = (along > 0) & (along < NEIGHBOUR * typical) & (np.abs(across) < STEEPEST * along + 0.1 * typical)
    distance = np.where(is_near, np.hypot(along, 2 * across), np.inf)
    with_one = np.flatnonzero(is_near.any(1))
    if len(with_one) < FEWEST:
        return 0.0
    nearest = distance[with_one].argmin(1)
    return float(np.arctan(np.median(across[with_one, nearest] / along[with_one, nearest])))
