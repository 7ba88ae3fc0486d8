"""Classification: a picture in MNIST's layout goes to the network as it is, any other the long way."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from benchmarks.support import template_digits
from digits.drawing import ink
from digits.recognition.classifier import Answer
from digits.sheets.classification import classify, network_picture
from digits.system.files import UserError


class Recorder:
    """Answers everything with a 3, and keeps what it was asked."""

    def __init__(self):
        self.pictures = []

    def classify(self, picture: np.ndarray) -> Answer:
        self.pictures.append(picture)
        return Answer(3, 1.0, (0.0,) * 3 + (1.0,) + (0.0,) * 6)


def encoded(picture: np.ndarray | Image.Image, kind: str = "PNG") -> bytes:
    file = BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(file, kind)
    return file.getvalue()


DRAWN = [ink.normalize(template_digits.strokes(digit)) for digit in range(10)]
THREE = DRAWN[3]


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_in_mnists_layout_is_classified_as_it_is(digit):
    recorder = Recorder()
    assert classify(encoded(DRAWN[digit]), "digit", recorder).digit == 3
    (picture,) = recorder.pictures
    np.testing.assert_array_equal(picture, DRAWN[digit])


@pytest.mark.parametrize(
    "picture",
    [
        255 - THREE,
        np.roll(THREE, 3, axis=1),
        np.pad(THREE[::2, ::2], 7),
        np.kron(THREE, np.ones((2, 2), np.uint8)),
        np.zeros_like(THREE),
        np.stack([THREE] * 3, axis=-1),
    ],
    ids=["dark on light", "beside the middle", "small", "larger", "blank", "coloured"],
)
def test_another_picture_is_not(picture):
    assert network_picture(encoded(picture), "picture") is None


def test_digits_of_another_layout_are_found_first():
    recorder = Recorder()
    assert classify(encoded(np.roll(THREE, 3, axis=1)), "digit", recorder).digit == 3
    assert np.abs(recorder.pictures[-1].astype(int) - THREE).mean() < 12


def test_several_digits_are_no_answer():
    with pytest.raises(UserError, match=r"two\.png shows 2 digits"):
        classify(encoded(np.kron(np.hstack([THREE, THREE]), np.ones((4, 4), np.uint8))), "two.png", Recorder())
