"""Model input: the ways in which a Keras model may want its picture, and the layers that give it one.

The picture is float32 (n, 28, 28, 1) in [0, 1], 1 for ink. A model may want another size, shape or order of the axes,
and its pixels in another scale. Keras is imported late, since that takes seconds.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from digits.drawing import ink

SIDES = (8, 512)  # pixels, of the pictures that a model may take

MNIST_MEAN, MNIST_DEVIATION = 0.1307, 0.3081  # of all pixels in [0, 1]
STANDARD = {"scale": 1 / MNIST_DEVIATION, "offset": -MNIST_MEAN / MNIST_DEVIATION}
EACH_PICTURE = {"axis": [1, 2, 3], "center": False, "scale": False, "epsilon": 1e-6}
BY_LAST_AXIS = [  # to length 1; Keras' own layer for that becomes a division by 0 in LiteRT where nothing is written
    ("RMSNormalization", {"axis": -1, "epsilon": 1e-8}),
    ("Rescaling", {"scale": ink.SIZE**-0.5}),
]
SCALINGS: dict[str, list[tuple[str, dict[str, Any]]]] = {  # what the model takes: layers that make it of [0, 1]
    "0 to 1": [],
    "0 to 255": [("Rescaling", {"scale": 255.0})],
    "-1 to 1": [("Rescaling", {"scale": 2.0, "offset": -1.0})],
    "-0.5 to 0.5": [("Rescaling", {"scale": 1.0, "offset": -0.5})],
    "of mean 0 and deviation 1": [("Rescaling", STANDARD)],
    "of mean 0 and deviation 1 in each picture": [("LayerNormalization", EACH_PICTURE)],
    "of length 1 in each column": [("Permute", {"dims": (3, 2, 1)}), *BY_LAST_AXIS, ("Permute", {"dims": (3, 2, 1)})],
    "of length 1 in each row": [("Permute", {"dims": (3, 1, 2)}), *BY_LAST_AXIS, ("Permute", {"dims": (2, 3, 1)})],
    "0 to 1, dark on light": [("Rescaling", {"scale": -1.0, "offset": 1.0})],
    "0 to 255, dark on light": [("Rescaling", {"scale": -255.0, "offset": 255.0})],
    "-1 to 1, dark on light": [("Rescaling", {"scale": -2.0, "offset": 1.0})],
}
SHIPPED_SCALING, PIXELS = "0 to 1", "0 to 255"


class Way(NamedTuple):
    """A way of giving pictures to a model: how pixels are scaled, fitted into its size, and whether transposed."""

    scaling: str = SHIPPED_SCALING
    fit: str = "Resizing"
    is_transposed: bool = False

    def __str__(self) -> str:
        return f"pixels {self.scaling}" + (", rows and columns exchanged" if self.is_transposed else "")


def size(shape: Sequence[int]) -> tuple[int, int, int] | None:
    """Return height, width and channels of the picture that a shape holds, flat or not; None if it holds none."""
    sides = [side for side in shape if side != 1]
    if math.prod(shape) == ink.SIZE**2:
        return ink.SIZE, ink.SIZE, 1
    channels = 1
    if 3 in (sides[:1] + sides[-1:]) and len(sides) > 1:
        channels = 3
        sides.remove(3)
    if len(sides) == 1:
        channels = 3 if math.isqrt(sides[0] // 3) ** 2 * 3 == sides[0] else channels
        sides = [math.isqrt(sides[0] // channels)] * 2
    is_picture = len(sides) == 2 and all(SIDES[0] <= side <= SIDES[1] for side in sides)
    return (sides[0], sides[1], channels) if is_picture and math.prod(sides) * channels == math.prod(shape) else None


def fits(shape: tuple[int, ...]) -> list[str]:
    """Return the layers that bring 28x28 pixels to a model's size; a border is the other way to 32x32."""
    height, width = (size(shape) or (0, 0))[:2]
    can_have_border = min(height, width) > ink.SIZE and max(height, width) <= 2 * ink.SIZE
    return ["Resizing", "ZeroPadding2D"] if can_have_border else ["Resizing"]


def layers_before(way: Way, shape: tuple[int, ...]) -> list:
    """Return the layers from (n, 28, 28, 1) in [0, 1] to what the model takes, in order."""
    from keras import layers

    height, width, channels = size(shape) or (0, 0, 0)
    steps: list = [layers.Permute((2, 1, 3))] if way.is_transposed else []
    if (height, width) != (ink.SIZE, ink.SIZE):
        border = tuple(((side - ink.SIZE) // 2, -(-(side - ink.SIZE) // 2)) for side in (height, width))
        steps.append(layers.Resizing(height, width) if way.fit == "Resizing" else layers.ZeroPadding2D(border))
    steps += [getattr(layers, name)(**arguments) for name, arguments in SCALINGS[way.scaling]]
    if channels == 3:
        steps.append(layers.Concatenate())
        if shape[0] == 3 and len(shape) == 3:
            steps.append(layers.Permute((3, 1, 2)))
    return [*steps, layers.Reshape(shape)]


def given(steps: list, pictures: Any) -> Any:
    """Return pictures, arrays or tensors (n, 28, 28, 1), after the layers of a way."""
    for step in steps:
        pictures = step([pictures] * 3 if type(step).__name__ == "Concatenate" else pictures)
    return pictures
