"""The picture of the window: a function of the state, painted with Pygame."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pygame

from digits.drawing.canvas import CELLS, PEN_WIDTHS
from digits.recognition.classifier import Answer, percent
from digits.recognition.labels import DIGITS
from digits.recognition.records import Told
from digits.system.design_tokens import BOLD, LIGHT, REGULAR, Color, Theme
from digits.window import icons, overlays
from digits.window.actions import ACTIONS, Action, help_card
from digits.window.layout import BODY_SIZE, GAP, HEADING_SIZE, SIGN_WIDTH, SMALL_SIZE, TOOLS, Layout, Rect, digit_boxes
from digits.window.primitives import blit_middle, fitted, mask, paragraph, rounded, text
from digits.window.state import Bar, Message, Place, State

NOTE_HEIGHT = 8  # pixels; what is lower is no room
TITLED = (Action.RESET, Action.CLASSIFY, Action.CONFIRM, Action.NAME)  # have words; the other buttons have icons
SMALL = (Action.CONFIRM, Action.NAME)
TELL = "Wrong? Press what it was, or its bar."
CHOOSE_AND_TELL = "Wrong? Click a digit, or choose it with Left and Right, and press what it was."


def paint(surface: pygame.Surface, state: State, layout: Layout, theme: Theme = LIGHT) -> None:
    """Paint everything."""
    surface.fill(theme.background)
    canvas = layout.canvas
    edge = max(1, round(2 * layout.unit))
    frame = (canvas.x - edge, canvas.y - edge, canvas.width + 2 * edge, canvas.height + 2 * edge)
    pygame.draw.rect(surface, theme.edge, frame, edge)
    for action, rect in layout.buttons.items():
        _paint_button(surface, state, layout, theme, action, rect)
    _paint_note(surface, state, layout, theme)
    paint_live(surface, state, layout, theme)
    if state.has_help:
        overlays.paint_help(surface, layout.unit, theme, help_card(state.is_kiosk))
    elif state.typed is not None:
        overlays.paint_text_field(surface, state.typed, layout.unit, theme)
    elif isinstance(state.hovered, Action) and state.hovered in TOOLS and state.pressed is None:
        overlays.paint_tooltip(surface, state.hovered, layout, theme)


def paint_live(surface: pygame.Surface, state: State, layout: Layout, theme: Theme = LIGHT) -> list[Rect]:
    """Paint all that changes while a stroke is drawn, and return where that was: the cells, the answer, the bars."""
    _paint_cells(surface, state, layout, theme)
    panel = [layout.answer, *([_around(layout.bars)] if layout.bars else [])]
    panel += [layout.pictures] if layout.pictures.height else []
    for box in panel:
        surface.fill(theme.background, box)
    if state.is_number:
        _paint_boxes(surface, state, layout, theme)
        _paint_number(surface, state, layout, theme)
    else:
        _paint_one(surface, state, layout, theme)
    return [layout.canvas, *panel]


def _paint_one(surface: pygame.Surface, state: State, layout: Layout, theme: Theme) -> None:
    """Paint the answer to one digit above its bars; what went wrong takes the place of what it leaves free."""
    error = state.message.text if state.message.is_error else ""
    bars = _around(layout.bars)
    if state.answer is not None:
        _paint_answer(surface, state, state.answer, layout, theme)
    elif error:
        bars = Rect(bars.x, layout.answer.y, bars.width, bars.y + bars.height - layout.answer.y)
    else:
        _paint_message(surface, state.message, layout, theme)
    if state.answer is not None or not error:
        _paint_seen(surface, state, layout, theme)
    if error:
        paragraph(surface, error, bars, _sizes(layout), theme.warning)
        return
    labels = state.bar_labels[: len(layout.bars)]
    size = max(
        6, round(layout.bars[0].height * min(0.74 * len(layout.bars) / 10, 0.92))
    )  # more rows, less between them
    room = _room_for(labels, size, layout.bars[0])
    for label, row in zip(labels, layout.bars, strict=False):
        _paint_bar(surface, state, theme, label, row, size, room)


def _sizes(layout: Layout) -> list[int]:
    """Return the sizes of type that a sentence may have, the best first."""
    return [round(size * layout.unit) for size in (HEADING_SIZE, BODY_SIZE, SMALL_SIZE, 13)]


@lru_cache(maxsize=4)
def _shades(theme: Theme) -> np.ndarray:
    """Return the colours uint8 (256, 3) of 0 to 255 ink."""
    return np.linspace(theme.paper, theme.ink, 256).round().astype(np.uint8)


def _paint_cells(surface: pygame.Surface, state: State, layout: Layout, theme: Theme) -> None:
    x, y, width, height = layout.canvas
    shown = state.canvas.cells() if state.image is None else state.image
    colors = _shades(theme)[shown.T]
    cells = pygame.surfarray.make_surface(colors)
    surface.blit(pygame.transform.scale(cells, (width, height)), (x, y))
    change, how = _grid(theme)
    for column in range(1, width // layout.cell):
        surface.fill(change, (x + column * layout.cell, y, 1, height), how)
    for row in range(1, CELLS):
        surface.fill(change, (x, y + row * layout.cell, width, 1), how)


def _grid(theme: Theme) -> tuple[Color, int]:
    """Return what makes the grid's lines of the paper, and is hardly seen on ink: a colour and Pygame's blending."""
    if sum(theme.grid) < sum(theme.paper):
        return theme.grid, pygame.BLEND_RGB_MULT  # paper is white
    red, green, blue = (line - paper for line, paper in zip(theme.grid, theme.paper, strict=True))
    return (red, green, blue), pygame.BLEND_RGB_ADD


def _paint_boxes(surface: pygame.Surface, state: State, layout: Layout, theme: Theme) -> None:
    """Frame each digit of a number on the canvas."""
    reach, line = state.canvas.pen_width / 2 + 0.4, max(1, round(1.5 * layout.unit))
    canvas = layout.canvas
    for index, reading in enumerate(state.readings):
        left, top, right, bottom = reading.box
        corner = (canvas.x + (left - reach) * layout.cell, canvas.y + (top - reach) * layout.cell)
        size = ((right - left + 2 * reach) * layout.cell, (bottom - top + 2 * reach) * layout.cell)
        frame = pygame.Rect(corner, size).clip(canvas)
        color = theme.accent if reading.answer.is_sure else theme.doubt
        pygame.draw.rect(surface, color, frame, 2 * line if state.can_teach and index == state.chosen else line)


def _paint_number(surface: pygame.Surface, state: State, layout: Layout, theme: Theme) -> None:
    """Paint the number in large, and under each digit how sure it is."""
    if not state.readings or (state.message.is_error and not has_note(layout)):
        _paint_message(surface, state.message, layout, theme)
        return
    columns, size = digit_boxes(layout.answer, len(state.readings), layout.digit_share, state.signed)
    for index, column in enumerate(columns):
        _paint_digit(surface, state, theme, index, column, size)
        _paint_sign(surface, state, theme, index, column, size)


def _paint_digit(surface: pygame.Surface, state: State, theme: Theme, index: int, column: Rect, size: int) -> None:
    """Paint a digit of a number, under it how sure it is or what the user says it was, and what it goes by."""
    reading = state.readings[index]
    answer, told = reading.answer, state.teaching.told.get(reading.strokes)
    line, middle = max(8, min(round(size * 0.105), round(column.width / 2.9))), column.x + column.width // 2
    if state.can_teach and (index == state.chosen or state.hovered == Place(index)):
        lit = Rect(column.x, column.y, column.width, min(column.height, round(size * 1.0 + 1.6 * line)))
        surface.blit(rounded(lit.width, lit.height, line // 2, theme.button_lit), lit[:2])
    glyph = fitted(answer.text, BOLD, size, _color(answer, state.is_final, theme), column.width)
    surface.blit(
        glyph,
        (
            middle - glyph.get_width() // 2,
            column.y - round(size * 0.12) + (round(size * 1.21) - glyph.get_height()) // 2,
        ),
    )
    small = _said_of_digit(answer, told, line, theme, column.width)
    top = column.y + round(size * 1.0)
    surface.blit(small, (middle - small.get_width() // 2, top))
    below = top + round(1.8 * line)
    room = min(round(0.4 * size), column.y + column.height - below)
    _paint_source_of_digit(surface, state, theme, answer, Rect(column.x, below, column.width, max(0, room)))


def _paint_sign(surface: pygame.Surface, state: State, theme: Theme, index: int, column: Rect, size: int) -> None:
    """Paint the sign before a digit of a number, if there is one."""
    sign, width = state.readings[index].sign, round(SIGN_WIDTH * column.width)
    if sign:
        glyph = fitted(sign.text, BOLD, size, theme.text if state.is_final else theme.faint_text, width)
        left = column.x - (width + glyph.get_width()) // 2
        surface.blit(glyph, (left, column.y - round(size * 0.12) + (round(size * 1.21) - glyph.get_height()) // 2))


def _said_of_digit(answer: Answer, told: Told | None, size: int, theme: Theme, width: int) -> pygame.Surface:
    """Return the line under a digit of a number."""
    if told:
        words = text(f"it was {told.label}", BOLD, size, theme.text)
        return words if words.get_width() <= width else fitted(told.label, BOLD, size, theme.text, width)
    if not answer.is_sure:
        words = text("not sure", REGULAR, size, theme.faint_text)
        return words if words.get_width() <= width else text("?", BOLD, size, theme.doubt)
    words = "as taught" if answer.source else percent(answer.confidence)
    return fitted(words, REGULAR, size, theme.faint_text, width)


def _paint_message(surface: pygame.Surface, message: Message, layout: Layout, theme: Theme) -> None:
    """Paint a sentence where the answer would be."""
    x, y, _, height = layout.answer
    color = theme.warning if message.is_error else theme.text
    paragraph(surface, message.text, Rect(x, y, layout.answer_width, height), _sizes(layout), color)


def _paint_answer(surface: pygame.Surface, state: State, answer: Answer, layout: Layout, theme: Theme) -> None:
    """Paint the answer in large and how sure it is, or what it might be; beside it the drawing that it goes by."""
    x, y, _, height = layout.answer
    line, width = round(BODY_SIZE * 1.5 * layout.unit), layout.answer_width
    words = f"at most {percent(answer.confidence)} sure"
    if answer.is_sure:
        words, source = f"{percent(answer.confidence)} sure", _source(state, answer)
        if answer.source:
            words += ", as you taught it"
        if source is not None:
            width = _paint_taught(surface, source, layout, theme, width)
        glyph = fitted(answer.text, BOLD, round((height - line) * 1.25), _color(answer, state.is_final, theme), width)
        ink = glyph.get_bounding_rect()
        surface.blit(glyph, (x - ink.x, y - ink.y))
    else:
        sizes = [round(size * layout.unit) for size in (34, 28, HEADING_SIZE, BODY_SIZE)]
        paragraph(surface, answer.doubt.capitalize(), Rect(x, y, width, height - line), sizes, theme.doubt, BOLD)
    color = theme.text if state.is_final else theme.faint_text
    said = fitted(words, REGULAR, round(BODY_SIZE * layout.unit), color, layout.answer.width)
    surface.blit(said, (x, y + height - said.get_height()))


def _paint_taught(surface: pygame.Surface, picture: np.ndarray, layout: Layout, theme: Theme, width: int) -> int:
    """Paint the drawing that an answer goes by beside what the network sees; return what is left of the width."""
    gap = round(GAP * layout.unit)
    if layout.pictures.height:
        box = layout.seen._replace(x=layout.pictures.x + layout.pictures.width - layout.seen.width)
    elif layout.seen.width:
        side = CELLS * max(1, round(layout.seen.width * 0.6 / CELLS))
        box = Rect(layout.seen.x - gap - side, layout.answer.y, side, side)
        width -= side + gap
    else:
        return width
    _paint_pixels(surface, picture, box, layout, theme, "taught")
    return width


def _source(state: State, answer: Answer) -> np.ndarray | None:
    """Return the picture of the remembered drawing that an answer goes by; None if it goes by none."""
    hand = state.teaching.hand
    drawing = hand.drawing(answer.source) if hand is not None and answer.source else None
    return None if drawing is None else drawing.picture


def _paint_source_of_digit(surface: pygame.Surface, state: State, theme: Theme, answer: Answer, box: Rect) -> None:
    """Paint, under a digit of a number, the remembered drawing that it goes by, if there is room."""
    picture, times = _source(state, answer), min(box.width, box.height) // CELLS
    if picture is not None and times:
        left = box.x + (box.width - times * CELLS) // 2
        _blit_pixels(surface, picture, Rect(left, box.y, times * CELLS, times * CELLS), theme, 1)


def _paint_seen(surface: pygame.Surface, state: State, layout: Layout, theme: Theme) -> None:
    """Paint the 28x28 picture that the network is given."""
    if layout.seen.width:
        pixels = np.zeros((CELLS, CELLS), np.uint8) if state.seen is None else state.seen
        _paint_pixels(surface, pixels, layout.seen, layout, theme, "it sees")


def _paint_pixels(
    surface: pygame.Surface, pixels: np.ndarray, box: Rect, layout: Layout, theme: Theme, caption: str
) -> None:
    """Paint a picture of 28x28 pixels with a caption, if that has room."""
    _blit_pixels(surface, pixels, box, theme, max(1, round(layout.unit)))
    words = text(caption, REGULAR, round(13 * layout.unit), theme.faint_text)
    below = box.y + box.height
    room = layout.pictures if layout.pictures.height else layout.answer
    if below + words.get_height() <= room.y + room.height:
        surface.blit(words, (box.x + (box.width - words.get_width()) // 2, below + round(3 * layout.unit)))


def _blit_pixels(surface: pygame.Surface, pixels: np.ndarray, box: Rect, theme: Theme, line: int) -> None:
    """Paint a picture of 28x28 pixels, white on black as MNIST's."""
    grey = pygame.surfarray.make_surface(np.repeat(pixels.T[:, :, None], 3, axis=2))
    surface.blit(pygame.transform.scale(grey, box[2:]), box[:2])
    pygame.draw.rect(surface, theme.edge, box, line)


def _room_for(labels: Sequence[str], size: int, row: Rect) -> int:
    """Return the width in pixels of the column of labels before the bars."""
    widest = max(text(label, BOLD, size, (0, 0, 0)).get_width() for label in labels)
    return min(max(round(1.5 * size), widest + round(0.75 * size)), row.width // 3)


def _paint_bar(
    surface: pygame.Surface, state: State, theme: Theme, label: str, row: Rect, size: int, room: int
) -> None:
    """Paint the label, the bar and the probability of a digit or a sign, in type of that size."""
    answer, told = state.answer, state.teaching.label
    probability = _share(answer, label) if answer else 0.0
    is_named, color = False, theme.text
    if answer is not None and label in map(str, answer.candidates):
        is_named, color = True, theme.accent if answer.is_sure else theme.doubt
    weight = BOLD if is_named or label == told else REGULAR
    if state.hovered == Bar(label) or label == told:
        surface.blit(rounded(row.width, row.height, row.height // 4, theme.button_lit), row[:2])
    name = fitted(label, weight, size, color, room - round(0.5 * size))
    blit_middle(surface, name, row.x + round(0.25 * size), row)
    left, right = row.x + room, row.x + row.width - round(3.3 * size)
    height = max(2, round(row.height * 0.36))
    track = Rect(left, row.y + (row.height - height) // 2, max(1, right - left), height)
    surface.blit(rounded(track.width, height, height // 2, theme.track), track[:2])
    filled = round(track.width * probability)
    if filled >= 1:
        fill = theme.muted_bar if not is_named else color
        surface.blit(rounded(max(filled, height), height, height // 2, fill), track[:2])
    words = "it was" if label == told else percent(probability)
    if probability >= 0.001 or label == told:
        said = text(words, weight, round(0.88 * size), color)
        blit_middle(surface, said, row.x + row.width - said.get_width() - round(0.2 * size), row)


def _share(answer: Answer, label: str) -> float:
    return answer.probabilities[DIGITS.index(label)] if label in DIGITS else dict(answer.signs).get(label, 0.0)


def _paint_note(surface: pygame.Surface, state: State, layout: Layout, theme: Theme) -> None:
    """Paint what there is to say beside the answer: how it is corrected, or whose hand is in use."""
    if not has_note(layout):
        return
    box, words, color = layout.note, state.note, theme.faint_text
    if state.offers_teaching:
        box = box._replace(height=next(iter(layout.teaching.values())).y - box.y)
        for action, button in layout.teaching.items():
            _paint_button(surface, state, layout, theme, action, button)
    if state.readings and state.message.is_error:
        words, color = state.message.text, theme.warning
    elif not words and state.can_teach:
        words = CHOOSE_AND_TELL if state.is_number else TELL
    elif not words:
        words = state.teaching.in_words()
    sizes = [round(size * layout.unit) for size in (SMALL_SIZE, 13, 11)]
    paragraph(surface, words, box, sizes, color)


def has_note(layout: Layout) -> bool:
    """Tell whether there is room for a note."""
    return layout.note.height >= NOTE_HEIGHT


def _paint_button(
    surface: pygame.Surface, state: State, layout: Layout, theme: Theme, action: Action, box: Rect
) -> None:
    is_primary = action is Action.CLASSIFY
    is_pressed = state.pressed == state.hovered == action
    is_lit = state.hovered == action and state.pressed in (None, action)
    plain, lit, pressed = (
        (theme.accent, theme.accent_lit, theme.accent_pressed)
        if is_primary
        else (theme.button, theme.button_lit, theme.button_pressed)
    )
    fill = pressed if is_pressed or is_on(state, action) else lit if is_lit else plain
    line, radius = (
        max(1, round(layout.unit)),
        round((12 if action in TITLED and action not in SMALL else 8) * layout.unit),
    )
    inset = 0 if action in TITLED else round(2 * layout.unit)
    box = Rect(box.x + inset, box.y, max(1, box.width - 2 * inset), box.height)
    surface.blit(rounded(box.width, box.height, radius, plain if is_primary else theme.edge), box[:2])
    inside = rounded(box.width - 2 * line, box.height - 2 * line, max(0, radius - line), fill)
    surface.blit(inside, (box.x + line, box.y + line))
    if action in TITLED:
        _paint_title(surface, layout, theme, action, box)
    else:
        _paint_icon(surface, state, theme, action, box)
    if state.focused == action:
        reach = max(2, round(3 * layout.unit))
        ring = (box.x - reach, box.y - reach, box.width + 2 * reach, box.height + 2 * reach)
        pygame.draw.rect(surface, theme.focus, ring, max(2, round(2 * layout.unit)), radius + reach)


def _paint_title(surface: pygame.Surface, layout: Layout, theme: Theme, action: Action, box: Rect) -> None:
    word, hint = _title(action, layout.unit, theme)
    gap = round(8 * layout.unit)
    needed = word.get_width() + gap + hint.get_width()
    if needed > box.width:
        smaller = 0.86 * box.width / needed
        word, hint = _title(action, smaller * layout.unit, theme)
        gap = round(smaller * gap)
    left = box.x + (box.width - word.get_width() - gap - hint.get_width()) // 2
    blit_middle(surface, word, left, box)
    blit_middle(surface, hint, left + word.get_width() + gap, box)


def _title(action: Action, unit: float, theme: Theme) -> tuple[pygame.Surface, pygame.Surface]:
    """Return the name of a button and its key."""
    color, faint = (theme.on_accent, theme.on_accent) if action is Action.CLASSIFY else (theme.text, theme.faint_text)
    size = SMALL_SIZE - 2 if action in SMALL else BODY_SIZE
    word = text(ACTIONS[action].button, BOLD, round(size * unit), color)
    return word, text(ACTIONS[action].written, REGULAR, round(min(size, SMALL_SIZE) * unit), faint)


def _paint_icon(surface: pygame.Surface, state: State, theme: Theme, action: Action, box: Rect) -> None:
    side = max(4, round(min(box.width, box.height) * 0.62))
    if action is Action.NEXT_PEN:
        opacity = icons.dot(side * (0.2 + 0.7 * state.canvas.pen_width / PEN_WIDTHS[-1]), side)
    else:
        opacity = icons.icon(action, side)
    color = theme.text if can_be_pressed(state, action) else theme.edge
    surface.blit(mask(opacity, color), (box.x + (box.width - side) // 2, box.y + (box.height - side) // 2))


def is_on(state: State, action: Action) -> bool:
    """Tell whether a tool is switched on."""
    switches = {
        Action.ERASER: state.is_erasing,
        Action.NUMBERS: state.is_number,
        Action.LIVE: state.is_live,
        Action.MEMORY: state.teaching.is_on,
        Action.HELP: state.has_help,
    }
    return switches.get(action, False)


def can_be_pressed(state: State, action: Action) -> bool:
    """Tell whether a tool has something to do."""
    canvas = state.canvas
    able = {
        Action.UNDO: state.can_undo(),
        Action.REDO: canvas.can_redo(),
        Action.MEMORY: state.teaching.hand is not None,
        Action.SAVE: not canvas.is_empty(),
    }
    return able.get(action, True)


def _color(answer: Answer, is_final: bool, theme: Theme) -> Color:
    """Return the colour of a digit: a guess that still follows the pen is fainter than an answer."""
    if not answer.is_sure:
        return theme.doubt
    return theme.accent if is_final else theme.guess


def _around(boxes: tuple[Rect, ...]) -> Rect:
    first, last = boxes[0], boxes[-1]
    return Rect(first.x, first.y, first.width, last.y + last.height - first.y)
