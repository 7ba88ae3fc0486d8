import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from digits import drawings, ink
from digits.classifier import Answer
from digits.drawings import Drawing
from digits.results import classification

STROKES = [np.array([[5.0, 4.0], [20.0, 4.0], [12.0, 25.0]])]
ANSWER = Answer(7, 0.6, (0.01, 0.3, 0.01, 0.01, 0.01, 0.01, 0.01, 0.6, 0.02, 0.02), is_sure=False)


@pytest.fixture
def drawing():
    return Drawing.from_record(classification(ANSWER, STROKES, clock=lambda: 12.5))


def pixels(png):
    return np.asarray(Image.open(BytesIO(png)))


def test_a_drawing_is_what_was_recorded(drawing):
    assert (drawing.time, drawing.answer) == (12.5, ANSWER)
    np.testing.assert_array_equal(drawing.strokes, STROKES)


def test_the_picture_shows_the_ink_where_it_was_drawn(drawing):
    alpha = pixels(drawing.picture)[..., 3]
    middles = alpha[drawings.ZOOM // 2 :: drawings.ZOOM, drawings.ZOOM // 2 :: drawings.ZOOM]
    np.testing.assert_array_equal(middles, ink.rasterize(STROKES, 2.0))


def test_the_seen_picture_is_the_networks_input(drawing):
    np.testing.assert_array_equal(pixels(drawing.seen)[:: drawings.ZOOM, :: drawings.ZOOM], ink.normalize(STROKES))


def test_the_thumbnail_is_a_data_url_of_the_digit(drawing):
    kind, content = drawing.thumbnail.split(",")
    assert kind == "data:image/png;base64"
    np.testing.assert_array_equal(pixels(base64.b64decode(content))[::3, ::3, 3], ink.normalize(STROKES))


def test_the_empty_canvas_is_a_grid():
    picture = pixels(drawings.canvas_picture([]))
    assert picture.shape == (28 * drawings.ZOOM + 1, 28 * drawings.ZOOM + 1, 4)
    assert (picture[0] == drawings.GRID).all()
    assert (picture[:, -1] == drawings.GRID).all()
    assert not picture[1 : drawings.ZOOM, 1 : drawings.ZOOM, 3].any()
