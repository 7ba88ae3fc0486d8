"""The layout: where everything lies in a window of a given size, in pixels."""

from typing import NamedTuple

from digits.canvas import CELLS

WINDOW_SIZE = (960, 640)  # pixels, at the start
DESIGN_HEIGHT = 640  # pixels; every length below is for a window of this height and grows with it
DESIGN_WIDTH = 960
MARGIN = 32
PANEL_WIDTH = 300
BUTTON_HEIGHT = 56
ANSWER_HEIGHT = 204


class Box(NamedTuple):
    """A rectangle; Pygame takes it as it is."""

    x: int
    y: int
    width: int
    height: int

    def contains(self, point: tuple[int, int]) -> bool:
        """Tell whether the pixel lies in the rectangle."""
        return 0 <= point[0] - self.x < self.width and 0 <= point[1] - self.y < self.height


class Layout(NamedTuple):
    """Boxes of the parts, and `unit`, the factor by which type and lines grow."""

    unit: float
    canvas: Box
    cell: int  # pixels, the side of a cell
    answer: Box
    bars: tuple[Box, ...]  # one row per digit
    buttons: dict[str, Box]

    def to_cells(self, point: tuple[int, int]) -> tuple[float, float]:
        """Return the canvas position, in cells, of the middle of a pixel."""
        return (point[0] + 0.5 - self.canvas.x) / self.cell, (point[1] + 0.5 - self.canvas.y) / self.cell


def arrange(size: tuple[int, int]) -> Layout:
    """Return the layout for a window of that width and height: canvas left and panel right, or one above the other.

    Cells are whole pixels, so that all are alike; the group is centred in what is left over.
    """
    wide = _arrange_side_by_side(size)
    tall = _arrange_stacked(size)
    return max(wide, tall, key=lambda layout: (layout.cell, layout is wide))


def _arrange_side_by_side(size: tuple[int, int]) -> Layout:
    width, height = size
    unit = max(min(width / DESIGN_WIDTH, height / DESIGN_HEIGHT), 0.1)
    margin, panel = round(MARGIN * unit), round(PANEL_WIDTH * unit)
    cell = max(1, min(height - 2 * margin, width - panel - 3 * margin) // CELLS)
    side = cell * CELLS
    left = max(0, (width - side - margin - panel) // 2)
    top = max(0, (height - side) // 2)
    return _with_panel(unit, Box(left, top, side, side), cell, Box(left + side + margin, top, panel, side))


def _arrange_stacked(size: tuple[int, int]) -> Layout:
    width, height = size
    unit = max(min(width / 480, height / 1000), 0.1)
    margin, panel_height = round(MARGIN * unit * 0.75), round(470 * unit)
    cell = max(1, min(width - 2 * margin, height - panel_height - 3 * margin) // CELLS)
    side = cell * CELLS
    panel_width = max(side, round(PANEL_WIDTH * unit))
    top = max(0, (height - side - margin - panel_height) // 2)
    canvas = Box((width - side) // 2, top, side, side)
    panel = Box((width - panel_width) // 2, top + side + margin, panel_width, panel_height)
    return _with_panel(unit, canvas, cell, panel)


def _with_panel(unit: float, canvas: Box, cell: int, panel: Box) -> Layout:
    """Fill the panel from top to bottom: the answer, ten bars, two buttons."""
    gap = round(12 * unit)
    button_height = round(BUTTON_HEIGHT * unit)
    buttons_top = panel.y + panel.height - button_height
    reset_width = round((panel.width - gap) * 0.4)
    buttons = {
        "reset": Box(panel.x, buttons_top, reset_width, button_height),
        "classify": Box(panel.x + reset_width + gap, buttons_top, panel.width - gap - reset_width, button_height),
    }
    answer_height = min(round(ANSWER_HEIGHT * unit), round(panel.height * 0.4))
    answer = Box(panel.x, panel.y, panel.width, answer_height)
    bars_top = answer.y + answer.height + gap
    row = max(1, (buttons_top - 2 * gap - bars_top) // 10)
    bars = tuple(Box(panel.x, bars_top + digit * row, panel.width, row) for digit in range(10))
    return Layout(unit, canvas, cell, answer, bars, buttons)
