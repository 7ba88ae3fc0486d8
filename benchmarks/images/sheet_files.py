"""Sheets of many digits as image files: photos of squared, ruled or plain paper that somebody wrote on.

Drawn with Pillow, not with the product's own renderer, and saved as JPEG, so that the product meets them as it meets a
user's photos. Digits stand anywhere in their places, in lines, and touch and cross the lines of the paper.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.images import image_files
from benchmarks.support.pen_strokes import Digit

COLUMNS = 10  # of digits
FINENESS = 2  # a sheet is drawn this much larger and then reduced, so that edges are smooth

# Ranges are uniform
PLACE = (110, 170)  # pixels, the side of each digit's place
HEIGHT = (0.5, 0.75)  # of the place: the longest side of a digit's path
PEN = (0.5, 1.2)  # times the usual pen of `image_files`
MARGIN = 0.5  # places around the digits, before the sheet is turned
SQUARES = (0.2, 1.0)  # of the place: the distance of the paper's lines
LINE = (1.0, 3.0)  # pixels, the width of the paper's lines
LINE_SHADE = (0.1, 0.4)  # of the paper's light that a line takes
LINE_TINT = (0.4, 1.0)  # of that in red, green and blue
INK = (0.1, 0.45)  # of the paper's light, that the ink leaves
INK_TINT = (0.8, 1.2)  # of that in red, green and blue
PAPER = (170, 245)  # grey, where the light is full
PAPER_TINT = (0.9, 1.0)  # of that in red, green and blue
BOARD, CHALK = (25, 70), (150, 235)  # grey of a board and of the chalk on it
BOARD_LINE = (0.2, 0.5)  # of the way from the board to the chalk
TABLE = (40, 110)  # grey of what the sheet lies on
GRADIENT = (0.1, 0.4)  # of the light, lost from one side of the picture to the other
SHADOW = (0.0, 0.35)  # of the light, lost beyond the edge of a shadow
SHADOW_EDGE = (0.02, 0.2)  # of the picture, from light to shadow
BLUR = (0.5, 1.2)  # pixels, standard deviation
NOISE = (2.0, 6.0)  # grey levels, standard deviation
QUALITY = (60, 90)  # of the JPEG


class Style(NamedTuple):
    """How a sheet looks: "squared", "ruled" or "plain", its turn clockwise in degrees, a board, on a table."""

    lines: str = "squared"
    degrees: float = 5.0
    is_board: bool = False
    on_table: bool = False


class WrittenSheet(NamedTuple):
    """A photo: the file's bytes, and of its digits in reading order the boxes float (n, 4) and the lines' number.

    A box is left, top, right, bottom of the ink in pixels.
    """

    content: bytes
    boxes: np.ndarray
    lines: int


def photograph(digits: list[Digit], style: Style, rng: np.random.Generator) -> WrittenSheet:
    """Return the photo of a sheet with these digits, COLUMNS in a line."""
    place, lines = rng.uniform(*PLACE), -(-len(digits) // COLUMNS)
    size = np.array([COLUMNS + 2 * MARGIN, lines + 2 * MARGIN]) * place
    turn = Turn(style.degrees, size, 1.1 * size if style.on_table else size)
    pen = max(2.0, rng.uniform(*PEN) * image_files.USUAL_PEN * sum(HEIGHT) / 2 * place)
    placed = [_placed(digit, number, place, turn, rng) for number, digit in enumerate(digits)]
    ink, ruling = _drawn(placed, pen, turn), _ruled(style.lines, place, turn, rng)
    seen = _board(ink, ruling, rng) if style.is_board else _paper(ink, ruling, rng)
    if style.on_table:
        on_sheet = (np.abs(turn.places()) < size / 2).all(-1, keepdims=True)
        seen = np.where(on_sheet, seen, rng.uniform(*TABLE))
    boxes = [(*np.min(points, 0) - pen / 2, *np.max(points, 0) + pen / 2) for points in map(np.concatenate, placed)]
    return WrittenSheet(_file(seen * _light(turn, rng)[..., None], rng), np.array(boxes), lines)


class Turn:
    """Turns points of a sheet, (x, y) in pixels, about its middle and into the picture.

    sheet and picture: their widths and heights in pixels.
    """

    def __init__(self, degrees: float, sheet: np.ndarray, picture: np.ndarray):
        angle = np.deg2rad(degrees)
        cos, sin = np.cos(angle), np.sin(angle)
        self.matrix = np.array([[cos, sin], [-sin, cos]])
        self.sheet = np.asarray(sheet, float)
        self.width, self.height = map(int, np.ceil(abs(self.matrix) @ picture))

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return points (n, 2) in the picture."""
        return (points - self.sheet / 2) @ self.matrix + (self.width / 2, self.height / 2)

    def places(self) -> np.ndarray:
        """Return where each pixel of the picture is on the sheet, from its middle: float32 (h, w, 2)."""
        y, x = np.mgrid[: self.height, : self.width].astype(np.float32)
        pixels = np.stack([x, y], -1) + 0.5 - np.array([self.width / 2, self.height / 2], np.float32)
        return pixels @ self.matrix.T.astype(np.float32)


def _placed(digit: Digit, number: int, place: float, turn: Turn, rng: np.random.Generator) -> Digit:
    """Return the strokes of a digit anywhere within its place, turned, in pixels of the picture."""
    points = np.concatenate(digit)
    low, extent = points.min(0), np.ptp(points, axis=0)
    scale = rng.uniform(*HEIGHT) * place / max(extent.max(), 1e-9)
    row, column = divmod(number, COLUMNS)
    room = 0.85 * place - extent * scale
    corner = (np.array([column, row]) + MARGIN + 0.075) * place + room * rng.random(2)
    return [turn((stroke - low) * scale + corner) for stroke in digit]


def _drawn(placed: list[Digit], pen: float, turn: Turn) -> np.ndarray:
    """Return the share of ink (h, w, 1) of a round pen pulled along the strokes."""
    canvas = Image.new("L", (turn.width * FINENESS, turn.height * FINENESS))
    draw, radius = ImageDraw.Draw(canvas), pen * FINENESS / 2
    for stroke in (stroke * FINENESS for digit in placed for stroke in digit):
        draw.line([tuple(point) for point in stroke], fill=255, width=round(2 * radius))
        for x, y in stroke:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(canvas.reduce(FINENESS), np.float32)[..., None] / 255


def _ruled(kind: str, place: float, turn: Turn, rng: np.random.Generator) -> np.ndarray:
    """Return the share (h, w, 1) of the paper's lines."""
    distance, width = rng.uniform(*SQUARES) * place, rng.uniform(*LINE)
    if kind == "ruled":
        distance = max(distance, place / 2)
    ruling = np.zeros((turn.height, turn.width), np.float32)
    for axis in {"squared": (0, 1), "ruled": (1,), "plain": ()}[kind]:
        across = turn.places()[..., axis] + rng.uniform(0, distance)
        np.maximum(ruling, np.clip(width / 2 + 0.5 - abs(across % distance - distance / 2), 0, 1), out=ruling)
    return ruling[..., None]


def _paper(ink: np.ndarray, ruling: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the colours (h, w, 3) of paper with dark ink on its lines."""
    paper = rng.uniform(*PAPER) * rng.uniform(*PAPER_TINT, 3)
    lined = 1 - ruling * rng.uniform(*LINE_SHADE) * rng.uniform(*LINE_TINT, 3)
    pen = np.minimum(rng.uniform(*INK) * rng.uniform(*INK_TINT, 3), 0.6)
    return paper * (lined * (1 - ink) + pen * np.minimum(lined + 0.1, 1) * ink)


def _board(ink: np.ndarray, ruling: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the colours (h, w, 3) of a board with chalk on its lines."""
    board, chalk = rng.uniform(*BOARD), rng.uniform(*CHALK)
    lined = board + ruling * (chalk - board) * rng.uniform(*BOARD_LINE) * rng.uniform(*LINE_TINT, 3)
    return lined * (1 - ink) + chalk * ink


def _light(turn: Turn, rng: np.random.Generator) -> np.ndarray:
    """Return the share of the light (h, w): falling off to one side, and less beyond the edge of a shadow."""
    y, x = np.mgrid[0 : 1 : turn.height * 1j, 0 : 1 : turn.width * 1j]
    across, along = ((x - 0.5) * np.cos(a) + (y - 0.5) * np.sin(a) for a in rng.uniform(0, 2 * np.pi, 2))
    beyond = 1 / (1 + np.exp(-(along - rng.uniform(-0.4, 0.4)) / (rng.uniform(*SHADOW_EDGE) / 4)))
    return (1 - rng.uniform(*GRADIENT) * (across / np.sqrt(2) + 0.5)) * (1 - rng.uniform(*SHADOW) * beyond)


def _file(colors: np.ndarray, rng: np.random.Generator) -> bytes:
    blurred = Image.fromarray(np.clip(colors, 0, 255).astype(np.uint8))
    blurred = blurred.filter(ImageFilter.GaussianBlur(rng.uniform(*BLUR)))
    noisy = np.asarray(blurred) + rng.normal(0, rng.uniform(*NOISE), colors.shape)
    photo = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    return image_files.encoded(photo, "JPEG", quality=int(rng.integers(*QUALITY)))
