"""Strokes on the canvas of a window of the default size, in whole pixels, as a pointer draws them."""

import numpy as np

from benchmarks.support.pen_strokes import Digit
from digits.drawing.canvas import Canvas
from digits.window.layout import WINDOW_SIZE, arrange

SIDE = arrange(WINDOW_SIZE).canvas.width  # pixels
CELL = arrange(WINDOW_SIZE).cell  # pixels


def draw(pixels: Digit) -> Canvas:
    """Return the canvas after strokes of whole pixels, int (n, 2) within [0, SIDE - 1] each."""
    canvas = Canvas()
    for stroke in pixels:
        first, *rest = ((stroke + 0.5) / CELL).tolist()  # the middle of a pixel, as `Layout.to_cells` has it
        canvas.press(*first)
        for position in rest:
            canvas.move(*position)
        canvas.release()
    return canvas


def seen(canvas: Canvas) -> np.ndarray | None:
    """Return what the window hands to the classifier; None where it gives a hint in place of an answer."""
    return None if canvas.is_empty() or canvas.is_dot() else canvas.picture()
