"""Templates of digits: each draws as it did when the published model learned from it, and what tells two apart.

python -m tests.drawing.test_digit_templates     draws the reference anew; look at it before you keep it
"""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digits.drawing import digit_templates, ink, ones_and_sevens, template_shapes

REFERENCE = Path(__file__).with_name("templates.png")  # a row for each
DRAWINGS = 14  # of each
SHAPES = {template.__name__: template for ways in digit_templates.TEMPLATES.values() for _, template in ways}
del SHAPES["template"]  # those of points
TEMPLATES = {
    **SHAPES,
    "through": template_shapes.through("15,12 50,0 85,20 10,100! 90,98", "30,50 70,50"),
    "block": template_shapes.block("0,0 100,0 100,100 0,100", "20,50 100,50"),
    "tight block": template_shapes.block("0,50 0,0 100,0 100,100 0,100 0,50 100,50", roundest=0.2),
}


def row(template: template_shapes.Template) -> np.ndarray:
    """Return drawings of a template beside each other, uint8 (28, 28 * DRAWINGS)."""
    rng = np.random.default_rng(0)
    strokes = (
        digit_templates.strokes([(0.0, template_shapes.through("0,0 1,1")), (1.0, template)], rng)
        for _ in range(DRAWINGS)
    )
    return np.hstack([ink.normalize(drawn) for drawn in strokes])


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_template_draws_as_its_reference(name):
    place = sorted(TEMPLATES).index(name) * ink.SIZE
    reference = np.asarray(Image.open(REFERENCE))[place : place + ink.SIZE]
    np.testing.assert_allclose(row(TEMPLATES[name]).astype(int), reference, atol=2)  # rounding differs by machine


def test_the_digits_that_models_are_judged_by_are_always_the_same_and_nobody_can_change_them():
    pictures, labels = digit_templates.pictures(20)
    np.testing.assert_array_equal(pictures[:10], digit_templates.pictures(10)[0])
    assert labels.tolist() == [*range(10)] * 2
    with pytest.raises(ValueError, match="read-only"):
        pictures[0] = 0


def test_a_corner_is_sharp_and_a_bend_is_not():
    path = np.array([(0.0, 1), (1, 0), (2, 1)])
    bend = template_shapes.smooth(path)
    corner = template_shapes.smooth(path.repeat([1, 2, 1], axis=0))
    np.testing.assert_allclose(bend[[0, -1]], path[[0, -1]])

    def sharpest_turn(stroke):
        steps = np.diff(stroke, axis=0)
        steps = steps[np.hypot(*steps.T) > 1e-9]
        angles = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
        return np.abs(np.diff(angles)).max()

    assert sharpest_turn(bend) < 0.6 < 0.8 < sharpest_turn(corner)


def test_the_corners_of_block_digits_are_rounded_within_the_lines():
    square = np.array([(0.0, 0), (1, 0), (1, 1)])
    assert {tuple(point) for point in template_shapes.round_corners(square, 0.0).round(9)} == {(0, 0), (1, 0), (1, 1)}
    rounded = template_shapes.round_corners(square, 0.5)
    np.testing.assert_allclose(rounded[[0, 1, -2, -1]], [(0, 0), (0.5, 0), (1, 0.5), (1, 1)])
    assert np.hypot(*(rounded - [1, 0]).T).min() > 0.15


def test_a_steep_flag_may_be_long_and_a_flat_one_is_short():
    """Of people's ones and sevens: where the two part."""
    rng = np.random.default_rng(0)
    flags = np.array([ones_and_sevens._flag(rng)[0] for _ in range(500)])
    angle = np.rad2deg(np.arctan2(-flags[:, 0], flags[:, 1]))
    length = np.hypot(*flags.T)
    assert length[angle < 40].max() > 0.9
    assert length[angle > 75].max() < 0.5


def test_the_bar_of_an_arched_seven_crosses_its_stem_above_the_foot():
    """At the foot it would be a two's."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        seven, bar = ones_and_sevens.arched_seven(rng)
        stem = seven[(seven[:, 1] > 0.35) & (seven[:, 1] < 0.95)]
        assert np.hypot(*(bar[:, None] - stem).T).min() < 0.15


def test_another_hand_draws_the_same_strokes_a_little_differently(monkeypatch):
    monkeypatch.setattr(digit_templates, "SLANT", (0.0, 0.0))
    monkeypatch.setattr(digit_templates, "ASPECT", 0.0)
    drawing = [np.array([(0.0, 0), (0, 1)]), np.array([(0.0, 0.5), (0.5, 0.5)])]
    rng = np.random.default_rng(0)
    drawn = [digit_templates.vary(drawing, rng) for _ in range(300)]
    assert {len(strokes) for strokes in drawn} == {2}
    ends = np.array([[(stroke[0], stroke[-1]) for stroke in strokes] for strokes in drawn])
    moved = np.hypot(*np.moveaxis(ends - [[stroke[0], stroke[-1]] for stroke in drawing], -1, 0))
    assert 0.02 < moved.mean() < 0.08
    assert moved.max() < 0.3
    lines = [strokes[0][:, 0] for strokes in drawn]
    bulge = [np.abs(line - np.linspace(line[0], line[-1], len(line))).max() for line in lines]
    assert np.median(bulge) > 0.01  # a line of two points bends too


def draw_reference() -> None:
    """Draw the reference anew."""
    Image.fromarray(np.vstack([row(TEMPLATES[name]) for name in sorted(TEMPLATES)])).save(REFERENCE, optimize=True)


if __name__ == "__main__":
    draw_reference()
