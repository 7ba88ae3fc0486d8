"""Digits that touch are read as several, and one digit stays one however broad it is."""

import numpy as np
import pytest

from benchmarks.images.clean_pages import INK, PAPER, draw_page, encoded
from benchmarks.support import template_digits
from digits.drawing import ink
from digits.images.filters import label_components
from digits.models import loading
from digits.recognition.classifier import Answer
from digits.sheets.reading import read
from digits.sheets.touching import may_be_several, part

TWO = ((5, 26), (6, 58))  # digits, and how far to the right they stand, in pixels, to touch
UNSURE = Answer(8, 0.2, (0.1,) * 10, False)


def on_page(text: str) -> np.ndarray:
    """Return the ink of digits on a page, float (h, w) in [0, 1], those of several touching."""
    return (PAPER - draw_page(text, spacing=3).astype(float)) / (PAPER - INK)


def leaning(digit: int, lean: float, place: float) -> np.ndarray:
    """Return the ink (60, 120) of a digit that leans to the left by that share of its height."""
    slant = np.array([[3, 0], [3 * lean, 3]])
    return ink.rasterize([stroke @ slant + (place, 6) for stroke in template_digits.strokes(digit)], 5, (60, 120)) / 255


@pytest.fixture(scope="module")
def classifier():
    return loading.load()


@pytest.mark.parametrize("text", ["09", "39", "54", "68", "99", "123", "380"])
def test_digits_that_touch_are_read(text, classifier):
    grey = draw_page(text, spacing=3)
    assert label_components(grey < 128)[1] == 1
    sheet = read(encoded(grey), "touching.png", classifier)
    assert sheet.number == text
    lefts = [digit.box[0] for digit in sheet.digits]
    assert lefts == sorted(lefts)


def test_most_pairs_that_touch_are_read(classifier):
    """Of all pairs of drawn digits whose ink hangs together at this distance; two thirds, when this was written."""
    pages = {text: draw_page(text, spacing=3) for text in (f"{number:02}" for number in range(100))}
    touching = {text: grey for text, grey in pages.items() if label_components(grey < 128)[1] == 1}
    right = [read(encoded(grey), "touching.png", classifier).number == text for text, grey in touching.items()]
    assert len(right) > 40
    assert np.mean(right) > 0.6


def test_what_a_hand_was_taught_counts_for_touching_digits_too(classifier):
    class Taught:
        def classify(self, picture):
            return classifier.classify(picture)._replace(digit=1, source="a remembered drawing")

    sheet = read(encoded(draw_page("54", spacing=3)), "touching.png", Taught())
    assert [digit.answer.digit for digit in sheet.digits] == [1, 1]


def test_touching_digits_among_others_are_read(classifier):
    grey = np.hstack([draw_page("7"), draw_page("54", spacing=3), draw_page("2")])
    assert read(encoded(grey), "touching.png", classifier).number.replace(" ", "") == "7542"


@pytest.mark.parametrize("digit", [0, 2, 4, 5, 7])
@pytest.mark.parametrize("stretch", [1.0, 1.6])
def test_a_broad_digit_is_not_cut(digit, stretch, classifier):
    broad = [stroke * (stretch, 1) for stroke in template_digits.strokes(digit)]
    grey = draw_page(str(digit), parts={str(digit): broad})
    assert read(encoded(grey), "broad.png", classifier).number == str(digit)


@pytest.mark.parametrize(
    ("width", "confidence", "is_worth_it"),
    [
        (0.49, 0.1, False),
        (0.51, 0.98, True),
        (0.51, 0.995, False),
        (1.29, 0.995, False),
        (1.31, 0.995, True),
    ],
)
def test_only_broad_ink_with_a_doubtful_answer_may_be_several_digits(width, confidence, is_worth_it):
    assert may_be_several(width, 1, UNSURE._replace(confidence=confidence)) is is_worth_it


def test_pieces_lie_where_they_were_and_hold_all_ink():
    page = on_page("380")
    pieces = part(page, UNSURE)
    assert [piece.answer.digit for piece in pieces] == [3, 8, 0]
    assert np.array_equal(np.sum([piece.ink for piece in pieces], axis=0), page)
    middles = [np.average(np.arange(page.shape[1]), weights=piece.ink.sum(0)) for piece in pieces]
    assert middles == sorted(middles)


@pytest.mark.parametrize("lean", [-0.3, 0.3])
def test_leaning_digits_are_cut_where_they_touch(lean):
    """Each piece is most of one digit and little of the other, though they reach over each other."""
    digits = [leaning(digit, lean, place) for digit, place in TWO]
    both = np.maximum(*digits)
    assert label_components(both > 0.5)[1] == 1
    pieces = part(both, UNSURE)
    assert [piece.answer.digit for piece in pieces] == [digit for digit, _ in TWO]
    for piece, digit in zip(pieces, digits, strict=True):
        assert np.minimum(piece.ink, digit).sum() > 0.75 * max(piece.ink.sum(), digit.sum())


@pytest.mark.parametrize("digit", [0, 3, 5, 8])
def test_one_digit_has_no_pieces(digit):
    assert part(on_page(str(digit)), UNSURE) == []


def test_a_pen_far_thinner_than_its_digits_are_high_leaves_ink_to_read():
    assert part(np.eye(400, dtype=np.float32), UNSURE) == []
