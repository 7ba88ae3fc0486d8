"""Receptive fields: a pixel moves the units that are said to look at it, and no others."""

import numpy as np
import pytest

from digits.models.inside import receptive_field
from digits.models.inside.network import Stage

RNG = np.random.default_rng(0)
STAGES = [
    Stage("convolution", RNG.normal(size=(3, 3, 1, 2))),
    Stage("convolution", RNG.normal(size=(5, 5, 2, 2)), is_padded=False),
    Stage("pooling", size=2),
    Stage("convolution", RNG.normal(size=(4, 4, 2, 2))),
    Stage("dense", RNG.normal(size=(12 * 12 * 2, 10))),
]


def run(picture):
    maps = [picture]
    for stage in STAGES:
        maps.append(stage(maps[-1]))
    return maps


@pytest.mark.parametrize(("x", "y"), [(0, 0), (13, 14), (27, 3), (14, 27)])
def test_a_pixel_moves_what_looks_at_it_and_nothing_else(x, y):
    picture = RNG.normal(size=(1, 28, 28, 1))
    changed = picture.copy()
    changed[0, y, x] += 100  # so much that it is the largest, or never, of a pooling square
    before, after = run(picture), run(changed)
    shapes = [maps.shape[1:] for maps in before]
    regions = receptive_field.regions(STAGES, shapes, x, y)
    assert regions[0] == (x, y, x, y)
    for region, one, other in zip(regions, before, after, strict=True):
        rows, columns = np.nonzero((one != other)[0].any(axis=-1))
        assert (columns.min(), rows.min(), columns.max(), rows.max()) == region


def test_fields_grow_by_each_kernel_and_faster_after_each_pooling():
    assert receptive_field.sides(STAGES, 28) == [3, 7, 8, 14, 28]
    assert receptive_field.sides([STAGES[0]] * 20, 28)[-1] == 28
