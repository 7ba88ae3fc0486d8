"""Labels stand beside their boxes, within the picture, where they hide least of the other boxes."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from digits.images.filters import label_components
from digits.sheets import annotation


def labels_on(size: tuple[int, int], *boxes: tuple[int, int, int, int]) -> np.ndarray:
    """Where labels are painted: bool (h, w); the lines of boxes are thinner."""
    picture = Image.new("RGB", size, "white")
    annotation.draw_boxes(picture, [annotation.LabelledBox(box, "8", True) for box in boxes])
    blue = np.abs(np.asarray(picture, int) - annotation.SURE_COLOR).max(2) < 60
    return ndimage.binary_opening(blue, np.ones((4, 4)))


@pytest.mark.parametrize("size", [(200, 120), (121, 200)])
def test_labels_stay_within_the_picture(size):
    width, height = size
    corners = [(2, 2), (width - 32, 2), (2, height - 42), (width - 32, height - 42)]
    labels = labels_on(size, *[(x, y, x + 30, y + 40) for x, y in corners])
    assert label_components(ndimage.binary_closing(np.pad(labels, 9), np.ones((9, 9))))[1] == 4


@pytest.mark.parametrize("other", [(80, 40, 140, 94), (80, 40, 110, 94), (20, 90, 78, 160)])
def test_a_label_hides_no_box_where_there_is_room_beside_its_own(other):
    box = (80, 100, 140, 160)
    left, top, right, bottom = other
    assert not labels_on((300, 300), other, box)[top:bottom, left:right].any()


def test_a_label_stands_beneath_its_box_only_where_all_else_is_taken():
    box, above, left, right = (80, 100, 140, 160), (70, 20, 150, 97), (4, 90, 55, 190), (165, 90, 216, 190)
    beneath = np.s_[170:186, 76:90]
    assert not labels_on((300, 300), box, above)[beneath].any()
    assert not labels_on((300, 300), box, above, left, right)[beneath].any()  # it hides a part of one beside it
    twice = (above, left, right) * 2
    assert not labels_on((300, 300), box, *twice, (70, 163, 150, 200))[beneath].any()  # nor where that hides as much


def test_a_label_says_its_text_in_white_in_its_middle():
    picture = Image.new("RGB", (300, 300), "white")
    annotation.draw_boxes(picture, [annotation.LabelledBox((80, 100, 140, 160), "8", False)])
    pixels = np.asarray(picture, int)
    rows, columns = np.nonzero(
        ndimage.binary_opening(np.abs(pixels - annotation.UNSURE_COLOR).max(2) < 60, np.ones((3, 3)))
    )
    label = pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    white = np.argwhere(label.min(2) > 200)
    assert len(white) > 30
    assert white.mean(0) == pytest.approx(np.array(label.shape[:2]) / 2, abs=1.5)
    assert rows.max() < 100
