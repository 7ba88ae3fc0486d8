"""The picture of the window: a function of the state, painted with Pygame."""

from functools import cache

import numpy as np
import pygame

from digits import theme
from digits.canvas import CELLS
from digits.classifier import Answer, stated
from digits.layout import Box, Layout
from digits.state import Message, State

LABELS = {"reset": ("Reset", "R"), "classify": ("Classify", "Enter")}  # of the buttons, with their keys

_SHADES = np.linspace(theme.PAPER, theme.INK, 256).round().astype(np.uint8)  # colours (256, 3) of 0 to 255 ink


def prepare() -> None:
    """Get ready to paint; to be called again after each `pygame.quit()`, with which all loaded fonts go."""
    pygame.font.init()
    _font_of_pixels.cache_clear()


def paint(surface: pygame.Surface, state: State, layout: Layout) -> None:
    """Paint everything."""
    surface.fill(theme.BACKGROUND)
    canvas = layout.canvas
    edge = max(1, round(2 * layout.unit))
    frame = (canvas.x - edge, canvas.y - edge, canvas.width + 2 * edge, canvas.height + 2 * edge)
    pygame.draw.rect(surface, theme.EDGE, frame, edge)
    paint_canvas(surface, state, layout)
    if state.answer is None:
        _paint_message(surface, state.message, layout)
    else:
        _paint_answer(surface, state.answer, state.message, layout)
    if state.answer is not None or not state.message.is_error:
        for digit, row in enumerate(layout.bars):
            _paint_bar(surface, state.answer, layout, digit, row)
    for name, box in layout.buttons.items():
        _paint_button(surface, state, layout, name, box)


def paint_canvas(surface: pygame.Surface, state: State, layout: Layout) -> None:
    """Paint the cells alone: all that changes while a stroke is drawn."""
    x, y, side, _ = layout.canvas
    cells = pygame.surfarray.make_surface(_SHADES[state.canvas.cells().T])
    surface.blit(pygame.transform.scale(cells, (side, side)), (x, y))
    for index in range(1, CELLS):  # multiplied, so that the grid is seen on the paper and not on the ink
        offset = index * layout.cell
        surface.fill(theme.GRID, (x + offset, y, 1, side), pygame.BLEND_RGB_MULT)
        surface.fill(theme.GRID, (x, y + offset, side, 1), pygame.BLEND_RGB_MULT)


def _paint_message(surface: pygame.Surface, message: Message, layout: Layout) -> None:
    """Paint a sentence where the answer would be; an error may be long, and takes the place of the bars too."""
    x, y, width, height = layout.answer
    if message.is_error:
        last = layout.bars[-1]
        height = last.y + last.height - y
    color = theme.WARNING if message.is_error else theme.TEXT
    for size in (theme.HEADING_SIZE, theme.BODY_SIZE, theme.SMALL_SIZE):
        font = _font(theme.REGULAR, size, layout.unit)
        if len(_wrap(message.text, font, width)) * _line_height(font) <= height:
            break
    _paint_paragraph(surface, message.text, Box(x, y, width, height), font, color)


def _paint_answer(surface: pygame.Surface, answer: Answer, message: Message, layout: Layout) -> None:
    if not answer.is_sure:
        _paint_message(surface, Message(answer.doubt.capitalize()), layout)
        return
    box, unit = layout.answer, layout.unit
    digit = _text(str(answer.digit), theme.BOLD, theme.DIGIT_SIZE, unit, theme.ACCENT)
    ink = digit.get_bounding_rect()
    surface.blit(digit, (box.x - ink.x + round(4 * unit), box.y - ink.y))
    left = box.x + round(150 * unit)
    sure = _text(stated(answer.confidence), theme.BOLD, theme.HEADING_SIZE, unit, theme.TEXT)
    word = _text("sure", theme.REGULAR, theme.BODY_SIZE, unit, theme.FAINT_TEXT)
    bottom = box.y + ink.height - word.get_height() + round(4 * unit)
    surface.blit(word, (left, bottom))
    surface.blit(sure, (left, bottom + round(2 * unit) - sure.get_height()))
    if message.is_error:
        below = ink.height + round(10 * unit)
        room = Box(box.x, box.y + below, box.width, box.height - below)
        _paint_paragraph(surface, message.text, room, _font(theme.REGULAR, theme.SMALL_SIZE, unit), theme.WARNING)


def _paint_bar(surface: pygame.Surface, answer: Answer | None, layout: Layout, digit: int, row: Box) -> None:
    unit = layout.unit
    probability = answer.probabilities[digit] if answer else 0.0
    is_best = answer is not None and digit == answer.digit
    label_color = theme.ACCENT if is_best else theme.TEXT
    weight = theme.BOLD if is_best else theme.REGULAR
    label = _text(str(digit), weight, theme.BODY_SIZE, unit, label_color)
    _blit_middle(surface, label, row.x + round(4 * unit), row)
    left, right = row.x + round(28 * unit), row.x + row.width - round(58 * unit)
    height = max(2, round(8 * unit))
    track = Box(left, row.y + (row.height - height) // 2, max(1, right - left), height)
    surface.blit(_rounded(track.width, height, height // 2, theme.TRACK), track[:2])
    filled = round(track.width * probability)
    if filled >= 1:
        color = theme.ACCENT if is_best else theme.MUTED_BAR
        surface.blit(_rounded(max(filled, height), height, height // 2, color), track[:2])
    if probability >= 0.001:
        text = _text(stated(probability).removeprefix("over "), weight, theme.SMALL_SIZE, unit, label_color)
        _blit_middle(surface, text, row.x + row.width - text.get_width(), row)


def _paint_button(surface: pygame.Surface, state: State, layout: Layout, name: str, box: Box) -> None:
    unit = layout.unit
    is_pressed, is_lit = state.pressed == name == state.hovered, state.hovered == name and state.pressed in (None, name)
    if name == "classify":
        fill = theme.ACCENT_PRESSED if is_pressed else theme.ACCENT_LIT if is_lit else theme.ACCENT
        edge, color, faint = fill, theme.ON_ACCENT, theme.ON_ACCENT
    else:
        fill = theme.BUTTON_PRESSED if is_pressed else theme.BUTTON_LIT if is_lit else theme.BUTTON
        edge, color, faint = theme.EDGE, theme.TEXT, theme.FAINT_TEXT
    radius, line = round(12 * unit), max(1, round(unit))
    surface.blit(_rounded(box.width, box.height, radius, edge), box[:2])
    inside = _rounded(box.width - 2 * line, box.height - 2 * line, max(0, radius - line), fill)
    surface.blit(inside, (box.x + line, box.y + line))
    title, key = LABELS[name]
    word = _text(title, theme.BOLD, theme.BODY_SIZE, unit, color)
    hint = _text(key, theme.REGULAR, theme.SMALL_SIZE, unit, faint)
    gap = round(8 * unit)
    left = box.x + (box.width - word.get_width() - gap - hint.get_width()) // 2
    _blit_middle(surface, word, left, box)
    _blit_middle(surface, hint, left + word.get_width() + gap, box)


def _paint_paragraph(surface: pygame.Surface, text: str, box: Box, font: pygame.font.Font, color: tuple) -> None:
    """Paint text in lines no wider than the box, as many as fit; the last one ends in an ellipsis if more follow."""
    height = _line_height(font)
    lines, room = _wrap(text, font, box.width), max(1, box.height // height)
    if len(lines) > room:
        lines = [*lines[: room - 1], lines[room - 1] + " ..."]
    for index, line in enumerate(lines):
        surface.blit(font.render(line, True, color), (box.x, box.y + index * height))


def _line_height(font: pygame.font.Font) -> int:
    return round(font.get_linesize() * 1.1)


def _wrap(text: str, font: pygame.font.Font, width: int) -> list[str]:
    """Break text at spaces, and inside words that are wider than a line (paths are)."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".lstrip()
        if font.size(joined)[0] <= width:
            lines[-1] = joined
            continue
        lines.append("")
        for letter in word:
            if lines[-1] and font.size(lines[-1] + letter)[0] > width:
                lines.append("")
            lines[-1] += letter
    return [line for line in lines if line]


def _blit_middle(surface: pygame.Surface, picture: pygame.Surface, left: int, box: Box) -> None:
    surface.blit(picture, (left, box.y + (box.height - picture.get_height()) // 2))


def _font(path, size: int, unit: float) -> pygame.font.Font:
    return _font_of_pixels(path, max(6, round(size * unit)))


@cache
def _font_of_pixels(path, pixels: int) -> pygame.font.Font:
    return pygame.font.Font(str(path), pixels)


def _text(text: str, path, size: int, unit: float, color: tuple) -> pygame.Surface:
    return _font(path, size, unit).render(text, True, color)


def _rounded(width: int, height: int, radius: int, color: tuple) -> pygame.Surface:
    """Return a filled box with smooth round corners."""
    width, height = max(1, width), max(1, height)
    radius = max(0, min(radius, width // 2, height // 2))
    surface = pygame.Surface((width, height), pygame.SRCALPHA)
    surface.fill(color)
    if radius:
        alpha = pygame.surfarray.pixels_alpha(surface)
        corner = _corner(radius)
        alpha[:radius, :radius], alpha[-radius:, :radius] = corner, corner[::-1]
        alpha[:radius, -radius:], alpha[-radius:, -radius:] = corner[:, ::-1], corner[::-1, ::-1]
    return surface


@cache
def _corner(radius: int) -> np.ndarray:
    """Return the upper left corner's opacity: uint8 (radius, radius)."""
    offset = radius - 0.5 - np.arange(radius)
    inside = np.clip(radius + 0.5 - np.hypot(offset[:, None], offset), 0, 1)
    return (255 * inside).round().astype(np.uint8)
