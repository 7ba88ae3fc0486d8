"""What lies over the window for a while: the help card, printed from the table of keys, and the tips of the tools."""

import pygame

from digits.system import design_tokens
from digits.system.design_tokens import Theme
from digits.window import theme
from digits.window.keymap import BINDINGS
from digits.window.layout import Box, Layout
from digits.window.primitives import blit_middle, rounded, text

HELP_WIDTH = 600  # pixels where the unit is 1
ROW = 27
PADDING = 24


def paint_help(surface: pygame.Surface, unit: float, look: Theme) -> None:
    """Paint the card of all keys, as large as the window allows."""
    rows = [binding for binding in BINDINGS if binding.does]
    width, height = surface.get_size()
    natural = 2 * PADDING + ROW * (len(rows) + 1.6)
    unit = max(0.2, min(max(unit, 1.0), (width - 16) / HELP_WIDTH, (height - 16) / natural))
    card = Box(0, 0, round(HELP_WIDTH * unit), round(natural * unit))
    card = Box((width - card.width) // 2, (height - card.height) // 2, card.width, card.height)
    surface.blit(rounded(*card[2:], round(16 * unit), look.edge), card[:2])
    line = max(1, round(unit))
    inside = rounded(card.width - 2 * line, card.height - 2 * line, round(16 * unit) - line, look.card)
    surface.blit(inside, (card.x + line, card.y + line))
    left, top = card.x + round(PADDING * unit), card.y + round(PADDING * unit)
    surface.blit(text("Keys", design_tokens.BOLD, round(theme.HEADING_SIZE * unit), look.text), (left, top))
    for index, binding in enumerate(rows):
        row = Box(left, top + round(ROW * (index + 1.6) * unit), card.width, round(ROW * unit))
        blit_middle(surface, text(binding.shown, design_tokens.BOLD, round(16 * unit), look.text), row.x, row)
        words = text(binding.does, design_tokens.REGULAR, round(16 * unit), look.text)
        blit_middle(surface, words, row.x + round(120 * unit), row)


def paint_tip(surface: pygame.Surface, title: str, key: str, layout: Layout, look: Theme, name: str) -> None:
    """Paint what a tool is called, and its key, above the tool and inside the window."""
    box, unit = layout.buttons[name], layout.unit
    size = round(theme.SMALL_SIZE * unit)
    words, hint = (
        text(title, design_tokens.BOLD, size, look.background),
        text(key, design_tokens.REGULAR, size, look.background),
    )
    gap, padding = round(10 * unit), round(8 * unit)
    width = words.get_width() + hint.get_width() + gap + 2 * padding
    height = words.get_height() + padding
    left = min(max(0, box.x + (box.width - width) // 2), max(0, surface.get_width() - width))
    tip = Box(left, max(0, box.y - height - round(6 * unit)), width, height)
    surface.blit(rounded(width, height, round(7 * unit), look.text), tip[:2])
    blit_middle(surface, words, tip.x + padding, tip)
    blit_middle(surface, hint, tip.x + padding + words.get_width() + gap, tip)
