"""The layout: where everything lies in a window of a given size, in pixels."""

from collections.abc import Sequence
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
DIGIT_SHARE = 0.62  # of the height of an answer, that the type of a number takes; under it are words and pictures
SIGN_WIDTH = 0.75  # of a digit's column in a number: the room of a sign before it
# For a projector, which is seen from afar: shares of the window.
PROJECTED_COLUMNS = (0.28, 0.34, 0.38)  # of the width: the canvas, the answer, the bars
PROJECTED_CANVAS = 0.3  # of the height: the canvas of a number
PROJECTED_SHARE = 0.84  # in place of DIGIT_SHARE; there are no pictures under it
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


NOWHERE = Rect(0, 0, 0, 0)


class Layout(NamedTuple):
    """Boxes of the parts, and `unit`, the factor by which type and lines grow.

    `bars`, one row per digit and sign, and `seen`, the network's picture, are not there for numbers, nor the tools and
    the note for a projector: those boxes are empty. `teaching` are buttons on the note, after an answer. `pictures` is
    where the network's picture lies, and beside it what it goes by; empty where they lie in the answer's box.
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
    pictures: Rect = NOWHERE
    digit_share: float = DIGIT_SHARE

    @property
    def answer_width(self) -> int:
        """The width in pixels that is left to the answer beside what the network sees."""
        is_beside = self.seen.width and not self.pictures.height
        return self.answer.width - (self.seen.width + round(GAP * self.unit) if is_beside else 0)

    def to_cells(self, point: tuple[float, float]) -> tuple[float, float]:
        """Return the canvas position, in cells, of the middle of a pixel."""
        return (point[0] + 0.5 - self.canvas.x) / self.cell, (point[1] + 0.5 - self.canvas.y) / self.cell


def arrange(
    size: tuple[int, int],
    columns: int = CELLS,
    projector: bool = False,
    num_signs: int = 0,
    tools: Sequence[Action] = TOOLS,
) -> Layout:
    """Return the layout for a window of that width and height: the panel beside the canvas or under it.

    num_signs: bars below those of the ten digits. tools: those that there are; a projector shows none.

    Cells are whole pixels, so that all are alike; the group is centred in what is left over.
    """
    if projector:
        return _project_number(size, columns) if columns > CELLS else _project(size, 10 + num_signs)
    if columns > CELLS:
        return _arrange_number(size, columns, tools)
    wide = _arrange_side_by_side(size, 10 + num_signs, tools)
    tall = _arrange_stacked(size, 10 + num_signs, tools)
    return max(wide, tall, key=lambda layout: (layout.cell, layout is wide))


def _arrange_side_by_side(size: tuple[int, int], num_bars: int, tools: Sequence[Action]) -> Layout:
    width, height = size
    unit = max(min(width / WINDOW_SIZE[0], height / WINDOW_SIZE[1]), 0.1)
    margin, panel = round(MARGIN * unit), round(PANEL_WIDTH * unit)
    cell = max(1, min(height - 2 * margin, width - panel - 3 * margin) // CELLS)
    side = cell * CELLS
    left = max(0, (width - side - margin - panel) // 2)
    top = max(0, (height - side) // 2)
    beside = Rect(left + side + margin, top, panel, side)
    return _with_panel(Rect(left, top, side, side), cell, beside, num_bars, tools)


def _arrange_stacked(size: tuple[int, int], num_bars: int, tools: Sequence[Action]) -> Layout:
    width, height = size
    unit = max(min(width / 480, height / 1060), 0.1)
    margin, panel_height = round(MARGIN * unit * 0.75), round(PANEL_HEIGHT * unit)
    cell = max(1, min(width - 2 * margin, height - panel_height - 3 * margin) // CELLS)
    side = cell * CELLS
    panel_width = min(max(side, round(PANEL_WIDTH * unit)), max(1, width - 2 * margin))
    top = max(0, (height - side - margin - panel_height) // 2)
    canvas = Rect((width - side) // 2, top, side, side)
    panel = Rect((width - panel_width) // 2, top + side + margin, panel_width, panel_height)
    return _with_panel(canvas, cell, panel, num_bars, tools)


def _with_panel(canvas: Rect, cell: int, panel: Rect, num_bars: int, tools: Sequence[Action]) -> Layout:
    """Fill the panel from top to bottom: the answer, the bars, a note, the tools, two buttons."""
    unit = max(min(panel.width / PANEL_WIDTH, panel.height / PANEL_HEIGHT), 0.05)
    gap, buttons_height = round(GAP * unit), max(1, round(BUTTON_HEIGHT * unit))
    bottom = panel.y + panel.height
    buttons = _two_buttons(Rect(panel.x, bottom - buttons_height, panel.width, buttons_height), gap)
    bottom -= buttons_height + gap
    tools_height, note_height = max(1, round(TOOLS_HEIGHT * unit)), round(NOTE_HEIGHT * unit)
    buttons |= _tools(Rect(panel.x, bottom - tools_height, panel.width, tools_height), tools)
    bottom -= tools_height + gap
    note = Rect(panel.x, bottom - note_height, panel.width, note_height)
    bottom -= note_height + gap
    share = ANSWER_HEIGHT / (ANSWER_HEIGHT + BARS_HEIGHT)
    answer_height = round((bottom - panel.y - gap) * share)
    answer = Rect(panel.x, panel.y, panel.width, max(1, answer_height))
    room = min(answer.height, panel.width) // CELLS
    seen_side = CELLS * min(max(1, round(SEEN * unit / CELLS)), room)  # its pixels are whole ones, as the cells are
    seen = Rect(panel.x + panel.width - seen_side, panel.y, seen_side, seen_side)
    bars_top = answer.y + answer.height + gap
    row = max(1, (bottom - bars_top) // num_bars)
    bars = tuple(Rect(panel.x, bars_top + place * row, panel.width, row) for place in range(num_bars))
    return Layout(unit, canvas, cell, answer, seen, bars, note, buttons, _teaching(note, unit))


def _arrange_number(size: tuple[int, int], columns: int, tools: Sequence[Action]) -> Layout:
    """Put a wide canvas above the answer and the buttons."""
    width, height = size
    unit = max(min(width / WINDOW_SIZE[0], height / WINDOW_SIZE[1]), 0.1)
    margin, gap, strip = round(MARGIN * unit), round(GAP * unit), round(STRIP_HEIGHT * unit)
    cell = max(1, min((width - 2 * margin) // columns, (height - strip - 3 * margin) // CELLS))
    canvas_width, canvas_height = cell * columns, cell * CELLS
    top = max(0, (height - canvas_height - margin - strip) // 2)
    canvas = Rect((width - canvas_width) // 2, top, canvas_width, canvas_height)
    panel = round(PANEL_WIDTH * unit)
    left = max(0, min(canvas.x, (width - panel) // 3))
    below = top + canvas_height + margin
    right = width - left - panel
    buttons_height, tools_height = max(1, round(BUTTON_HEIGHT * unit)), max(1, round(TOOLS_HEIGHT * unit))
    bottom = below + strip
    buttons = _two_buttons(Rect(right, bottom - buttons_height, panel, buttons_height), gap)
    tools_top = bottom - buttons_height - gap - tools_height
    buttons |= _tools(Rect(right, tools_top, panel, tools_height), tools)
    note = Rect(right, below, panel, max(0, tools_top - gap - below))
    answer = Rect(left, below, max(1, right - left - margin), strip)
    seen = Rect(right, below, 0, 0)
    return Layout(unit, canvas, cell, answer, seen, (), note, buttons, _teaching(note, unit))


def _project(size: tuple[int, int], num_bars: int) -> Layout:
    """Put the answer and the bars side by side, as large as the window allows, with a small canvas beside or above."""
    width, height = size
    margin = round(0.03 * min(size))
    if width < height:
        return _project_tall(size, margin, num_bars)
    column, answer_width, bars_width = (round(share * (width - 4 * margin)) for share in PROJECTED_COLUMNS)
    unit = max(answer_width / 150, 0.05)
    gap, buttons_height = margin, max(1, round(0.09 * height))
    cell = max(1, min(column, height - 2 * margin - gap - buttons_height) // CELLS)
    side = cell * CELLS
    room = height - 2 * margin - side - 2 * gap - buttons_height  # for what the network sees, with its caption
    caption = round(20 * unit)
    seen_side = max(1, min(round(0.45 * side), room - caption) // CELLS) * CELLS
    pictures_height = seen_side + caption if room >= seen_side else 0
    top = (height - side - gap - buttons_height - (pictures_height + gap if pictures_height else 0)) // 2
    left = margin + (column - side) // 2
    below = top + side + gap
    pictures = Rect(left, below, side, pictures_height)
    seen = Rect(left, below, seen_side, seen_side) if pictures_height else NOWHERE
    below += pictures_height + gap if pictures_height else 0
    buttons = _two_buttons(Rect(left, below, side, buttons_height), max(1, gap // 2))
    answer = _project_answer(Rect(2 * margin + column, margin, answer_width, height - 2 * margin), unit)
    bars = _project_bars(Rect(width - margin - bars_width, margin, bars_width, height - 2 * margin), num_bars)
    note = Rect(left, below, side, 0)
    return Layout(unit, Rect(left, top, side, side), cell, answer, seen, bars, note, buttons, {}, pictures)


def _project_tall(size: tuple[int, int], margin: int, num_bars: int) -> Layout:
    width, height = size
    buttons_height = max(1, round(0.06 * height))
    cell = max(1, min(width - 2 * margin, round(0.45 * height)) // CELLS)
    side = cell * CELLS
    left, below = (width - side) // 2, 2 * margin + side
    answer_width = round(0.45 * (width - 3 * margin))
    room = Rect(margin, below, answer_width, height - below - 2 * margin - buttons_height)
    unit = max(answer_width / 150, 0.05)
    answer = _project_answer(room, unit)
    right = 2 * margin + answer_width
    bars = _project_bars(Rect(right, below, width - margin - right, room.height), num_bars)
    row = Rect(margin, height - margin - buttons_height, width - 2 * margin, buttons_height)
    buttons, note = _two_buttons(row, max(1, margin // 2)), row._replace(height=0)
    return Layout(unit, Rect(left, margin, side, side), cell, answer, NOWHERE, bars, note, buttons, {})


def _project_answer(room: Rect, unit: float) -> Rect:
    """Return the middle of a column, as high as a digit that is as wide as the column, and the words under it."""
    height = max(1, min(room.height, round(1.3 * room.width + BODY_SIZE * 1.5 * unit)))
    return Rect(room.x, room.y + (room.height - height) // 2, room.width, height)


def _project_bars(room: Rect, num_bars: int) -> tuple[Rect, ...]:
    row = max(1, min(room.height // num_bars, round(0.15 * room.width)))
    top = room.y + max(0, room.height - num_bars * row) // 2
    return tuple(Rect(room.x, top + place * row, room.width, row) for place in range(num_bars))


def _project_number(size: tuple[int, int], columns: int) -> Layout:
    """Put the number over the whole width, under a canvas with the two buttons beside it."""
    width, height = size
    margin = round(0.03 * min(size))
    cell = max(1, min((width - 2 * margin) // columns, round(PROJECTED_CANVAS * height) // CELLS))
    canvas = Rect(margin, margin, cell * columns, cell * CELLS)
    below = canvas.y + canvas.height + margin
    right = canvas.x + canvas.width + margin
    row = Rect(right, margin, width - margin - right, min(canvas.height, round(0.14 * height)))
    if row.width < 0.2 * width:  # no room beside it
        row = Rect(margin, below, width - 2 * margin, max(1, round(0.08 * height)))
        below += row.height + margin
    buttons = _two_buttons(row, max(1, margin // 2))
    answer = Rect(margin, below, width - 2 * margin, max(1, height - margin - below))
    unit = max(min(width / 640, height / 450), 0.1)
    note = row._replace(height=0)
    return Layout(unit, canvas, cell, answer, NOWHERE, (), note, buttons, {}, NOWHERE, PROJECTED_SHARE)


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


def digit_boxes(
    box: Rect, count: int, share: float = DIGIT_SHARE, signed: Sequence[int] = ()
) -> tuple[list[Rect], int]:
    """Return a column in the box of an answer for each digit of a number, and the size of its type.

    share: of the box's height, that the type takes. signed: the places of digits with room for a sign before them.
    """
    room = count + SIGN_WIDTH * len(signed)
    size = max(8, min(round(box.height * share), round(box.width / room / 0.66)))
    step = max(1, min(round(size * 0.66), int(box.width / room)))
    lefts = [index * step + sum(place <= index for place in signed) * int(SIGN_WIDTH * step) for index in range(count)]
    return [Rect(box.x + left, box.y, step, box.height) for left in lefts], size


def _tools(row: Rect, tools: Sequence[Action]) -> dict[Action, Rect]:
    """Return the boxes of the tools, as many as there are in the row, alike."""
    edges = [row.x + round(index * row.width / len(tools)) for index in range(len(tools) + 1)]
    return {
        name: Rect(left, row.y, max(1, right - left), row.height)
        for name, left, right in zip(tools, edges, edges[1:], strict=False)
    }
