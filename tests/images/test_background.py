"""The contrast of ink to its paper is the same for pens of any width, at any place and in any light."""

import numpy as np
import pytest

from benchmarks.images.clean_pages import INK, PAPER, on_paper
from benchmarks.support import template_digits
from digits.drawing import ink
from digits.images.background import ink_contrast, measure_contrast

CONTRAST = 1 - INK / PAPER
SIDE = 200  # pixels


def draw(digit: int, pen: float, height: float = 130) -> np.ndarray:
    """The share of ink (h, w) of a digit."""
    strokes = [stroke * height / 16 + (40, 35) for stroke in template_digits.strokes(digit)]
    return ink.rasterize(strokes, pen, (SIDE, SIDE)) / 255


@pytest.mark.parametrize("digit", [0, 1])
@pytest.mark.parametrize("pen", [6, 30, 40])
def test_the_middle_of_a_broad_stroke_has_the_contrast_of_its_rim(digit, pen):
    share = draw(digit, pen)
    values = measure_contrast(on_paper(share).astype(np.float32), True).values
    assert values[share > 0.99] == pytest.approx(CONTRAST, abs=0.06)
    assert np.abs(values[share == 0]).max() < 0.3 * CONTRAST


@pytest.mark.parametrize("is_dark_ink", [True, False])
def test_contrast_does_not_depend_on_the_light(is_dark_ink):
    share = draw(3, 8)
    grey = on_paper(share) if is_dark_ink else on_paper(share, INK, PAPER)
    light = np.linspace(0.5, 1.0, SIDE)
    values = measure_contrast((grey * light).astype(np.float32), is_dark_ink).values
    left, right = (values[:, half][share[:, half] > 0.99] for half in (slice(0, 90), slice(90, None)))
    assert np.median(left) == pytest.approx(np.median(right), rel=0.2)


def test_the_greys_of_a_contrast_are_those_it_was_measured_in():
    grey = on_paper(draw(8, 8)).astype(np.float32)
    contrast = measure_contrast(grey, True)
    assert contrast.to_grey(contrast.values) == pytest.approx(grey, abs=1)


@pytest.mark.parametrize("full", [0.2, 0.6, 0.9])
def test_the_contrast_of_full_ink_is_found_among_paper_and_noise(full):
    rng = np.random.default_rng(0)
    values = rng.normal(0, 0.01, 10_000)
    values[:500] += full
    assert ink_contrast(values) == pytest.approx(full, abs=0.02)
    assert ink_contrast(values[500:]) == 1


def test_what_is_fainter_than_paper_can_be_is_no_ink():
    values = np.zeros(1000)
    values[:50] = 0.03
    assert ink_contrast(values) == 1
    values[:50] = 0.05
    assert ink_contrast(values) == pytest.approx(0.05)
