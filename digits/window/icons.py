"""The icons of the window's tools, drawn with the pen that draws digits: strokes in a box of 24 by 24."""

from functools import lru_cache

import numpy as np

from digits.drawing import ink
from digits.window.actions import Action

PEN_WIDTH = 2.0  # of 24
_ARC = [(10 + 6.5 * np.sin(a), 14.5 - 5.5 * np.cos(a)) for a in np.linspace(0, np.pi, 12)]
_UNDO = [[(8.5, 5), (4, 9), (8.5, 13)], [(4, 9), *_ARC, (7, 20)]]

STROKES: dict[Action, list[list[tuple[float, float]]]] = {
    Action.UNDO: _UNDO,
    Action.REDO: [[(24 - x, y) for x, y in stroke] for stroke in _UNDO],
    Action.ERASER: [
        [(8, 20), (3.5, 15.5), (13.5, 4.5), (20.5, 11), (12, 20), (8, 20)],
        [(8, 10.5), (15, 17)],
        [(8, 20), (21, 20)],
    ],
    Action.NUMBERS: [
        [(3, 9), (5.5, 7), (5.5, 17)],
        [(9.5, 9), (11.5, 7), (14, 9), (13, 12), (9.5, 17), (14.5, 17)],
        [(17.5, 7.5), (20, 7), (21.5, 9.2), (19, 11.5), (21.8, 14), (20.3, 16.8), (17.3, 16.6)],
    ],
    Action.LIVE: [[(13.5, 3), (5, 13.5), (11.5, 13.5), (10.5, 21), (19, 10.5), (12.5, 10.5), (13.5, 3)]],
    Action.MEMORY: [[(7, 3.5), (17, 3.5), (17, 20.5), (12, 16), (7, 20.5), (7, 3.5)]],
    Action.SAVE: [
        [(12, 4), (12, 15)],
        [(7, 10.5), (12, 15.5), (17, 10.5)],
        [(4.5, 17), (4.5, 20), (19.5, 20), (19.5, 17)],
    ],
    Action.HELP: [
        [(8, 8.5), (9, 5.5), (12, 4), (15, 5.5), (16, 8.5), (14.5, 11), (12, 13), (12, 15.5)],
        [(12, 19.7), (12, 19.9)],
    ],
}


@lru_cache(maxsize=64)
def icon(action: Action, side: int) -> np.ndarray:
    """Return the icon's opacity, uint8 (side, side)."""
    strokes = [np.array(stroke) * side / 24 for stroke in STROKES[action]]
    return ink.rasterize(strokes, PEN_WIDTH * side / 24, (side, side))


@lru_cache(maxsize=64)
def dot(diameter: float, side: int) -> np.ndarray:
    """Return a disc of a diameter in pixels, in the middle: opacity uint8 (side, side)."""
    return ink.rasterize([np.array([[side / 2, side / 2]])], diameter, (side, side))
