"""What every picture of the window is made of: text, wrapped text, round boxes and masks, with Pygame."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pygame

from digits.system.design_tokens import REGULAR, Color
from digits.window.layout import Rect

LEAST_SIZE = 6  # pixels of type
OTHER_TYPEFACES = (  # of the system, for labels and names that the program's own cannot show
    "dejavusans",
    "notosans",
    "notosanssymbols",
    "notosanssymbols2",
    "notosanscjkjp",
    "segoeuisymbol",
    "applesymbols",
    "arialunicodems",
)


def prepare() -> None:
    """Get ready to paint; to be called again after each `pygame.quit()`, with which all loaded fonts go."""
    pygame.font.init()
    forget()


def forget() -> None:
    """Give back the memory of all that was painted so far; in a window of another size nothing of it is used again."""
    for cached in (font, typeface, text, rounded, _corner):
        cached.cache_clear()


@lru_cache(maxsize=64)
def font(path: Path, pixels: int) -> pygame.font.Font:
    """Return a typeface in a size; both are used again and again."""
    return pygame.font.Font(str(path), max(LEAST_SIZE, pixels))


@lru_cache(maxsize=64)
def typeface(words: str, path: Path) -> Path:
    """Return a typeface, or one of the system's if words have signs that only that one can show."""
    if words.isascii() or has_signs(path, words):
        return path
    others = (found for name in OTHER_TYPEFACES if (found := pygame.font.match_font(name)))
    return next((Path(other) for other in others if has_signs(Path(other), words)), path)


def has_signs(path: Path, words: str) -> bool:
    """Tell whether a typeface can show all signs of words; of one that it lacks it knows a width and no extent."""
    extents = font(path, 20).metrics(words)
    pairs = zip(words, extents, strict=False)
    return len(extents) == len(words) and all((extent and any(extent[:4])) or sign.isspace() for sign, extent in pairs)


@lru_cache(maxsize=256)
def text(words: str, path: Path, pixels: int, color: Color) -> pygame.Surface:
    """Return a line of text, not to be drawn on."""
    return font(typeface(words, path), pixels).render(words, True, color)


def fitted(words: str, path: Path, pixels: int, color: Color, width: int) -> pygame.Surface:
    """Return a line of text no wider than `width` pixels, in that size or a smaller one, cut off in the smallest."""
    line = text(words, path, pixels, color)
    while line.get_width() > width and pixels > LEAST_SIZE:
        pixels = max(LEAST_SIZE, min(pixels - 1, pixels * width // line.get_width()))
        line = text(words, path, pixels, color)
    return line if line.get_width() <= width else line.subsurface((0, 0, max(1, width), line.get_height()))


def paragraph(
    surface: pygame.Surface,
    words: str,
    box: Rect,
    sizes: Sequence[int],
    color: Color,
    path: Path = REGULAR,
) -> None:
    """Paint text in the largest of the sizes that fits into the box; in the last, cut off with an ellipsis."""
    path = typeface(words, path)
    for size in sizes:
        chosen = font(path, size)
        height = round(chosen.get_linesize() * 1.1)
        lines = wrap(words, chosen, box.width)
        if len(lines) * height <= box.height:
            break
    room = max(1, box.height // height)
    if len(lines) > room:
        lines = [*lines[: room - 1], lines[room - 1] + " ..."]
    for index, line in enumerate(lines):
        surface.blit(text(line, path, size, color), (box.x, box.y + index * height))


def wrap(words: str, chosen: pygame.font.Font, width: int) -> list[str]:
    """Break text at spaces, and inside words that are wider than a line (paths are)."""
    lines = [""]
    for word in words.split(" "):
        joined = f"{lines[-1]} {word}".lstrip()
        if chosen.size(joined)[0] <= width:
            lines[-1] = joined
            continue
        lines.append("")
        for letter in word:
            if lines[-1] and chosen.size(lines[-1] + letter)[0] > width:
                lines.append("")
            lines[-1] += letter
    return [line for line in lines if line]


def blit_middle(surface: pygame.Surface, picture: pygame.Surface, left: int, box: Rect) -> None:
    """Paint a picture at a left edge, halfway down a box."""
    surface.blit(picture, (left, box.y + (box.height - picture.get_height()) // 2))


@lru_cache(maxsize=256)
def rounded(width: int, height: int, radius: int, color: Color) -> pygame.Surface:
    """Return a filled box with smooth round corners, not to be drawn on."""
    width, height = max(1, width), max(1, height)
    radius = max(0, min(radius, width // 2, height // 2))
    opacity = np.full((width, height), 255, np.uint8)
    if radius:
        corner = _corner(radius)
        opacity[:radius, :radius], opacity[-radius:, :radius] = corner, corner[::-1]
        opacity[:radius, -radius:], opacity[-radius:, -radius:] = corner[:, ::-1], corner[::-1, ::-1]
    return mask(opacity.T, color)


def mask(opacity: np.ndarray, color: Color) -> pygame.Surface:
    """Return a surface of one colour with an opacity, uint8 (height, width)."""
    surface = pygame.Surface(opacity.shape[::-1], pygame.SRCALPHA)
    surface.fill(color)
    pygame.surfarray.pixels_alpha(surface)[:] = opacity.T
    return surface


@lru_cache(maxsize=64)
def _corner(radius: int) -> np.ndarray:
    """Return the upper left corner's opacity: uint8 (radius, radius)."""
    offset = radius - 0.5 - np.arange(radius)
    inside = np.clip(radius + 0.5 - np.hypot(offset[:, None], offset), 0, 1)
    return (255 * inside).round().astype(np.uint8)
