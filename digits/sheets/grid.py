"""Grid: the cells of a form, a table or a sudoku on a page, found by their walls, however these are drawn or seen.

A cell is paper with walls all around: a hole in what is narrow and dark, with four corners. Cells that share their
corners stand side by side or one above the other; the largest such lattice is the grid. Cells that a digit or a gap in
a wall hides are put where the lines of their neighbours' corners cross. Contrasts are float32 (h, w), about 0 for
paper; points are (x, y) in pixels, and the corners of a cell run clockwise from the top left one.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits.images.filters import block_side, closing, downsample, label_components

SEARCH_SIDE = 1024  # pixels, the longest side at which cells are looked for
WIDEST_WALL = 0.03  # of the longest side
FAINTEST = (0.06, 0.12, 0.24)  # contrast of walls: the one that shows most cells counts
SMALLEST = 10  # pixels there, the shorter side of a cell
LARGEST = 0.4  # of the picture, a cell
MOST_HOLES = 600  # of a page; squared paper may have more
FULL = (0.55, 1.15)  # of the area between its corners, that a cell's paper fills
ALIKE = 0.75  # of the longer of two sides that are one wall, the shorter
APART = 0.3  # of that wall, from a cell's corner to its neighbour's
FEWEST = 3  # cells of a grid
SHOWN = 0.4  # share of a row's cells, or a column's, that are seen
ODD = 1.5  # times the usual side in its column or row: a cell that is two, or half of one
STRAY = 0.1  # of a cell's side: a corner that is so far from its lines is put where they cross
INK = 0.25  # of a cell's height: enclosed ink that may be a digit
NOTCH = 0.1  # of a cell's area: ink that reaches in from its walls
CLEAR = 2  # times as many cells enclose ink as have it reach in, where digits stand in them
LONGEST = (
    3.0  # times its other side, that a cell of a single row or column is long: longer ones are between ruled lines
)

RIGHT, BELOW = ((1, 0), (2, 3)), ((3, 0), (2, 1))  # which corner of a cell meets which of its neighbour


class Hole(NamedTuple):
    """A cell's corners (4, 2), whether it encloses ink, and whether ink reaches into it from its walls."""

    corners: np.ndarray
    has_ink: bool
    is_notched: bool


class Grid(NamedTuple):
    """The corners of all cells, float (rows, columns, 4, 2), and whether digits stand in them and not across walls.

    is_blank: no cell has any ink.
    """

    corners: np.ndarray
    holds_digits: bool
    is_blank: bool


def find_grid(values: np.ndarray) -> Grid | None:
    """Return the largest grid in the contrast (h, w) of a page, or None."""
    small, block = downsample(values, SEARCH_SIDE), block_side(values, SEARCH_SIDE)
    narrow = small + closing(-small, round(WIDEST_WALL * max(small.shape)) | 1)
    best, most = None, 0
    for faintest in FAINTEST:
        holes = _holes(narrow > faintest)
        places = _largest_lattice(np.array([hole.corners for hole in holes]).reshape(-1, 4, 2))
        if len(places) > most:
            best, most = _grid([holes[index] for index in places], np.array([*places.values()])), len(places)
    return best and best._replace(corners=best.corners * block)


def _holes(walls: np.ndarray) -> list[Hole]:
    """Return the cells between walls (h, w); the edge of the picture is one, too."""
    walls = np.pad(walls, 1, constant_values=True)
    labels, _ = label_components(~walls, diagonally=False)
    slices = ndimage.find_objects(labels)
    sides = np.array([(y.stop - y.start, x.stop - x.start) for y, x in slices]).reshape(-1, 2)
    large = np.flatnonzero((sides.min(1) >= SMALLEST) & (sides.prod(1) < LARGEST * walls.size)).tolist()
    if len(large) > MOST_HOLES:
        return []
    found = (_hole(labels[slices[n]] == n + 1, np.array([slices[n][1].start, slices[n][0].start])) for n in large)
    return [hole for hole in found if hole is not None]


def _hole(paper: np.ndarray, start: np.ndarray) -> Hole | None:
    """Return the cell whose paper (h, w) begins at a point of the padded picture; None where it has no four corners."""
    y, x = np.nonzero(paper)
    pick = [(x + y).argmin(), (x - y).argmax(), (x + y).argmax(), (x - y).argmin()]
    corners = np.stack([x[pick] + np.array([0, 1, 1, 0]), y[pick] + np.array([0, 0, 1, 1])], 1)
    across, down = corners[2] - corners[0], corners[3] - corners[1]
    area = abs(float(across[0] * down[1] - across[1] * down[0])) / 2
    if not FULL[0] * area < len(y) < FULL[1] * area:
        return None
    filled = np.asarray(ndimage.binary_fill_holes(paper), bool)
    height = int(np.count_nonzero((filled > paper).any(1)))
    return Hole(corners + start - 1.0, height > INK * len(paper), bool(area - filled.sum() > NOTCH * area))


def _largest_lattice(corners: np.ndarray) -> dict[int, tuple[int, int]]:
    """Return the row and column of those of the cells (n, 4, 2) that make up the largest lattice."""
    steps: dict[int, list[tuple[int, int, int]]] = {index: [] for index in range(len(corners))}
    for meeting, row, column in ((RIGHT, 0, 1), (BELOW, 1, 0)):
        for first, second in _neighbours(corners, meeting):
            steps[first].append((second, row, column))
            steps[second].append((first, -row, -column))
    area = _sides(corners, (0, 1)) * _sides(corners, (0, 3))
    best: dict[int, tuple[int, int]] = {}
    seen: set[int] = set()
    for start in steps:
        places = {} if start in seen else _walk(start, steps)
        seen |= places.keys()
        if len(places) >= FEWEST and area[[*places]].sum() > area[[*best]].sum():
            best = places
    return best


def _walk(start: int, steps: dict[int, list[tuple[int, int, int]]]) -> dict[int, tuple[int, int]]:
    """Return the places of all cells that can be reached from one, which is at (0, 0)."""
    places, taken, ahead = {start: (0, 0)}, {(0, 0)}, [start]
    for index in ahead:
        for other, row, column in steps[index]:
            place = places[index][0] + row, places[index][1] + column
            if other not in places and place not in taken:
                places[other] = place
                taken.add(place)
                ahead.append(other)
    return places


def _neighbours(corners: np.ndarray, meeting: tuple[tuple[int, int], tuple[int, int]]) -> list[list[int]]:
    """Return the pairs of cells (n, 4, 2) of which one's wall is the other's: pairs of corners meet there."""
    (one, other), (one_end, other_end) = meeting
    walls, other_walls = _sides(corners, (one, one_end)), _sides(corners, (other, other_end))
    shorter = np.minimum(walls[:, None], other_walls)
    is_near = shorter > ALIKE * np.maximum(walls[:, None], other_walls)
    for end, other_corner in meeting:
        gap = np.linalg.norm(corners[:, None, end] - corners[None, :, other_corner], axis=-1)
        is_near &= gap < APART * shorter
    np.fill_diagonal(is_near, False)
    return np.argwhere(is_near).tolist()


def _sides(corners: np.ndarray, ends: tuple[int, int]) -> np.ndarray:
    """Return the lengths of one side of cells (..., 4, 2), given by its corners."""
    return np.linalg.norm(corners[..., ends[0], :] - corners[..., ends[1], :], axis=-1)


def _grid(holes: list[Hole], places: np.ndarray) -> Grid | None:
    """Return the grid of cells at these rows and columns (n, 2), with those that are hidden put between them.

    None where no row is whole enough, and for a single row or column of what is much longer than a cell.
    """
    rows, columns = (places - places.min(0)).T
    corners = np.full((rows.max() + 1, columns.max() + 1, 4, 2), np.nan)
    corners[rows, columns] = [hole.corners for hole in holes]
    corners = _trimmed(corners)
    corners = _trimmed(_alike(corners)) if corners.size else corners
    if not corners.size:
        return None
    hidden = int(np.isnan(corners[..., 0, 0]).sum())
    free = sum(hole.has_ink and not hole.is_notched for hole in holes)
    crossed = sum(hole.is_notched for hole in holes) + hidden
    if 1 in corners.shape[:2] and _length(corners) > LONGEST:
        return None
    corners = np.stack([_mended(corners[:, :, corner]) for corner in range(4)], 2)
    return Grid(corners, free > CLEAR * crossed, not free and not crossed)


def _length(corners: np.ndarray) -> float:
    """Return how many times its other side a usual cell (..., 4, 2) is long."""
    sides = [float(np.nanmedian(_sides(corners, ends))) for ends in ((0, 1), (0, 3))]
    return max(sides) / min(sides)


def _trimmed(corners: np.ndarray) -> np.ndarray:
    """Return cells (rows, columns, 4, 2) without rows and columns of which most are NaN: strips, halves of a cell."""
    is_known = ~np.isnan(corners[..., 0, 0])
    rows, columns = (np.flatnonzero(is_known.mean(axis) >= SHOWN) for axis in (1, 0))
    return corners[np.ix_(rows, columns)]


def _alike(corners: np.ndarray) -> np.ndarray:
    """Return cells (rows, columns, 4, 2), NaN those of another size than most of their row or column: two in one."""
    is_odd = np.zeros(corners.shape[:2], bool)
    for axis, ends in ((0, (0, 1)), (1, (0, 3))):
        sides = _sides(corners, ends)
        is_odd |= np.abs(np.log(sides / np.nanmedian(sides, axis, keepdims=True))) > np.log(ODD)
    return np.where(is_odd[..., None, None], np.nan, corners)


def _mended(points: np.ndarray) -> np.ndarray:
    """Return points (rows, columns, 2), those that are NaN or astray where the lines of their neighbours cross."""
    along = [_line(row[:, 0], row[:, 1]) for row in points]  # y by x
    down = [_line(column[:, 1], column[:, 0]) for column in points.transpose(1, 0, 2)]  # x by y
    (slope, at), (lean, left) = np.array(along).T[..., None], np.array(down).T[:, None]
    x = (lean * at + left) / (1 - lean * slope)
    crossings = np.stack([x, slope * x + at], -1)
    steps = [np.linalg.norm(np.diff(crossings, axis=axis), axis=-1) for axis in (0, 1) if crossings.shape[axis] > 1]
    side = min(float(np.median(each)) for each in steps)
    is_astray = ~(np.linalg.norm(points - crossings, axis=-1) < STRAY * side)  # or NaN
    return np.where(is_astray[..., None], crossings, points)


def _line(at: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Return slope and offset of the line through those of the points that are known: the median of all pairs' slopes.

    Theil and Sen's estimator, to which points astray matter little.
    """
    at, values = at[~np.isnan(at)], values[~np.isnan(at)]
    first, second = np.nonzero(at[:, None] < at)
    slope = float(np.median((values[second] - values[first]) / (at[second] - at[first]))) if len(first) else 0.0
    return slope, float(np.median(values - slope * at))
