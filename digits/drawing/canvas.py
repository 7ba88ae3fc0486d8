"""The canvas: the strokes of a drawing, its history, and its view as cells. It does not depend on a window.

Strokes are never changed in place, so that a step of the history is a tuple of references.
"""

from typing import NamedTuple

import numpy as np

from digits.drawing import ink

CELLS = ink.SIZE  # the height of the canvas, and its width for one digit
WIDE = 3 * CELLS  # cells, the width for a number
PEN_WIDTH = 2.0  # cells, at the start
PEN_WIDTHS = (1.0, 1.5, 2.0, 2.75, 3.75)  # to choose from
ERASER_WIDTH = 1.6  # pen widths
DOT = 1.5  # cells; a drawing that spans less is a dot and not a digit
MAX_UNDO = 100  # steps
CUT_SPACING = 0.25  # cells between the points of a stroke that the eraser cuts


class Drawing(NamedTuple):
    """Finished strokes, float64 (n, 2) each, and the width in cells of the pen that drew each."""

    strokes: tuple[ink.Stroke, ...] = ()
    widths: tuple[float, ...] = ()


class Canvas:
    """Strokes in canvas units: cells, x to the right and y down, each point within [0, columns] and [0, 28].

    A gesture lasts from `press` to `release`: it draws a stroke, or erases where it goes. Each gesture, each reset
    and each picture put on the canvas is one step that can be undone.
    """

    def __init__(self, columns: int = CELLS):
        self.columns = columns
        self.pen_width = PEN_WIDTH
        self.is_drawing = False
        self.is_erasing = False
        self.version = 0  # grows with every change of the ink
        self._drawing = self._before = Drawing()  # now, and when the gesture began
        self._open = _Line()
        self._undone: list[Drawing] = []
        self._done: list[Drawing] = []
        self._cells = np.zeros((CELLS, columns), np.uint8)
        self._rendered = 0  # points of the open stroke that are in _cells; finished ones are in it whole

    @property
    def strokes(self) -> list[ink.Stroke]:
        """All strokes in the order of drawing, float64 (n, 2) each; not to be changed."""
        return [*self._drawing.strokes, self._open.points().copy()] if self._open else list(self._drawing.strokes)

    @property
    def widths(self) -> list[float]:
        """The width of each stroke's pen, in cells."""
        return [*self._drawing.widths, self.pen_width] if self._open else list(self._drawing.widths)

    def press(self, x: float, y: float, erase: bool = False) -> None:
        """Put the pen or the eraser down."""
        self.release()
        self.is_drawing, self.is_erasing = True, erase
        self._before = self._drawing
        self._rendered = 0
        if erase:
            self._at = self._within(x, y)
            self._erase(self._at)
        else:
            self._remember()
            self._open.append(self._within(x, y))
            self.version += 1

    def move(self, x: float, y: float) -> None:
        """Move to a position, or to the nearest on the canvas's edge; without effect while the pen is up."""
        point = self._within(x, y)
        if self.is_drawing and self.is_erasing:
            self._erase(point)
        elif self.is_drawing and self._open.last != point:
            self._open.append(point)
            self.version += 1

    def release(self) -> None:
        """Lift the pen."""
        if not self.is_drawing:
            return
        self.is_drawing = False
        if self._open:
            self._render()
            strokes, widths = self._drawing
            self._drawing = Drawing((*strokes, self._open.points().copy()), (*widths, self.pen_width))
            self._open.clear()

    def clear(self) -> None:
        """Remove everything; undo brings it back."""
        self.replace(Drawing())

    def replace(self, drawing: Drawing) -> None:
        """Show another drawing, as a step that can be undone."""
        self.release()
        if not self.is_empty() or drawing.strokes:
            self._remember()
            self._show(drawing)

    def forget(self) -> None:
        """Empty the canvas and its history: nothing is left to undo."""
        self.release()
        self._show(Drawing())
        self._done, self._undone = [], []

    def undo(self) -> None:
        """Undo the last step, if there is one."""
        self.release()
        if self._done:
            self._undone.append(self._drawing)
            self._show(self._done.pop())

    def redo(self) -> None:
        """Redo the step that was undone last, if nothing was drawn since."""
        self.release()
        if self._undone:
            self._done.append(self._drawing)
            self._show(self._undone.pop())

    def can_undo(self) -> bool:
        """Tell whether there is a step to undo."""
        return bool(self._done)

    def can_redo(self) -> bool:
        """Tell whether there is a step to redo."""
        return bool(self._undone)

    def cells(self) -> np.ndarray:
        """Return the view: uint8 (28, columns), 0 paper to 255 ink. Not to be changed."""
        self._render()
        return self._cells

    def is_empty(self) -> bool:
        """Tell whether nothing has been drawn."""
        return not self._drawing.strokes and not self._open

    def is_dot(self) -> bool:
        """Tell whether what has been drawn is too small to be a digit."""
        return not self.is_empty() and ink.extent(self.strokes) < DOT

    def picture(self) -> np.ndarray:
        """Return what the network sees: uint8 (28, 28), laid out as MNIST."""
        return ink.normalize(self.strokes)

    def _within(self, x: float, y: float) -> tuple[float, float]:
        return min(max(x, 0.0), float(self.columns)), min(max(y, 0.0), float(CELLS))

    def _remember(self) -> None:
        self._undone.clear()
        self._done.append(self._drawing)
        del self._done[:-MAX_UNDO]

    def _show(self, drawing: Drawing) -> None:
        """Render a drawing anew."""
        self._drawing = drawing
        self.version += 1
        self._cells = np.zeros_like(self._cells)
        for stroke, width in zip(*drawing, strict=True):
            self._add(stroke, width)

    def _render(self) -> None:
        """Draw the points that are new since the last call."""
        if self._rendered < len(self._open):
            self._add(self._open.points()[max(0, self._rendered - 1) :], self.pen_width)
            self._rendered = len(self._open)

    def _add(self, stroke: ink.Stroke, width: float) -> None:
        """Draw a stroke into the cells; where strokes cross, the darker ink stays."""
        np.maximum(self._cells, ink.rasterize([stroke], width, self._cells.shape), out=self._cells)

    def _erase(self, to: tuple[float, float]) -> None:
        """Remove from all strokes what the eraser touches on its way from the last position."""
        path, self._at = np.array([self._at, to]), to
        strokes, widths = self._drawing
        reach = self.pen_width * ERASER_WIDTH / 2
        left = [cut(stroke, path, reach + width / 2) for stroke, width in zip(strokes, widths, strict=True)]
        if any(pieces is not None for pieces in left):
            pairs = [
                (piece, width)
                for stroke, width, pieces in zip(strokes, widths, left, strict=True)
                for piece in ([stroke] if pieces is None else pieces)
            ]
            if self._drawing is self._before:
                self._remember()  # one step per gesture, and none if it erases nothing
            self._show(Drawing(tuple(piece for piece, _ in pairs), tuple(width for _, width in pairs)))


class _Line:
    """A growing stroke: points are appended without copying the others."""

    def __init__(self):
        self._points = np.empty((256, 2))
        self._count = 0
        self.last: tuple[float, float] | None = None

    def __len__(self) -> int:
        return self._count

    def append(self, point: tuple[float, float]) -> None:
        if self._count == len(self._points):
            self._points = np.concatenate([self._points, np.empty_like(self._points)])
        self._points[self._count] = self.last = point
        self._count += 1

    def points(self) -> np.ndarray:
        return self._points[: self._count]

    def clear(self) -> None:
        self._points, self._count, self.last = self._points[:256], 0, None


def cut(stroke: ink.Stroke, path: np.ndarray, radius: float) -> list[ink.Stroke] | None:
    """Return the pieces of a stroke (n, 2) that lie farther than `radius` from the segment `path` (2, 2).

    None if the whole stroke does.
    """
    low, high = path.min(axis=0) - radius, path.max(axis=0) + radius
    if (stroke.max(axis=0) < low).any() or (stroke.min(axis=0) > high).any():
        return None
    fine = _refined(stroke)
    outside = _distances(fine, path) > radius
    if outside.all():
        return None
    ends = np.flatnonzero(np.diff(outside)) + 1
    runs = np.split(np.arange(len(fine)), ends)
    return [fine[run] for run in runs if outside[run[0]]]


def _refined(stroke: ink.Stroke) -> ink.Stroke:
    """Return the stroke with points no farther apart than CUT_SPACING."""
    if len(stroke) < 2:
        return stroke
    lengths = np.hypot(*np.diff(stroke, axis=0).T)
    position = np.concatenate([[0], np.cumsum(np.maximum(1, np.ceil(lengths / CUT_SPACING)))])
    steps = np.arange(int(position[-1]) + 1)
    return np.stack([np.interp(steps, position, axis) for axis in stroke.T], axis=1)


def _distances(points: np.ndarray, path: np.ndarray) -> np.ndarray:
    """Return how far each point (n, 2) is from the segment (2, 2)."""
    start, along = path[0], path[1] - path[0]
    share = np.clip((points - start) @ along / max(along @ along, 1e-12), 0, 1)
    return np.hypot(*(points - start - share[:, None] * along).T)
