"""Where there is no digit none is found; a pen's own straight strokes are no printed lines."""

import numpy as np
import pytest

from benchmarks.images import blank_papers, tight_crops
from benchmarks.support import pen_strokes
from digits.models import loading
from digits.sheets.reading import read

SMALL, LARGE = blank_papers.SHAPES[0], blank_papers.SHAPES[1]
PAPERS = {
    name: grey
    for name, grey in blank_papers.kinds(np.random.default_rng(0))
    if name.startswith("blob")
    or str(LARGE) in name
    or (str(SMALL) in name and name.startswith(("plain", "shaded", "cloth", "wood")))
}


@pytest.fixture(scope="module")
def classifier():
    return loading.load()


@pytest.mark.parametrize("name", PAPERS)
def test_nothing_is_read_where_nothing_is_written(name, classifier):
    assert blank_papers.text_of(PAPERS[name], classifier) == ""


@pytest.mark.parametrize("label", range(10))
def test_a_thin_digit_that_is_cut_out_closely_keeps_its_strokes(label, classifier):
    drawn, rng = pen_strokes.made_up(30, seed=3), np.random.default_rng(label)
    for digit in drawn.digits[label::10]:
        assert read(tight_crops.draw(digit, rng), "crop.png", classifier).text in (str(label), "?")
