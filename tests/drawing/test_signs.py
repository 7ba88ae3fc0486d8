"""Signs drawn with a shaken hand among digits: each is read, in any size and lean, and no part of a digit is one."""

import numpy as np
import pytest

from benchmarks.support import drawn_signs, template_digits
from digits.drawing import signs
from digits.models import loading
from digits.recognition.segmentation import read_number

BAR_5 = [[(1, 1), (1, 7), (6, 6), (10, 10), (8, 15), (4, 16), (0, 15)], [(3, 0), (11, -0.5)]]
CROSSED_7 = [[(0, 0), (10, 0), (4, 16)], [(2, 8), (9, 7.5)]]


@pytest.fixture(scope="module")
def classify():
    return loading.load().classify


def write(text: str, rng: np.random.Generator, shapes: dict | None = None, gap: float = 5.0) -> list[np.ndarray]:
    """Return a number's strokes: digits from templates, 16 high, and shaken signs."""
    strokes, right = [], 0.0
    for character in text:
        if character in drawn_signs.BETWEEN:
            drawn = [16 * stroke + (0, 16) for stroke in drawn_signs.strokes(character, rng)]
        else:
            drawn = [np.array(s, float) for s in (shapes or {}).get(character, template_digits.STROKES[int(character)])]
        left = min(stroke[:, 0].min() for stroke in drawn)
        strokes += [stroke + np.array([right + gap - left, 0]) for stroke in drawn]
        right = max(stroke[:, 0].max() for stroke in strokes)
    return strokes


def told(strokes: list[np.ndarray], classify, has_signs: bool = True) -> str:
    return "".join(reading.text for reading in read_number(strokes, classify, has_signs=has_signs))


@pytest.mark.parametrize("text", ["3.14", "20,6", "-5", "2+3", "-8.5", "6-2", "70+45"])
@pytest.mark.parametrize(("scale", "lean"), [(1, 0), (0.2, 0.2), (9, -0.2)])
def test_shaken_signs_are_read(text, scale, lean, classify):
    rng = np.random.default_rng(len(text))
    for _ in range(3):
        strokes = [scale * stroke @ np.array([[1, 0], [lean, 1]]) for stroke in write(text, rng)]
        assert told(strokes, classify) == text


def test_without_signs_no_digit_has_one(classify):
    assert told(write("2,3", np.random.default_rng(0)), classify, has_signs=False).isdigit()


@pytest.mark.parametrize(("digit", "shape"), [("5", BAR_5), ("7", CROSSED_7)])
def test_no_part_of_a_digit_is_a_sign(digit, shape, classify):
    for gap in (2.0, 5.0, 9.0):
        assert told(write(f"3{digit}2", np.random.default_rng(0), {digit: shape}, gap), classify) == f"3{digit}2"


def test_a_sign_has_its_box_and_belongs_to_no_digit(classify):
    strokes = write("3.14", np.random.default_rng(0))
    readings = read_number(strokes, classify)
    sign = readings[1].sign
    assert sign is not None
    assert sign.box == pytest.approx((*strokes[1].min(0), *strokes[1].max(0)))
    assert [reading.strokes for reading in readings] == [(0,), (2,), (3, 4)]


@pytest.mark.parametrize(("top", "sign"), [(15.0, ","), (10.0, "")])
def test_a_stroke_that_begins_well_above_the_base_line_is_no_comma(top, sign):
    left, right = np.array([0, 0, 9, 16]), np.array([14, 0, 20, 16])
    assert signs.name(np.array([11, top, 12, top + 7.6]), left, right, False) == sign


def test_a_sign_at_the_end_is_none(classify):
    assert not any(reading.sign for reading in read_number(write("31.", np.random.default_rng(0)), classify))
