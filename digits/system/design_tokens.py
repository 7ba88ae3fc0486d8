"""Design tokens: the colours and typefaces that window, page, report and exported pictures share.

Colour-blind people can distinguish blue and orange, and nothing is expressed by colour alone. Text has a contrast of
at least 4.5:1 (WCAG 2.2, AA).
"""

from typing import NamedTuple

from digits.system.paths import ASSETS

ICON = ASSETS / "icon.png"
REGULAR = ASSETS / "Inter-Regular.otf"
BOLD = ASSETS / "Inter-SemiBold.otf"

Color = tuple[int, int, int]


class Theme(NamedTuple):
    """The colours of one appearance, light or dark: red, green and blue of 0 to 255 each."""

    background: Color
    paper: Color
    grid: Color  # of the lines on the paper
    edge: Color
    ink: Color
    text: Color
    faint_text: Color
    accent: Color  # of a sure answer, and of the main button
    accent_lit: Color
    accent_pressed: Color
    on_accent: Color
    doubt: Color
    warning: Color
    track: Color
    muted_bar: Color
    guess: Color  # of an answer while the digit is being drawn
    button: Color
    button_lit: Color
    button_pressed: Color
    focus: Color
    card: Color


LIGHT = Theme(
    background=(246, 245, 241),
    paper=(255, 255, 255),
    grid=(236, 235, 230),
    edge=(214, 211, 203),
    ink=(28, 30, 46),
    text=(28, 30, 46),
    faint_text=(98, 98, 112),
    accent=(79, 70, 229),
    accent_lit=(99, 91, 240),
    accent_pressed=(62, 54, 196),
    on_accent=(255, 255, 255),
    doubt=(168, 76, 8),
    warning=(176, 56, 24),
    track=(232, 230, 223),
    muted_bar=(168, 165, 196),
    guess=(108, 103, 164),
    button=(255, 255, 255),
    button_lit=(238, 236, 255),
    button_pressed=(226, 223, 251),
    focus=(28, 30, 46),
    card=(255, 255, 255),
)
DARK = Theme(
    background=(20, 21, 29),
    paper=(30, 32, 44),
    grid=(42, 44, 59),
    edge=(62, 65, 84),
    ink=(244, 243, 252),
    text=(236, 235, 243),
    faint_text=(170, 170, 190),
    accent=(150, 156, 255),
    accent_lit=(172, 177, 255),
    accent_pressed=(126, 132, 240),
    on_accent=(20, 21, 29),
    doubt=(244, 172, 84),
    warning=(255, 140, 110),
    track=(44, 46, 62),
    muted_bar=(96, 98, 134),
    guess=(128, 131, 178),
    button=(36, 38, 52),
    button_lit=(50, 53, 74),
    button_pressed=(58, 62, 88),
    focus=(255, 255, 255),
    card=(36, 38, 52),
)
THEMES = {"light": LIGHT, "dark": DARK}


def css_variables() -> str:
    """Return the colours of a page as CSS custom properties that follow the reader's light or dark appearance."""
    roles = {
        "paper": "background",
        "card": "paper",
        "text": "text",
        "faint": "faint_text",
        "line": "edge",
        "accent": "accent",
        "second": "doubt",
        "wrong": "warning",
    }
    pairs = {name: [f"rgb{getattr(theme, role)}" for theme in (LIGHT, DARK)] for name, role in roles.items()}
    return " ".join(f"--{name}: light-dark({light}, {dark});" for name, (light, dark) in pairs.items())


class EitherTheme(NamedTuple):
    """The colours of pictures and charts that lie on light and on dark pages alike; their paper is transparent."""

    ink: Color
    grid: Color
    few: Color  # of mistakes, and ...
    many: Color
    on_few_to_many: Color  # text that reads on either


EITHER_THEME = EitherTheme(
    ink=(99, 102, 241),
    grid=(128, 132, 160),
    few=(254, 215, 170),
    many=(251, 146, 60),
    on_few_to_many=(67, 20, 7),
)


def css(color: Color) -> str:
    """Return a colour as CSS writes it: (255, 0, 16) -> "#ff0010"."""
    return "#" + bytes(color).hex()
