"""Reading: the one way from an image file to the digits in it, for the page, the window and the command line.

    decode -> grey -> background -> grid -> ruled lines -> components -> digits -> MNIST layout -> answers -> order

`read` composes the steps; each is a module named for what it does, and imports only steps before it. A picture may show
one digit, a number or a page of many, dark on light or light on dark, in uneven light, on ruled or squared paper.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from itertools import chain, groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from digits.drawing.signs import before
from digits.images import pdf_pages
from digits.images.background import PageContrast, Polarity, measure_contrast, measure_polarity
from digits.images.components import Components
from digits.images.decoding import EXPECTED, DecodedImage, decode_pages
from digits.images.filters import block_side, downsample, upsample
from digits.images.greyscale import to_colors, to_grey
from digits.images.one_digit import find_broad_digit, find_one_digit
from digits.images.ruled_lines import remove_ruled_lines
from digits.recognition.classifier import Recognizer
from digits.sheets import reading_order, touching
from digits.sheets.digit_segmentation import BoundingBox, DigitSegmentation, RecognizedDigit, to_box
from digits.sheets.grid import find_grid
from digits.sheets.signs import with_signs
from digits.sheets.table import Cell, Table, read_table
from digits.system.files import UserError, shorten

MAX_BYTES = 100_000_000  # of an uploaded file
MAX_COMPONENTS = 1000  # on a page: a digit in each square of a page of paper, and as many again
GLANCE_SIDE = 256  # pixels, the longest side at which pictures of broad strokes are read first ...
LARGE_DIGIT = 48  # pixels, ... and not again if the longest side of a typical digit is this there
LEAST_SIDE = 160  # pixels, the least longest side at which components are told apart
FEWEST_ROWS = 3  # and columns, of a blank grid that is paper or a table, and not the loops of some digits
DARK = 0.3  # of the paper's level in a digit's box: no shadow within it is so deep
BROADEST = 3.0  # times its height, of a digit that was squeezed into its picture
MOST_PARTS = 4  # of a broad digit that are taken for digits: its holes, and what is left of it
RIM = 0.01  # of the longest side, at the edge of the picture
PREVIEW_SIDE = 1600  # pixels, the longest side of the picture that is shown
QUALITY = 85  # of its JPEG


@dataclass(frozen=True, eq=False)
class Sheet:
    """The digits of an image: lines in reading order, the upright image's size in pixels, a small JPEG of it.

    table: the same digits by rows and cells where they stand in a grid. Boxes are in pixels of the upright image.
    page: its number in a file of several, from 1.
    """

    lines: tuple[tuple[RecognizedDigit, ...], ...]
    width: int
    height: int
    preview: bytes
    table: Table = ()
    page: int = 1

    @property
    def digits(self) -> list[RecognizedDigit]:
        """All digits in reading order."""
        return [digit for line in self.lines for digit in line]

    @property
    def text(self) -> str:
        """What is written, such as "1024 7": numbers parted by spaces, each line on its own, "?" where not sure."""
        return self._written(_verdict)

    @property
    def number(self) -> str:
        """What is written, with the likeliest digit also where the answer is not sure."""
        return self._written(lambda digit: before(digit.sign, digit.answer.text))

    @property
    def cells(self) -> list[list[str]]:
        """What is written in each cell of a grid, row by row: "" in an empty one, "?" where not sure."""
        return [["".join(map(_verdict, cell)) for cell in row] for row in self.table]

    def _written(self, character: Callable[[RecognizedDigit], str]) -> str:
        lines = [list(_cell_numbers(row)) for row in self.table] or [_numbers(line) for line in self.lines]
        return "\n".join(" ".join("".join(map(character, number)) for number in line) for line in lines if line)


class PageView(NamedTuple):
    """A page at some size, without its ruled lines.

    grey: (h, w), each of its pixels `block` of the image's. scale: how many of the image's pixels one of the
    components' is.
    """

    grey: np.ndarray
    block: int
    is_ruled: bool
    components: Components
    scale: float


def read(source: Path | bytes, name: str, classifier: Recognizer, has_signs: bool = True) -> Sheet:
    """Return the digits, one at least, in an image file, given by its path or its content.

    has_signs: whether there may be signs between the digits. Of several pages, the first that has digits. Raises
    UserError, which calls the file by `name`.
    """
    return next(_sheets(source, name, classifier, has_signs))


def read_pages(source: Path | bytes, name: str, classifier: Recognizer, has_signs: bool = True) -> list[Sheet]:
    """Return the pages of an image file that have digits, one at least: a PDF and a TIFF may have several.

    has_signs: whether there may be signs between the digits. Raises UserError, which calls the file by `name`.
    """
    return list(_sheets(source, name, classifier, has_signs))


def _sheets(source: Path | bytes, name: str, classifier: Recognizer, has_signs: bool) -> Iterator[Sheet]:
    """Yield the pages that have digits; raises the first page's UserError if there are none."""
    if isinstance(source, bytes):  # an upload, whose name may be anything
        name = shorten(name)
        if len(source) > MAX_BYTES:
            raise UserError(f"The image {name} has more than {MAX_BYTES:,} bytes; scale it down and try again.")
    pictures = pdf_pages.render(source, name) if pdf_pages.is_pdf(source) else decode_pages(source, name)
    first_failure = None
    num_read = 0
    try:
        for number, picture in enumerate(pictures, start=1):
            try:
                sheet = _read_picture(picture, name, classifier, has_signs)
            except UserError as error:
                first_failure = first_failure or error.with_traceback(None)  # which would hold the page
            else:
                num_read += 1
                yield replace(sheet, page=number)
    except UserError as error:  # from here on the file is damaged
        first_failure = first_failure or error.with_traceback(None)
    if first_failure and not num_read:
        try:
            raise first_failure
        finally:
            del first_failure  # it holds this frame


def _read_picture(image: DecodedImage, name: str, classifier: Recognizer, has_signs: bool) -> Sheet:
    colors = to_colors(image.picture)
    grey = to_grey(colors)
    scale = max(image.width, image.height) / max(colors.shape[:2])
    place = partial(_in_image_pixels, scale=scale, width=image.width, height=image.height)
    polarity = measure_polarity(grey)
    contrast = measure_contrast(grey, polarity.is_dark_ink)
    table = _read_table(contrast, classifier, name, has_signs)
    if table:
        table = tuple(tuple(map(place, row)) for row in table)
        lines = tuple(tuple(chain(*row)) for row in table if any(row))
    else:
        digits = place(_read_digits(grey, polarity, contrast, classifier, name, has_signs))
        order = reading_order.group_lines(np.array([digit.box for digit in digits]))
        lines = tuple(tuple(digits[index] for index in line) for line in order)
    return Sheet(lines, image.width, image.height, _preview(colors), table)


def _read_table(contrast: PageContrast, classifier: Recognizer, name: str, has_signs: bool) -> Table:
    """Return the digits in the cells of a grid on a page; none where digits do not stand in cells."""
    grid = find_grid(contrast.values)
    if grid is None or not (grid.holds_digits or grid.is_blank):
        return ()
    if grid.is_blank:
        if min(grid.corners.shape[:2]) >= FEWEST_ROWS:
            raise _blank(name)
        return ()
    table = read_table(contrast.values, grid, classifier, MAX_COMPONENTS, has_signs)
    return table if any(map(any, table)) else ()


def _read_digits(
    grey: np.ndarray,
    polarity: Polarity,
    contrast: PageContrast,
    classifier: Recognizer,
    name: str,
    has_signs: bool,
) -> list[RecognizedDigit]:
    """Return the digits, one at least, in greys (h, w) in [0, 255] of that contrast, in no order; raises UserError."""
    view = _view(grey, polarity, contrast)
    if len(view.components.kept) > MAX_COMPONENTS:
        raise UserError(f"The image {name} shows more than {MAX_COMPONENTS} marks; use one of fewer digits.")
    segmentation = DigitSegmentation(view.components, classifier.classify, has_signs)
    digits = segmentation.recognize()
    if has_signs:
        digits = with_signs(digits, view.components, segmentation.groups)
    digits = [digit.scaled(view.scale) for digit in digits]
    if max(len(segmentation.groups), len(digits)) > 1 or any(digit.sign for digit in digits):
        inked = [digit for digit in digits if not _is_rim(digit.box, contrast)]
        if not contrast.is_dark_ink or len(inked) < len(digits):  # ink may have been taken for paper
            broad = _read_broad_digit(grey, digits, classifier)
            if broad is not None:
                return [broad]
        digits = [digit for digit in inked if not _is_line(digit.box, grey.shape)]
        if not digits:
            raise _blank(name)
        return digits
    digit = _read_one_digit(grey, view, contrast, classifier, name)
    if _is_line(digit.box, grey.shape) or (not segmentation.groups and _spans(digit.box, grey.shape)):
        raise _blank(name)
    return [digit]


def _view(grey: np.ndarray, polarity: Polarity, contrast: PageContrast) -> PageView:
    """Return the page at a glance where that shows its digits large enough, or else in full."""
    if polarity.is_broad:
        small, block = downsample(grey, GLANCE_SIDE), block_side(grey, GLANCE_SIDE)
        view = _view_of(small, measure_contrast(small, polarity.is_dark_ink), block)
        if view.components.typical_size >= LARGE_DIGIT:
            return view
    return _view_of(grey, contrast)


def _view_of(grey: np.ndarray, contrast: PageContrast, block: int = 1) -> PageView:
    """Return the page in greys (h, w) of that contrast, each of its pixels `block` of the image's."""
    values = remove_ruled_lines(contrast.values, contrast.is_dark_ink)
    is_ruled = values is not contrast.values
    times = max(1, LEAST_SIDE // max(grey.shape))
    components = Components(upsample(values, times) if times > 1 else values, is_ruled=is_ruled)
    return PageView(contrast.to_grey(values) if is_ruled else grey, block, is_ruled, components, block / times)


def _read_one_digit(
    grey: np.ndarray, view: PageView, contrast: PageContrast, classifier: Recognizer, name: str
) -> RecognizedDigit:
    if view.is_ruled:
        grey = view.grey if view.block == 1 else _view_of(grey, contrast).grey
    digit = find_one_digit(grey)
    if digit is None:
        raise _blank(name)
    return RecognizedDigit(to_box(digit.box), digit.picture, classifier.classify(digit.picture))


def _read_broad_digit(
    grey: np.ndarray, digits: list[RecognizedDigit], classifier: Recognizer
) -> RecognizedDigit | None:
    """Return the one digit in greys (h, w) that all those found are parts or holes of; None if there is no such."""
    if not 0 < len(digits) <= MOST_PARTS:
        return None
    found = find_broad_digit(grey)
    if found is None or not all(_lies_in(digit.box, found.box) for digit in digits):
        return None
    left, top, right, bottom = found.box
    answer = classifier.classify(found.picture)
    if touching.may_be_several(right - left, bottom - top, answer):
        return None
    return RecognizedDigit(to_box(found.box), found.picture, answer)


def _lies_in(box: BoundingBox, outer: BoundingBox | tuple[int, int, int, int]) -> bool:
    """Tell whether the middle of a box lies in another."""
    left, top, right, bottom = outer
    return left < (box[0] + box[2]) / 2 < right and top < (box[1] + box[3]) / 2 < bottom


def _is_rim(box: BoundingBox, contrast: PageContrast) -> bool:
    """Tell whether a box holds the rim of what is too broad for ink, which is then taken for dark paper itself."""
    left, top, right, bottom = map(int, box)
    level = contrast.level[top : bottom + 1, left : right + 1]
    return contrast.is_dark_ink and bool(level.min() < DARK * level.max())


def _spans(box: BoundingBox, shape: tuple[int, ...]) -> bool:
    """Tell whether a box reaches from edge to opposite edge of a picture (h, w), as shade and grain do."""
    left, top, right, bottom = box
    rim = RIM * max(shape)
    return (left <= rim and right >= shape[1] - rim) or (top <= rim and bottom >= shape[0] - rim)


def _is_line(box: BoundingBox, shape: tuple[int, ...]) -> bool:
    """Tell whether a box reaches across a picture (h, w) and is broader than any digit, as printed lines are."""
    left, top, right, bottom = box
    return _spans(box, shape) and right - left > BROADEST * (bottom - top)


def _blank(name: str) -> UserError:
    return UserError(f"No digit was found in {name}: it looks blank; {EXPECTED}, in clear contrast to its paper.")


def _in_image_pixels(digits: Iterable[RecognizedDigit], scale: float, width: int, height: int) -> Cell:
    """Return digits with their boxes scaled to the image, and within it."""
    return tuple(digit.placed(lambda box: np.multiply(box, scale).clip(0, [width, height] * 2)) for digit in digits)


def _verdict(digit: RecognizedDigit) -> str:
    """Return the digit after its sign, "?" for a digit that is not sure."""
    return before(digit.sign, digit.verdict)


def _cell_numbers(row: tuple[Cell, ...]) -> Iterator[Cell]:
    """Yield the numbers in a row of cells: each cell's, or where none holds more than a digit those without a gap."""
    if any(len(cell) > 1 or (cell and cell[0].sign) for cell in row):
        yield from filter(None, row)
    else:
        for is_filled, cells in groupby(row, bool):
            if is_filled:
                yield tuple(chain(*cells))


def _numbers(line: tuple[RecognizedDigit, ...]) -> list[list[RecognizedDigit]]:
    """Return the digits of a line, parted where there is a space between them."""
    boxes = np.array([digit.box for digit in line])
    signs = {index: digit.sign.box for index, digit in enumerate(line) if digit.sign}
    return [[line[index] for index in number] for number in reading_order.split_numbers(boxes, signs)]


def _preview(colors: np.ndarray) -> bytes:
    picture = Image.fromarray(colors.clip(0, 255).astype(np.uint8))
    picture.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return to_jpeg(picture)


def to_jpeg(picture: Image.Image) -> bytes:
    """Return a picture as a JPEG whose thin coloured lines keep their colour."""
    file = BytesIO()
    picture.save(file, "JPEG", quality=QUALITY, subsampling=0)
    return file.getvalue()
