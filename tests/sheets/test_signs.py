"""Signs in pictures of numbers: read beside digits in their ink and pen, and not made of dust."""

import numpy as np
import pytest

from benchmarks.images.clean_pages import draw_page, encoded, on_paper
from digits.drawing import ink
from digits.models import loading
from digits.sheets.reading import read
from tests.drawing.test_signs import write

HEIGHT = 48  # pixels


@pytest.fixture(scope="module")
def classifier():
    return loading.load()


def picture(text: str, pen: float, seed: int) -> np.ndarray:
    """Return a number with shaken signs as greys uint8 (h, w)."""
    strokes = [stroke * HEIGHT / 16 + (20, 40) for stroke in write(text, np.random.default_rng(seed), gap=5 + pen / 3)]
    width = int(max(stroke[:, 0].max() for stroke in strokes)) + 40
    return on_paper(ink.rasterize(strokes, pen, (HEIGHT + 80, width)) / 255)


@pytest.mark.parametrize("text", ["3.14", "20,6", "-52", "-5", "+8", "2+3", "6-2"])
@pytest.mark.parametrize("pen", [4, 6])
def test_shaken_signs_are_read(text, pen, classifier):
    for seed in range(3):
        assert read(encoded(picture(text, pen, seed)), "number.png", classifier).number == text


def test_without_signs_no_digit_has_one(classifier):
    sheet = read(encoded(picture("3.14", 5, 0)), "number.png", classifier, has_signs=False)
    assert sheet.number == "314"
    assert not any(digit.sign for digit in sheet.digits)


def test_the_box_of_a_sign_lies_before_its_digit(classifier):
    sheet = read(encoded(picture("52-36", 5, 0)), "number.png", classifier)
    sign = sheet.digits[2].sign
    assert sign is not None
    assert sheet.digits[1].box[2] < sign.box[0] < sign.box[2] < sheet.digits[2].box[0]


@pytest.mark.parametrize(("side", "grey"), [(2, 40), (5, 190)])
def test_dust_at_the_base_line_is_no_point(side, grey, classifier):
    page = draw_page("26", spacing=20)
    columns = np.flatnonzero((page < 140).any(0))
    middle = columns[np.diff(columns).argmax()] + 10
    page[84 : 84 + side, middle : middle + side] = grey
    assert read(encoded(page), "number.png", classifier).number == "26"
