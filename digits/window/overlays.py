"""What lies over the window for a while: the help card, printed from the table of actions, and the tooltips."""

import pygame

from digits.system.design_tokens import BOLD, REGULAR, Theme
from digits.window.actions import ACTIONS, HELP, Action
from digits.window.layout import HEADING_SIZE, SMALL_SIZE, Layout, Rect
from digits.window.primitives import blit_middle, rounded, text

HELP_WIDTH = 600  # pixels where the unit is 1
ROW = 27
PADDING = 24


def paint_help(surface: pygame.Surface, unit: float, theme: Theme) -> None:
    """Paint the card of all keys, as large as the window allows."""
    width, height = surface.get_size()
    natural = 2 * PADDING + ROW * (len(HELP) + 1.6)
    unit = max(0.2, min(max(unit, 1.0), (width - 16) / HELP_WIDTH, (height - 16) / natural))
    card = Rect(0, 0, round(HELP_WIDTH * unit), round(natural * unit))
    card = Rect((width - card.width) // 2, (height - card.height) // 2, card.width, card.height)
    surface.blit(rounded(*card[2:], round(16 * unit), theme.edge), card[:2])
    line = max(1, round(unit))
    inside = rounded(card.width - 2 * line, card.height - 2 * line, round(16 * unit) - line, theme.card)
    surface.blit(inside, (card.x + line, card.y + line))
    left, top = card.x + round(PADDING * unit), card.y + round(PADDING * unit)
    surface.blit(text("Keys", BOLD, round(HEADING_SIZE * unit), theme.text), (left, top))
    for index, (keys, effect) in enumerate(HELP.items()):
        row = Rect(left, top + round(ROW * (index + 1.6) * unit), card.width, round(ROW * unit))
        blit_middle(surface, text(keys, BOLD, round(16 * unit), theme.text), row.x, row)
        words = text(effect, REGULAR, round(16 * unit), theme.text)
        blit_middle(surface, words, row.x + round(120 * unit), row)


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
