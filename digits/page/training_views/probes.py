"""What a network answers while it learns: an example of each digit, and the drawing on the visitor's pad."""

from functools import cache
from typing import NamedTuple

import numpy as np

from digits.drawing import ink
from digits.page import drawing_views, visitor_session
from digits.training import mnist


class Probe(NamedTuple):
    """A picture, uint8 (28, 28), with what it is called; label: what it is, None where nobody has said."""

    picture: np.ndarray
    name: str
    label: int | None
    kind: str  # "example" or "own"


@cache
def examples() -> tuple[Probe, ...]:
    """Return one digit of each kind, of the test digits of the sample: no training sees them."""
    digits = mnist.read(mnist.SAMPLE)
    places = [int(np.flatnonzero(digits.test_labels == digit)[0]) for digit in range(10)]
    return tuple(
        Probe(digits.test_images[place], f"A {digit} of MNIST", digit, "example") for digit, place in enumerate(places)
    )


def all_of_visitor() -> tuple[Probe, ...]:
    """Return the examples and, if there is one, the digit on the visitor's pad, which comes last."""
    drawn = visitor_session.current_drawing()
    if drawn is None or drawn.is_number:
        return examples()
    return (*examples(), Probe(ink.normalize(drawn.strokes), "Your drawing", None, "own"))


def answered(probes: tuple[Probe, ...], shares: list[list[float]]) -> list[dict]:
    """Return the probes with their ten probabilities, for the browser; the visitor's own comes first.

    A drawing that was made a moment ago may have no answer yet.
    """
    pairs = list(zip(probes, shares, strict=False))
    return [_for_browser(probe, each) for probe, each in (*pairs[10:], *pairs[:10])]


def _for_browser(probe: Probe, shares: list[float]) -> dict:
    picture = drawing_views.data_url(drawing_views.png(probe.picture))
    return {"kind": probe.kind, "name": probe.name, "label": probe.label, "picture": picture, "shares": shares}
