"""Distortions that turn one MNIST digit into the many ways in which people write it.

Pictures are uint8 (n, 28, 28) as everywhere, every function draws from the generator it is given, and
the same generator state gives the same pictures.
"""

import numpy as np

from digits.drawing.ink import SIZE

ROTATION = 12.0  # degrees, either way
SHEAR = 0.2  # horizontal shift per unit of height
STRETCH = 0.2  # natural logarithm of the scale, separately for x and y
SHIFT = 1.5  # pixels
ELASTIC = 0.5  # pixels, standard deviation of the control points' displacement
CONTROL_POINTS = 5  # per side of the grid that bends the picture
THICKNESS = 0.5  # largest share of a one-pixel dilation or erosion
AS_IT_IS = 0.2  # share of the pictures that are not distorted: whatever is warped loses the sharpness of real ones


def distort(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return most pictures with another pen, turned, slanted, stretched, shifted and bent at random."""
    flow = _affine_flow(len(pictures), rng) + _elastic_flow(len(pictures), rng)
    stays = rng.random(len(pictures)) < AS_IT_IS
    return np.where(stays[:, None, None], pictures, warp(change_thickness(pictures, rng), flow))


def change_thickness(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Blend each picture with its grey dilation or erosion, as a broader or finer pen would draw it."""
    amount = rng.uniform(-THICKNESS, THICKNESS, (len(pictures), 1, 1)).astype(np.float32)
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    cross = [padded[:, 1:-1, 1:-1], padded[:, :-2, 1:-1], padded[:, 2:, 1:-1]]
    cross += [padded[:, 1:-1, :-2], padded[:, 1:-1, 2:]]
    dilated, eroded = np.maximum.reduce(cross), np.minimum.reduce(cross)
    target = np.where(amount > 0, dilated, eroded)
    blended = pictures + np.abs(amount) * (target.astype(np.float32) - pictures)
    return np.round(blended).astype(np.uint8)


def warp(pictures: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """Sample each picture bilinearly at every pixel's position plus `flow`, float32 (n, 2, 28, 28), y first."""
    grid = np.indices((SIZE, SIZE), dtype=np.float32)
    border = 2  # pixels of paper around, so that every neighbour exists
    side = SIZE + 2 * border
    position = np.clip(grid + flow + border, 0, side - 1.001)
    corner = position.astype(np.int32)
    fy, fx = np.moveaxis(position - corner, 1, 0)
    flat = np.pad(pictures, ((0, 0), (border, border), (border, border))).reshape(-1)
    first = np.arange(len(pictures), dtype=np.int32)[:, None, None] * side * side
    index = first + corner[:, 0] * side + corner[:, 1]
    top = flat[index] * (1 - fx) + flat[index + 1] * fx
    bottom = flat[index + side] * (1 - fx) + flat[index + side + 1] * fx
    return np.round(top * (1 - fy) + bottom * fy).astype(np.uint8)


def _affine_flow(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return flows of random rotation, shear, stretch and shift around the middle: float32 (n, 2, 28, 28)."""
    angle = np.deg2rad(rng.uniform(-ROTATION, ROTATION, count))
    shear = rng.uniform(-SHEAR, SHEAR, count)
    stretch = np.exp(rng.uniform(-STRETCH, STRETCH, (2, count)))
    shift = rng.uniform(-SHIFT, SHIFT, (count, 2, 1, 1))
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])  # on (y, x) columns, as all that follows
    slant = np.array([[np.ones(count), np.zeros(count)], [shear, np.ones(count)]])
    matrix = np.einsum("ijn,jkn,kn->nik", turn, slant, stretch)
    centered = np.indices((SIZE, SIZE)) - (SIZE - 1) / 2
    moved = np.einsum("nij,jyx->niyx", matrix, centered) - centered
    return (moved + shift).astype(np.float32)


def _elastic_flow(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return smooth random flows, a coarse grid of displacements interpolated: float32 (n, 2, 28, 28).

    Smooth displacement fields: Simard, Steinkraus and Platt, "Best practices for convolutional neural
    networks applied to visual document analysis", 2003; here a spline grid in place of their blur.
    """
    control = rng.normal(0, ELASTIC, (count, 2, CONTROL_POINTS, CONTROL_POINTS)).astype(np.float32)
    weights = _spline_weights()
    return weights @ control @ weights.T


def _spline_weights() -> np.ndarray:
    """Return the weights float32 (28, CONTROL_POINTS) of a uniform cubic B-spline, at unit peak."""
    knots = np.linspace(0, SIZE - 1, CONTROL_POINTS)
    t = np.abs(np.arange(SIZE)[:, None] - knots) / (knots[1] - knots[0])
    near, far = 1 - 1.5 * t**2 + 0.75 * t**3, 0.25 * np.clip(2 - t, 0, None) ** 3
    return np.where(t < 1, near, far).astype(np.float32)
