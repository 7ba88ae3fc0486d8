"""The layout: where everything lies in a window of a given size, in pixels."""

from typing import NamedTuple

from digits.drawing.canvas import CELLS
from digits.window.actions import Action

WINDOW_SIZE = (960, 640)  # pixels, at the start
# Lengths for a window of that size; all grow with it.
MARGIN = 32
GAP = 12
PANEL_WIDTH = 300
ANSWER_HEIGHT = 138
BARS_HEIGHT = 230
NOTE_HEIGHT = 42
TOOLS_HEIGHT = 40
BUTTON_HEIGHT = 56
TEACHING_HEIGHT = 24  # of the buttons that are part of the note
PANEL_HEIGHT = ANSWER_HEIGHT + BARS_HEIGHT + NOTE_HEIGHT + TOOLS_HEIGHT + BUTTON_HEIGHT + 4 * GAP
STRIP_HEIGHT = 230  # of what lies under the canvas of a number
SEEN = 84  # the side of what the network sees
PROJECTED = 1.5  # times as large is the panel for a projector
# Sizes of type.
HEADING_SIZE = 24
BODY_SIZE = 18
SMALL_SIZE = 15

TOOLS = (
    Action.UNDO,
    Action.REDO,
    Action.ERASER,
    Action.NEXT_PEN,
    Action.NUMBERS,
    Action.LIVE,
    Action.MEMORY,
    Action.SAVE,
    Action.HELP,
)


class Rect(NamedTuple):
    """A rectangle; Pygame takes it as it is."""

    x: int
    y: int
    width: int
    height: int

    def contains(self, point: tuple[int, int]) -> bool:
        """Tell whether the pixel lies in the rectangle."""
        return 0 <= point[0] - self.x < self.width and 0 <= point[1] - self.y < self.height


class Layout(NamedTuple):
    """Boxes of the parts, and `unit`, the factor by which type and lines grow.

    `bars`, one row per digit and sign, and `seen`, the network's picture, are not there for numbers, nor the tools and
    the note for a projector: those boxes are empty. `teaching` are buttons on the note, after an answer.
    """

    unit: float
    canvas: Rect
    cell: int  # pixels, the side of a cell
    answer: Rect
    seen: Rect
    bars: tuple[Rect, ...]
    note: Rect
    buttons: dict[Action, Rect]
    teaching: dict[Action, Rect]

    def to_cells(self, point: tuple[float, float]) -> tuple[float, float]:
        """Return the canvas position, in cells, of the middle of a pixel."""
        return (point[0] + 0.5 - self.canvas.x) / self.cell, (point[1] + 0.5 - self.canvas.y) / self.cell


def arrange(size: tuple[int, int], columns: int = CELLS, projector: bool = False, num_signs: int = 0) -> Layout:
    """Return the layout for a window of that width and height: the panel beside the canvas or under it.

    num_signs: bars below those of the ten digits.

    Cells are whole pixels, so that all are alike; the group is centred in what is left over.
    """
    if columns > CELLS:
        return _arrange_number(size, columns, projector)
    wide = _arrange_side_by_side(size, projector, 10 + num_signs)
    tall = _arrange_stacked(size, projector, 10 + num_signs)
    return max(wide, tall, key=lambda layout: (layout.cell, layout is wide))


def _arrange_side_by_side(size: tuple[int, int], projector: bool, num_bars: int) -> Layout:
    width, height = size
    zoom = PROJECTED if projector else 1.0
    unit = max(min(width / (WINDOW_SIZE[0] + (zoom - 1) * PANEL_WIDTH), height / WINDOW_SIZE[1]), 0.1)
    margin, panel = round(MARGIN * unit), round(PANEL_WIDTH * unit * zoom)
    cell = max(1, min(height - 2 * margin, width - panel - 3 * margin) // CELLS)
    side = cell * CELLS
    left = max(0, (width - side - margin - panel) // 2)
    top = max(0, (height - side) // 2)
    beside = Rect(left + side + margin, top, panel, side)
    return _with_panel(Rect(left, top, side, side), cell, beside, projector, num_bars)


def _arrange_stacked(size: tuple[int, int], projector: bool, num_bars: int) -> Layout:
    width, height = size
    unit = max(min(width / 480, height / 1060), 0.1)
    margin, panel_height = round(MARGIN * unit * 0.75), round(PANEL_HEIGHT * unit)
    cell = max(1, min(width - 2 * margin, height - panel_height - 3 * margin) // CELLS)
    side = cell * CELLS
    panel_width = min(max(side, round(PANEL_WIDTH * unit)), max(1, width - 2 * margin))
    top = max(0, (height - side - margin - panel_height) // 2)
    canvas = Rect((width - side) // 2, top, side, side)
    panel = Rect((width - panel_width) // 2, top + side + margin, panel_width, panel_height)
    return _with_panel(canvas, cell, panel, projector, num_bars)


def _with_panel(canvas: Rect, cell: int, panel: Rect, projector: bool, num_bars: int) -> Layout:
    """Fill the panel from top to bottom: the answer, the bars, a note, the tools, two buttons."""
    left_out = NOTE_HEIGHT + TOOLS_HEIGHT + 2 * GAP if projector else 0
    unit = max(min(panel.width / PANEL_WIDTH, panel.height / (PANEL_HEIGHT - left_out)), 0.05)
    gap, buttons_height = round(GAP * unit), max(1, round(BUTTON_HEIGHT * unit))
    bottom = panel.y + panel.height
    buttons = _two_buttons(Rect(panel.x, bottom - buttons_height, panel.width, buttons_height), gap)
    bottom -= buttons_height + gap
    note = Rect(panel.x, bottom, panel.width, 0)
    if not projector:
        tools_height, note_height = max(1, round(TOOLS_HEIGHT * unit)), round(NOTE_HEIGHT * unit)
        buttons |= _tools(Rect(panel.x, bottom - tools_height, panel.width, tools_height))
        bottom -= tools_height + gap
        note = Rect(panel.x, bottom - note_height, panel.width, note_height)
        bottom -= note_height + gap
    share = 0.5 if projector else ANSWER_HEIGHT / (ANSWER_HEIGHT + BARS_HEIGHT)
    answer_height = round((bottom - panel.y - gap) * share)
    answer = Rect(panel.x, panel.y, panel.width, max(1, answer_height))
    room = min(answer.height, panel.width) // CELLS
    seen_side = CELLS * min(max(1, round(SEEN * unit / CELLS)), room)  # its pixels are whole ones, as the cells are
    seen = Rect(panel.x + panel.width - seen_side, panel.y, seen_side, seen_side)
    bars_top = answer.y + answer.height + gap
    row = max(1, (bottom - bars_top) // num_bars)
    bars = tuple(Rect(panel.x, bars_top + place * row, panel.width, row) for place in range(num_bars))
    return Layout(unit, canvas, cell, answer, seen, bars, note, buttons, _teaching(note, unit))


def _arrange_number(size: tuple[int, int], columns: int, projector: bool) -> Layout:
    """Put a wide canvas above the answer and the buttons."""
    width, height = size
    unit = max(min(width / WINDOW_SIZE[0], height / WINDOW_SIZE[1]), 0.1)
    margin, gap, strip = round(MARGIN * unit), round(GAP * unit), round(STRIP_HEIGHT * unit)
    strip = round(strip * PROJECTED) if projector else strip
    cell = max(1, min((width - 2 * margin) // columns, (height - strip - 3 * margin) // CELLS))
    canvas_width, canvas_height = cell * columns, cell * CELLS
    top = max(0, (height - canvas_height - margin - strip) // 2)
    canvas = Rect((width - canvas_width) // 2, top, canvas_width, canvas_height)
    panel = round(PANEL_WIDTH * unit)
    left = margin if projector else max(0, min(canvas.x, (width - panel) // 3))
    below = top + canvas_height + margin
    right = width - left - panel
    buttons_height, tools_height = max(1, round(BUTTON_HEIGHT * unit)), max(1, round(TOOLS_HEIGHT * unit))
    bottom = below + strip
    buttons = _two_buttons(Rect(right, bottom - buttons_height, panel, buttons_height), gap)
    tools_top = bottom - buttons_height - gap - tools_height
    note = Rect(right, below, panel, 0)
    if not projector:
        buttons |= _tools(Rect(right, tools_top, panel, tools_height))
        note = Rect(right, below, panel, max(0, tools_top - gap - below))
    answer = Rect(left, below, max(1, right - left - margin), strip)
    seen = Rect(right, below, 0, 0)
    return Layout(unit, canvas, cell, answer, seen, (), note, buttons, _teaching(note, unit))


def _two_buttons(row: Rect, gap: int) -> dict[Action, Rect]:
    reset_width = round((row.width - gap) * 0.4)
    return {
        Action.RESET: Rect(row.x, row.y, max(1, reset_width), row.height),
        Action.CLASSIFY: Rect(row.x + reset_width + gap, row.y, max(1, row.width - gap - reset_width), row.height),
    }


def _teaching(note: Rect, unit: float) -> dict[Action, Rect]:
    """Return the two buttons that teach, at the foot of the note; none where there is no note."""
    height = min(round(TEACHING_HEIGHT * unit), note.height)
    if height < 1:
        return {}
    gap, top = round(GAP / 2 * unit), note.y + note.height - height
    width = (note.width - gap) // 2
    return {
        Action.CONFIRM: Rect(note.x, top, max(1, width), height),
        Action.NAME: Rect(note.x + width + gap, top, max(1, width), height),
    }


def digit_boxes(box: Rect, count: int) -> tuple[list[Rect], int]:
    """Return a column in the box of an answer for each digit of a number, and the size of its type."""
    size = max(8, min(round(box.height * 0.62), round(box.width / count / 0.66)))
    step = max(1, min(round(size * 0.66), box.width // count))
    return [Rect(box.x + index * step, box.y, step, box.height) for index in range(count)], size


def _tools(row: Rect) -> dict[Action, Rect]:
    """Return the boxes of the tools, as many as there are in the row, alike."""
    edges = [row.x + round(index * row.width / len(TOOLS)) for index in range(len(TOOLS) + 1)]
    return {
        name: Rect(left, row.y, max(1, right - left), row.height)
        for name, left, right in zip(TOOLS, edges, edges[1:], strict=False)
    }
