"""The look of the window: its colours, typefaces and sizes of type, each decided here and nowhere else."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "assets"
ICON = ASSETS / "icon.png"
REGULAR = ASSETS / "Inter-Regular.otf"
BOLD = ASSETS / "Inter-SemiBold.otf"

BACKGROUND = (246, 245, 241)
PAPER = (255, 255, 255)
GRID = (236, 235, 230)
EDGE = (214, 211, 203)
INK = (28, 30, 46)
TEXT = (28, 30, 46)
FAINT_TEXT = (106, 106, 120)  # 5:1 on the background, above the 4.5:1 of WCAG 2.2 AA
ACCENT = (79, 70, 229)
ACCENT_LIT = (99, 91, 240)
ACCENT_PRESSED = (62, 54, 196)
ON_ACCENT = (255, 255, 255)
TRACK = (232, 230, 223)
MUTED_BAR = (168, 165, 196)
BUTTON = (255, 255, 255)
BUTTON_LIT = (250, 249, 255)
BUTTON_PRESSED = (232, 230, 240)
WARNING = (176, 56, 24)

# Sizes of type in pixels for a window of the design height.
DIGIT_SIZE = 200
HEADING_SIZE = 26
BODY_SIZE = 18
SMALL_SIZE = 15
