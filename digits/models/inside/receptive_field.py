"""Receptive fields: which units of a network look at which pixels."""

from collections.abc import Sequence
from typing import NamedTuple

from digits.models.inside.network import Stage


class Region(NamedTuple):
    """A rectangle of places in a map, the last ones included."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """The region as indices of an array (h, w, ...)."""
        return slice(self.top, self.bottom + 1), slice(self.left, self.right + 1)


def regions(stages: Sequence[Stage], shapes: Sequence[tuple[int, ...]], x: int, y: int) -> list[Region]:
    """Return the units of every stage that look at the pixel in column x and row y, the pixel itself first.

    shapes: height, width and maps after every stage, the picture first (`Network.shapes`).
    """
    found = [Region(x, y, x, y)]
    for stage, (height, width, _) in zip(stages, shapes[1:], strict=True):
        (left, right), (top, bottom) = (_seen_by(stage, *span) for span in (found[-1][::2], found[-1][1::2]))
        is_whole = stage.kind == "dense"
        found.append(
            Region(0, 0, width - 1, height - 1)
            if is_whole
            else Region(max(left, 0), max(top, 0), min(right, width - 1), min(bottom, height - 1))
        )
    return found


def sides(stages: Sequence[Stage], side: int) -> list[int]:
    """Return how many pixels, across and down, one unit of each stage looks at; side: of the picture."""
    found, field, step = [], 1, 1
    for stage in stages:
        if stage.kind == "dense":
            field = side
        else:
            reach = stage.size if stage.kernel is None else stage.kernel.shape[0]
            field, step = min(field + (reach - 1) * step, side), step * stage.size
        found.append(field)
    return found


def _seen_by(stage: Stage, first: int, last: int) -> tuple[int, int]:
    """Return the first and last unit, along one axis, that look at one of these places."""
    if stage.kernel is None:
        return first // stage.size, last // stage.size
    reach = stage.kernel.shape[0] - 1
    before = reach // 2 if stage.is_padded else 0
    return first - reach + before, last + before
