"""The greys of a picture show its ink: the luma, or a colour channel where that shows much more."""

import numpy as np
import pytest

from digits.images.greyscale import to_grey

WHITE = (255, 255, 255)


@pytest.mark.parametrize(
    ("ink", "paper", "channel"),
    [
        ((0, 0, 0), WHITE, None),
        ((0, 0, 255), (0, 0, 0), 2),  # 8.8 times the luma's span
        ((255, 255, 0), WHITE, 2),
        ((255, 0, 0), (0, 0, 0), 0),  # 3.3 times
        ((0, 255, 0), (0, 0, 0), None),  # 1.7 times
        ((60, 60, 60), WHITE, None),
    ],
)
def test_a_colour_channel_is_used_where_it_shows_more_than_twice_as_much(ink, paper, channel):
    colors = np.array([[ink, paper]], np.float32)
    expected = colors @ np.array([0.299, 0.587, 0.114], np.float32) if channel is None else colors[..., channel]
    assert to_grey(colors) == pytest.approx(expected, abs=0.01)
