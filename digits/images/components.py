"""Components: the connected ink on a page, without specks and without what is far larger than the digits.

Contrasts are float32 (h, w), about 0 for paper and without the paper's lines; boxes are left, top, right, bottom in
pixels. A group of components is the tuple of their numbers.
"""

import numpy as np
from scipy import ndimage

from digits.images.background import ink_contrast
from digits.images.filters import distance_to_outside, label_components

SMOOTH = 0.8  # pixels
FRINGE, CORE = 0.3, 0.5  # of the ink's contrast: a component needs some of the second, and extends over the first
OUTLINE = 0.45  # of the ink's contrast, where a digit's box begins
BROADEST = 1.5  # times its height: what is broader is several digits that touch, or a straight stroke
SMALLEST = 5  # pixels, the longest side of a component
INK_MARGIN = 2  # pixels around a group's ink

# In typical sizes: the longest side of a typical digit is 1
GIANT = 3.0  # longest side of what is no digit: a frame, the edge of the page
ALONG_EDGE = 0.5  # of a component's own longest side, along the edge of the picture: it belongs to the surroundings
TINY = 0.3  # of the picture's shorter side: where typical digits are smaller, none is cut off by the edge
SPECK = 0.12  # longest side of the largest speck

STRAIGHT = 1.35  # times the ink of a straight stroke: the most that a stroke has that is taken for one
BLOB = 0.55  # of its longest side, the width of the pen that would have drawn a disc; a felt-tip has 0.4

ComponentGroup = tuple[int, ...]


class Components:
    """The connected ink on a page of that contrast.

    boxes: int (n, 4). typical_size: the longest side of a typical digit, in pixels. inked: the numbers of the
    components that have the contrast of ink; kept: of those that may be digits or parts of digits.
    """

    def __init__(self, values: np.ndarray, ink: float | None = None, is_ruled: bool = False):
        """Take the contrast, that of full ink where it is known, and whether the page has lines, that may show yet."""
        self._values = values
        self._smooth = ndimage.gaussian_filter(values, SMOOTH)
        self._ink = ink or ink_contrast(self._smooth[::2, ::2])
        self._labels, count = label_components(self._smooth > FRINGE * self._ink)
        slices = ndimage.find_objects(self._labels)
        self.boxes = np.array([(x.start, y.start, x.stop, y.stop) for y, x in slices], int).reshape(-1, 4)
        has_core = np.bincount(self._labels[self._smooth > CORE * self._ink], minlength=count + 1)[1:] > 0
        self.inked = np.flatnonzero(has_core)
        self.typical_size, self.kept = self._select(has_core, is_ruled)

    def box(self, group: ComponentGroup) -> np.ndarray:
        """Return the box around a group."""
        boxes = self.boxes[list(group)]
        return np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)])

    def size(self, group: ComponentGroup) -> tuple[float, float]:
        """Return width and height of a group in typical sizes."""
        left, top, right, bottom = self.box(group)
        return (right - left) / self.typical_size, (bottom - top) / self.typical_size

    def distance(self, group: ComponentGroup, other: ComponentGroup) -> float:
        """Return the distance between the ink of two groups, in typical sizes."""
        area = self._area(group + other, 0)
        far = distance_to_outside(~self._mask(group, area))
        return float(far[self._mask(other, area)].min()) / self.typical_size

    def is_straight(self, group: ComponentGroup) -> bool:
        """Tell whether a group is a straight stroke: no more ink than its pen leaves, pulled once from end to end."""
        mask = self._mask(group, self._area(group, 0))
        return float(mask.sum()) < STRAIGHT * pen_width(mask) * np.hypot(*np.add(mask.shape, 2))

    def is_blob(self, group: ComponentGroup) -> bool:
        """Tell whether a group is filled, as a dot is, and no stroke."""
        return is_blob(self._mask(group, self._area(group, 0)))

    def has_hole(self, group: ComponentGroup) -> bool:
        """Tell whether a group encloses paper."""
        mask = np.pad(self._mask(group, self._area(group, 0)), 1)
        return label_components(~mask, diagonally=False)[1] > 1

    def ink(self, group: ComponentGroup) -> tuple[np.ndarray, np.ndarray]:
        """Return the ink of a group, float32 (h, w) in [0, 1], and the box around all that is clearly ink."""
        area = self._area(group, INK_MARGIN)
        mask, values, smooth = self._mask(group, area), self._values[area], self._smooth[area]
        full = np.percentile(values[mask & (smooth > CORE * self._ink)], 75)
        mask = ndimage.binary_dilation(mask)
        clear = mask & (smooth > OUTLINE * full)
        rows, columns = np.flatnonzero(clear.any(1)), np.flatnonzero(clear.any(0))
        if not len(rows):
            return np.clip(values / full, 0, 1) * mask, self.box(group)
        box = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
        return np.clip(values / full, 0, 1) * mask, box + [area[1].start, area[0].start] * 2

    def corner(self, group: ComponentGroup) -> tuple[int, int]:
        """Return x and y of the first pixel of a group's ink."""
        rows, columns = self._area(group, INK_MARGIN)
        return columns.start, rows.start

    def columns(self, box: np.ndarray, own: np.ndarray) -> np.ndarray:
        """Return where in a box there is ink, but for that which is in the box `own` too: x in pixels, (n,)."""
        labels = self._labels[_slices(box)]
        is_other = np.isin(labels, [0, *np.unique(self._labels[_slices(own)])], invert=True)
        return np.flatnonzero(is_other.any(0)) + max(0, int(box[0]))

    def pen(self, box: np.ndarray) -> float:
        """Return the width of the pen that drew what is in a box, in pixels."""
        return pen_width(self.mask(box))

    def mask(self, box: np.ndarray) -> np.ndarray:
        """Return where ink is in a box: bool (h, w)."""
        return self._labels[_slices(box)] > 0

    def _area(self, group: ComponentGroup, margin: int) -> tuple[slice, slice]:
        left, top, right, bottom = self.box(group)
        return np.s_[max(0, top - margin) : bottom + margin, max(0, left - margin) : right + margin]

    def _mask(self, group: ComponentGroup, area: tuple[slice, slice]) -> np.ndarray:
        return np.isin(self._labels[area], np.add(group, 1))

    def _touches_edge(self) -> np.ndarray:
        """Return which components reach to the picture's edge: bool (n,)."""
        return ((self.boxes[:, :2] == 0) | (self.boxes[:, 2:] == self._labels.shape[::-1])).any(1)

    def _spans(self) -> np.ndarray:
        """Return which components reach from edge to opposite edge of the picture: bool (n,)."""
        return ((self.boxes[:, :2] == 0) & (self.boxes[:, 2:] == self._labels.shape[::-1])).any(1)

    def _digit_sides(self) -> np.ndarray:
        """Return the longest side of each component, or its height where it may be digits that touch: int (n,)."""
        widths, heights = (self.boxes[:, 2:] - self.boxes[:, :2]).T
        sides = np.maximum(widths, heights)
        for index in np.flatnonzero(widths > BROADEST * heights).tolist():
            if not self.is_straight((index,)):
                sides[index] = heights[index]
        return sides

    def _select(self, has_core: np.ndarray, is_ruled: bool) -> tuple[float, list[int]]:
        """Return the typical size, in pixels, and the numbers of the components that are neither specks nor giants."""
        count = len(has_core)
        sizes = np.bincount(self._labels.ravel(), minlength=count + 1)[1:]
        sides = self._digit_sides()
        edge = np.concatenate([*self._labels[[0, -1]], *self._labels[1:-1, [0, -1]].T])
        along_edge = np.bincount(edge, minlength=count + 1)[1:]
        keep = has_core & (sides >= SMALLEST) & (along_edge < ALONG_EDGE * sides)
        keep[np.setdiff1d(self._labels[np.ix_([0, -1], [0, -1])], 0) - 1] = False  # a corner of what lies around
        if is_ruled:
            keep &= ~self._spans()
        typical = weighted_median(sides[keep], sizes[keep])
        while (keep & (sides > GIANT * typical)).any():
            keep &= sides <= GIANT * typical
            typical = weighted_median(sides[keep], sizes[keep])
        keep &= sides >= SPECK * typical
        if typical < TINY * min(self._labels.shape):
            keep &= ~self._touches_edge()
        return typical, np.flatnonzero(keep).tolist()


def _slices(box: np.ndarray) -> tuple[slice, slice]:
    left, top, right, bottom = (max(0, round(edge)) for edge in np.asarray(box).tolist())
    return slice(top, bottom), slice(left, right)


def pen_width(mask: np.ndarray) -> float:
    """Return the width of the pen that drew a mask (h, w), in pixels: 4 times the mean depth of the ink."""
    mask = np.pad(mask, 1)
    return 4 * max(0.25, float((distance_to_outside(mask)[mask] - 0.5).mean()))


def is_blob(mask: np.ndarray) -> bool:
    """Tell whether ink (h, w) within its box is filled, as a dot is: no pen is so broad for its longest side."""
    return pen_width(mask) > BLOB * max(mask.shape)


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the least value that has half of the weight at or below it; 1 for none."""
    if not len(values):
        return 1.0
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
