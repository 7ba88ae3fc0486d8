"""The benchmarks of photos and of difficult pictures count what is found, right, too much, unsure and surely wrong."""

import json

import numpy as np
import pytest

from benchmarks.images import case_pictures, photos
from benchmarks.images.clean_pages import draw_page, encoded
from digits.models import loading
from digits.recognition.classifier import Answer
from digits.sheets.digit_segmentation import RecognizedDigit
from digits.system.files import UserError

CORNERS = np.array([(100, 100), (300, 100), (300, 300), (100, 300)], float)
LABELS = np.array([[3, 0], [10, 7]])


def digit_at(x: float, y: float, digit: int) -> RecognizedDigit:
    answer = Answer(digit, 1.0, (0.1,) * 10, True)
    return RecognizedDigit((x - 10, y - 10, x + 10, y + 10), np.zeros((28, 28), np.uint8), answer)


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ([], (2, 0, 0, 0)),
        ([(150, 150, 3), (250, 250, 7)], (2, 2, 2, 0)),
        ([(150, 150, 5)], (2, 1, 0, 0)),
        ([(150, 250, 1), (160, 255, 2)], (2, 0, 0, 0)),  # in a cell where any answer or none is right
        ([(250, 150, 1), (20, 20, 1)], (2, 0, 0, 2)),  # in an empty cell, and beside the grid
        ([(120, 150, 5), (152, 150, 3)], (2, 1, 1, 1)),  # of two in a cell the one in the middle counts
    ],
)
def test_digits_of_a_grid_are_counted(digits, expected):
    assert photos.score([digit_at(*each) for each in digits], CORNERS, LABELS) == expected


def test_places_in_a_grid_follow_its_perspective():
    corners = np.array([(0, 0), (100, 0), (80, 50), (20, 50)], float)
    places = photos.in_grid(np.vstack([corners, (50, 31.25)]), corners)  # where its diagonals cross
    assert places[:4] == pytest.approx(np.array([(0, 0), (1, 0), (1, 1), (0, 1)]))
    assert places[4] == pytest.approx((0.5, 0.5))


def test_difficult_pictures_are_counted(tmp_path):
    blank = np.full((90, 90), 235, np.uint8)
    pictures = {"two.png": draw_page("2"), "numbers.png": draw_page("20\n26"), "no.png": blank, "seven.png": blank}
    for name, grey in pictures.items():
        (tmp_path / name).write_bytes(encoded(grey))
    shown = {"two.png": "2", "numbers.png": "2 0 / 26", "no.png": "", "seven.png": "7"}
    (tmp_path / "right.json").write_text(json.dumps(shown))
    figures = case_pictures.measure(tmp_path, loading.load())
    assert figures == {"pictures": 4, "right": 3, "unsure": 0, "sure_and_wrong": {"seven.png": ""}}


@pytest.mark.parametrize("read", [photos.read_index, lambda folder: case_pictures.measure(folder, loading.load())])
def test_a_folder_without_its_list_is_refused(read, tmp_path):
    with pytest.raises(UserError, match="is no folder of"):
        read(tmp_path)
