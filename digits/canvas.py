"""The canvas: the state of a drawing, as strokes, and its view as 28x28 cells. It knows no window."""

import numpy as np

from digits import ink

CELLS = ink.SIZE  # a side of the canvas
PEN_WIDTH = 2.0  # cells
DOT = 1.5  # cells; a drawing that spans less is a dot and not a digit


class Canvas:
    """Strokes in canvas units: cells, x to the right and y down, each point within [0, 28].

    `strokes` is a list of lists of (x, y). A stroke is open from `press` to `release`.
    """

    def __init__(self):
        self.clear()

    def clear(self) -> None:
        """Forget all strokes."""
        self.strokes: list[list[tuple[float, float]]] = []
        self.is_drawing = False
        self._cells = np.zeros((CELLS, CELLS), np.uint8)
        self._rendered = 0  # points of the last stroke that are in _cells; earlier strokes are in it whole

    def press(self, x: float, y: float) -> None:
        """Put the pen down and begin a stroke."""
        self._render()
        self.strokes.append([_within(x, y)])
        self._rendered = 0
        self.is_drawing = True

    def move(self, x: float, y: float) -> None:
        """Draw on to a position; one outside the canvas is moved to its edge. Nothing while the pen is up."""
        if self.is_drawing and self.strokes[-1][-1] != (point := _within(x, y)):
            self.strokes[-1].append(point)

    def release(self) -> None:
        """Lift the pen."""
        self.is_drawing = False

    def cells(self) -> np.ndarray:
        """Return the view: uint8 (28, 28), 0 paper to 255 ink, where the pen went. Not to be written to."""
        self._render()
        return self._cells

    def is_empty(self) -> bool:
        """Tell whether nothing has been drawn."""
        return not self.strokes

    def is_dot(self) -> bool:
        """Tell whether what has been drawn is too small to be a digit."""
        return not self.is_empty() and ink.extent([np.array(stroke) for stroke in self.strokes]) < DOT

    def picture(self) -> np.ndarray:
        """Return what the network sees: uint8 (28, 28), laid out as MNIST."""
        return ink.normalize([np.array(stroke) for stroke in self.strokes])

    def _render(self) -> None:
        """Add the points that have come since the last time; where strokes cross, the darker ink stays."""
        if self.strokes and self._rendered < len(self.strokes[-1]):
            fresh = np.array(self.strokes[-1][max(0, self._rendered - 1) :])
            np.maximum(self._cells, ink.rasterize([fresh], PEN_WIDTH), out=self._cells)
            self._rendered = len(self.strokes[-1])


def _within(x: float, y: float) -> tuple[float, float]:
    return min(max(x, 0.0), float(CELLS)), min(max(y, 0.0), float(CELLS))
