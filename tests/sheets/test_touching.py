"""Digits that touch are read as several, and one digit stays one however broad it is."""

import numpy as np
import pytest

from benchmarks.images.clean_pages import draw_page, encoded
from benchmarks.support import template_digits
from digits.images.filters import label_components
from digits.images.mnist_layout import to_mnist
from digits.models import loading
from digits.recognition.classifier import Answer
from digits.sheets.reading import read
from digits.sheets.touching import may_be_several, part

UNSURE = Answer(8, 0.2, (0.1,) * 10, False)


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
        (0.5, 0.1, False),
        (0.75, 0.3, True),
        (0.75, 0.6, False),
        (1, 0.9, True),
        (1, 0.96, False),
        (1.29, 0.96, False),
        (1.31, 0.99, True),
    ],
)
def test_only_broad_ink_with_a_doubtful_answer_may_be_several_digits(width, confidence, is_worth_it):
    assert may_be_several(width, 1, UNSURE._replace(confidence=confidence)) is is_worth_it


def two_rings() -> np.ndarray:
    """Two rings, 40 pixels high, with a bridge of 4 pixels between them."""
    y, x = np.mgrid[:44, :88]
    rings = [abs(np.hypot(y - 22, x - middle) - 17) < 3 for middle in (22, 66)]
    bridge = (abs(y - 22) < 2) & (abs(x - 44) < 3)
    return np.any([*rings, bridge], axis=0).astype(np.float32)


def answer_rings(picture: np.ndarray) -> Answer:
    """Answer a zero where the picture is a ring as high as broad, and hesitate about all else."""
    rows, columns = (np.ptp(np.flatnonzero(picture.max(axis) > 100)) for axis in (1, 0))
    is_ring = label_components(picture < 100, diagonally=False)[1] == 2
    return Answer(0, 0.91, (0.91, *[0.01] * 9)) if is_ring and abs(rows - columns) <= 3 else UNSURE


def test_pieces_lie_where_they_were_and_hold_all_ink():
    ink = two_rings()
    pieces = part(ink, UNSURE, answer_rings)
    assert [answer_rings(to_mnist(piece)).digit for piece in pieces] == [0, 0]
    assert np.array_equal(np.max(pieces, axis=0), ink)
    middles = [np.average(np.arange(88), weights=piece.sum(0)) for piece in pieces]
    assert middles == pytest.approx([22, 66], abs=2)


def test_ink_whose_pieces_are_no_likelier_stays_whole():
    (whole,) = part(two_rings(), UNSURE, lambda _: UNSURE)
    assert np.array_equal(whole, two_rings())


def test_a_piece_of_small_bits_alone_keeps_them():
    comb = np.zeros((40, 40), np.float32)
    comb[:, :4] = comb[::3] = 1
    pieces = part(comb, UNSURE, lambda _: Answer(1, 1.0, (0.0, 1.0, *[0.0] * 8)))
    assert len(pieces) > 1
    assert np.array_equal(np.max(pieces, axis=0), comb)


def test_a_pen_far_thinner_than_its_digits_are_high_leaves_ink_to_cut():
    thin = np.eye(400, dtype=np.float32)
    (whole,) = part(thin, UNSURE, lambda _: UNSURE)
    assert np.array_equal(whole, thin)
