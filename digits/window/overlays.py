"""What lies over the window for a while: the help card, printed from the table of actions, the text field, tooltips."""

from collections.abc import Mapping

import pygame

from digits.system.design_tokens import BOLD, REGULAR, Theme
from digits.window.actions import ACTIONS, HELP, Action
from digits.window.layout import HEADING_SIZE, SMALL_SIZE, Layout, Rect
from digits.window.primitives import blit_middle, fitted, rounded, text

HELP_WIDTH = 600  # pixels where the unit is 1
ROW = 27
PADDING = 24
SCRIM, SCRIM_OPACITY = (0, 0, 0), 110  # of 255
FIELD_SIZE = (380, 156)
FIELD_HINT = "A letter, a sign or a word. Enter takes it, Esc leaves."


def paint_help(surface: pygame.Surface, unit: float, theme: Theme, lines: Mapping[str, str] = HELP) -> None:
    """Paint the card of all keys, as large as the window allows; lines: keys and what they do."""
    width, height = surface.get_size()
    natural = 2 * PADDING + ROW * (len(lines) + 1.6)
    unit = max(0.2, min(max(unit, 1.0), (width - 16) / HELP_WIDTH, (height - 16) / natural))
    card = _paint_card(surface, round(HELP_WIDTH * unit), round(natural * unit), unit, theme)
    left, top = card.x + round(PADDING * unit), card.y + round(PADDING * unit)
    surface.blit(text("Keys", BOLD, round(HEADING_SIZE * unit), theme.text), (left, top))
    for index, (keys, effect) in enumerate(lines.items()):
        row = Rect(left, top + round(ROW * (index + 1.6) * unit), card.width, round(ROW * unit))
        blit_middle(surface, text(keys, BOLD, round(16 * unit), theme.text), row.x, row)
        words = text(effect, REGULAR, round(16 * unit), theme.text)
        blit_middle(surface, words, row.x + round(120 * unit), row)


def paint_text_field(surface: pygame.Surface, typed: str, unit: float, theme: Theme) -> None:
    """Paint the card that asks for any text as label, with what is typed so far."""
    width, height = surface.get_size()
    unit = max(0.2, min(unit, (width - 16) / FIELD_SIZE[0], (height - 16) / FIELD_SIZE[1]))
    card = _paint_card(surface, round(FIELD_SIZE[0] * unit), round(FIELD_SIZE[1] * unit), unit, theme)
    left, top, inner = card.x + round(PADDING * unit), card.y + round(18 * unit), card.width - 2 * round(PADDING * unit)
    surface.blit(text("It was ...", BOLD, round(18 * unit), theme.text), (left, top))
    line = max(1, round(1.5 * unit))
    field = Rect(left, top + round(32 * unit), inner, round(44 * unit))
    surface.blit(rounded(*field[2:], round(8 * unit), theme.accent), field[:2])
    inside = Rect(field.x + line, field.y + line, field.width - 2 * line, field.height - 2 * line)
    surface.blit(rounded(*inside[2:], round(8 * unit) - line, theme.background), inside[:2])
    words = fitted(typed, REGULAR, round(24 * unit), theme.text, inside.width - round(24 * unit))
    blit_middle(surface, words, inside.x + round(10 * unit), inside)
    caret = inside.x + round(12 * unit) + (words.get_width() if typed else 0)
    surface.fill(theme.accent, (caret, inside.y + round(9 * unit), max(1, line), inside.height - round(18 * unit)))
    hint = fitted(FIELD_HINT, REGULAR, round(15 * unit), theme.faint_text, inner)
    surface.blit(hint, (left, field.y + field.height + round(10 * unit)))


def _paint_card(surface: pygame.Surface, width: int, height: int, unit: float, theme: Theme) -> Rect:
    """Paint an empty card in the middle of the window, over a scrim that takes the rest back, and return its box."""
    scrim = pygame.Surface(surface.get_size())
    scrim.fill(SCRIM)
    scrim.set_alpha(SCRIM_OPACITY)
    surface.blit(scrim, (0, 0))
    card = Rect((surface.get_width() - width) // 2, (surface.get_height() - height) // 2, width, height)
    surface.blit(rounded(width, height, round(16 * unit), theme.edge), card[:2])
    line = max(1, round(unit))
    inside = rounded(width - 2 * line, height - 2 * line, round(16 * unit) - line, theme.card)
    surface.blit(inside, (card.x + line, card.y + line))
    return card


def paint_tooltip(surface: pygame.Surface, action: Action, layout: Layout, theme: Theme) -> None:
    """Paint what a tool is called, and its key, above the tool and inside the window."""
    title, key = ACTIONS[action].button, ACTIONS[action].written
    box, unit = layout.buttons[action], layout.unit
    size = round(SMALL_SIZE * unit)
    words, hint = (
        text(title, BOLD, size, theme.background),
        text(key, REGULAR, size, theme.background),
    )
    gap, padding = round(10 * unit), round(8 * unit)
    width = words.get_width() + hint.get_width() + gap + 2 * padding
    height = words.get_height() + padding
    left = min(max(0, box.x + (box.width - width) // 2), max(0, surface.get_width() - width))
    tip = Rect(left, max(0, box.y - height - round(6 * unit)), width, height)
    surface.blit(rounded(width, height, round(7 * unit), theme.text), tip[:2])
    blit_middle(surface, words, tip.x + padding, tip)
    blit_middle(surface, hint, tip.x + padding + words.get_width() + gap, tip)
