import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from digits.drawing import ink
from digits.page import drawing_views
from digits.page.drawing_views import AnsweredDrawing
from digits.recognition.classifier import Answer
from digits.recognition.records import DigitRecord

STROKES = [np.array([[5.0, 4.0], [20.0, 4.0], [12.0, 25.0]])]
ANSWER = Answer(7, 0.6, (0.01, 0.3, 0.01, 0.01, 0.01, 0.01, 0.01, 0.6, 0.02, 0.02), is_sure=False)


@pytest.fixture
def drawing():
    return AnsweredDrawing.from_record(DigitRecord(12.5, ANSWER, STROKES).to_json())


def pixels(png):
    return np.asarray(Image.open(BytesIO(png)))


def test_a_drawing_is_what_was_recorded(drawing):
    assert (drawing.time, drawing.answer) == (12.5, ANSWER)
    np.testing.assert_array_equal(drawing.strokes, STROKES)


def test_the_picture_shows_the_ink_where_it_was_drawn(drawing):
    alpha = pixels(drawing.picture)[..., 3]
    middles = alpha[drawing_views.ZOOM // 2 :: drawing_views.ZOOM, drawing_views.ZOOM // 2 :: drawing_views.ZOOM]
    np.testing.assert_array_equal(middles, ink.rasterize(STROKES, 2.0))


def test_the_seen_picture_is_the_networks_input(drawing):
    np.testing.assert_array_equal(
        pixels(drawing.seen)[:: drawing_views.ZOOM, :: drawing_views.ZOOM], ink.normalize(STROKES)
    )


def test_the_thumbnail_is_a_data_url_of_the_digit(drawing):
    kind, content = drawing.thumbnail.split(",")
    assert kind == "data:image/png;base64"
    np.testing.assert_array_equal(pixels(base64.b64decode(content))[::3, ::3, 3], ink.normalize(STROKES))


def test_the_empty_canvas_is_a_grid():
    picture = pixels(drawing_views.canvas_picture([]))
    assert picture.shape == (28 * drawing_views.ZOOM + 1, 28 * drawing_views.ZOOM + 1, 4)
    assert (picture[0] == drawing_views.GRID).all()
    assert (picture[:, -1] == drawing_views.GRID).all()
    assert not picture[1 : drawing_views.ZOOM, 1 : drawing_views.ZOOM, 3].any()
