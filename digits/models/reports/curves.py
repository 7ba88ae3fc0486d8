"""The curves of a report: numbers turned into SVG, for `chart.html.jinja`."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from digits.models.evaluation import in_percent

WIDTH, HEIGHT = 440, 220  # of a chart, in SVG units
LEFT, TOP, RIGHT, BOTTOM = 52, 12, WIDTH - 12, HEIGHT - 44  # edges of the area that its curves fill
MOST_STEPS = 5  # of a scale
MOST_DOTS = 30  # on a curve: more would hide it
COLORS = ("--accent", "--second", "--faint", "--wrong")  # CSS variables, and ...
DASHES = ("", "7 4", "2 4", "10 3 2 3")  # ... for those who do not see them, SVG's patterns of lines


class Series(NamedTuple):
    """The numbers of one curve: its name, and where it goes."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]


class Curve(NamedTuple):
    """One curve, in SVG units."""

    name: str
    color: str  # a CSS variable
    dashes: str
    points: str
    dots: list[tuple[float, float]]
    last: str  # the last value, as text


class Chart(NamedTuple):
    """Curves with their scales, in SVG units."""

    title: str
    x_title: str
    levels: list[tuple[float, str]]  # y and text of each line of the scale
    marks: list[tuple[float, str]]  # x and text
    curves: list[Curve]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM


def draw(title: str, x_title: str, series: Sequence[Series], is_share: bool = False) -> Chart:
    """Return the chart of one to four curves, each of at least one point; is_share: values are shares, in per cent."""
    xs = [value for each in series for value in each.xs]
    ys = [value for each in series for value in each.ys]
    across, up = scale(min(xs), max(xs)), scale(min(ys), min(1.0, max(ys)) if is_share else max(ys))

    def x(value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * _share(value, min(xs), max(xs)), 1)

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * _share(value, up[0], up[-1]), 1)

    def text(value: float) -> str:
        return in_percent(value) if is_share else f"{value:.4f}"

    curves = []
    for each, color, dashes in zip(series, COLORS, DASHES, strict=False):
        points = [(x(left), y(top)) for left, top in zip(each.xs, each.ys, strict=True)]
        joined = " ".join(f"{left},{top}" for left, top in points)
        dots = points if len(points) <= MOST_DOTS else points[-1:]
        curves.append(Curve(each.name, color, dashes, joined, dots, text(each.ys[-1])))
    levels = [(y(value), _label(value, up, is_share)) for value in up]
    marks = [(x(value), f"{value:,.0f}") for value in across if min(xs) <= value <= max(xs) and value == int(value)]
    return Chart(title, x_title, levels, marks, curves)


def scale(low: float, high: float) -> list[float]:
    """Return evenly spaced round numbers from at most `low` to at least `high`: (0.992, 0.998) -> 0.992, 0.994, ..."""
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / MOST_STEPS))
    step = next(times * power for times in (1, 2, 5, 10) if span / (times * power) <= MOST_STEPS)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, max(last, first + 1) + 1)]


def _share(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.5


def _label(value: float, values: Sequence[float], is_share: bool) -> str:
    """Return a number of a scale with as many decimals as its steps need."""
    step = (values[1] - values[0]) * (100 if is_share else 1)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{100 * value:.{decimals}f}\N{NO-BREAK SPACE}%" if is_share else f"{value:,.{decimals}f}"
