"""The report on a model: one self-contained HTML page of how it learned and where it fails.

`write` measures a model and saves its page; `render` makes the page of a model card and an evaluation, from the Jinja
template beside this module. Images and styles are inside the one file.
"""

import base64
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import jinja2
import numpy as np
from PIL import Image

from digits.models import loading
from digits.models.evaluation import Evaluation, evaluate
from digits.models.model_card import ModelCard
from digits.recognition.classifier import whole_percent
from digits.system.design_tokens import css_variables
from digits.system.files import UserError, check_writable, replacing

TEMPLATE = Path(__file__).with_name("report.html.jinja")
WORST = 40  # mistakes that are shown as images
WIDTH, HEIGHT = 440, 220  # of a chart, in SVG units
LEFT, TOP, RIGHT, BOTTOM = 44, 12, WIDTH - 12, HEIGHT - 30  # edges of the area that its curves fill
STEPS = 4  # of a chart's scale


class Curve(NamedTuple):
    """One line of a chart, in SVG units."""

    name: str
    color: str  # a CSS variable
    points: str
    end: tuple[float, float]
    last: str  # the last value, as text


class Chart(NamedTuple):
    """Curves over the epochs, in SVG units; the scale spans exactly the values."""

    title: str
    levels: list[tuple[float, str]]  # y and text of each line of the scale
    epochs: list[tuple[float, int]]  # x and number of the epochs that are named
    lines: list[Curve]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT


class Mistake(NamedTuple):
    """A digit that was answered wrongly."""

    label: int
    answer: int
    confidence: str
    png: str  # base64


def write(model_path: Path, pictures: np.ndarray, labels: np.ndarray) -> Path:
    """Measure a Keras file on labelled digits and write the page beside it, as .html; return its path.

    pictures: uint8 (n, 28, 28). labels: (n,) of 0 to 9. Raises UserError for a model that cannot be used or a page
    that cannot be written.
    """
    page = Path(model_path).with_suffix(".html")
    check_writable(page, "report")
    classifier = loading.load(model_path)
    html = render(classifier.card, evaluate(classifier, pictures, labels), Path(model_path).name)
    try:
        with replacing(page) as draft:
            draft.write_text(html, encoding="utf-8")
    except OSError as error:
        raise UserError(f"The report cannot be written to {page} ({error.strerror}); make room there.") from error
    return page


def render(card: ModelCard, evaluated: Evaluation, name: str) -> str:
    """Return the page on the model of that file name."""
    shares = evaluated.per_digit
    bars_from = min(0.9, min(shares.values(), default=1.0) - 0.01)
    return _template().render(
        name=name.encode(errors="replace").decode(),  # of a file whose name is not UTF-8
        css_variables=css_variables(),
        num_digits=f"{len(evaluated.labels):,}",
        figures=_figures(card, evaluated),
        charts=_charts(card.history),
        bars_from=f"{bars_from:.0%}",
        bars=[
            (digit, f"{100 * (share - bars_from) / (1 - bars_from):.1f}", f"{share:.2%}")
            for digit, share in shares.items()
        ],
        confusion=_confusion_cells(evaluated.confusion),
        mistakes=[_mistake(evaluated, index) for index in evaluated.hardest(WORST)],
    )


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(TEMPLATE.parent)
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template(
        TEMPLATE.name
    )


def _figures(card: ModelCard, evaluated: Evaluation) -> list[tuple[str, str]]:
    """Return the figures at the top, each with what it counts."""
    figures = [
        (f"{evaluated.accuracy:.2%}", "right"),
        (f"{(evaluated.answers != evaluated.labels).sum():,}", f"mistakes in {len(evaluated.labels):,}"),
        (f"{evaluated.probabilities.max(axis=1).mean():.2%}", "mean stated confidence"),
    ]
    if card.parameters is not None:
        figures.append((f"{card.parameters:,}", "weights"))
    if "epochs" in card.recipe:
        figures.append((str(card.recipe["epochs"]), "epochs"))
    if card.date:
        figures.append((card.date, "trained"))
    return figures


def _charts(history: Sequence[dict[str, float]]) -> list[Chart]:
    if not history:
        return []
    return [
        _chart("Accuracy", [(epoch["accuracy"], epoch["validation_accuracy"]) for epoch in history], "{:.1%}"),
        _chart("Loss (cross-entropy)", [(epoch["loss"], epoch["validation_loss"]) for epoch in history], "{:.2f}"),
    ]


def _chart(title: str, values: list[tuple[float, float]], form: str) -> Chart:
    """Return the curves of training and validation. values: both at each epoch. form: of a value as text."""
    low, high = np.min(values), np.max(values)
    high = max(high, low + 1e-6)
    last = max(1, len(values) - 1)

    def x(epoch: int) -> float:
        return round(LEFT + (RIGHT - LEFT) * epoch / last, 1)

    def y(value: float) -> float:
        return round(float(BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low)), 1)

    levels = [(y(value), form.format(value)) for value in np.linspace(low, high, STEPS + 1)]
    named = [(x(epoch), epoch + 1) for epoch in sorted({0, len(values) // 2, len(values) - 1})]
    lines = []
    for (name, color), curve in zip(
        (("training", "--second"), ("validation", "--accent")), zip(*values, strict=True), strict=True
    ):
        points = [(x(epoch), y(value)) for epoch, value in enumerate(curve)]
        joined = " ".join(f"{left},{top}" for left, top in points)
        lines.append(Curve(name, color, joined, points[-1], form.format(curve[-1])))
    return Chart(title, levels, named, lines)


def _confusion_cells(counts: np.ndarray) -> list[list[tuple[int, int | None]]]:
    """Return each cell's count and the depth of its colour in per cent; None on the diagonal, where answers are right.

    counts: as `Evaluation.confusion`.
    """
    most = max(1, int((counts - np.diag(np.diag(counts))).max()))
    return [
        [(count, None if label == answer else 20 + 60 * count // most) for answer, count in enumerate(row)]
        for label, row in enumerate(counts.tolist())
    ]


def _mistake(evaluated: Evaluation, index: int) -> Mistake:
    answer = int(evaluated.answers[index])
    confidence = whole_percent(evaluated.probabilities[index, answer])
    file = BytesIO()
    Image.fromarray(255 - evaluated.pictures[index]).save(file, "png", optimize=True)
    return Mistake(int(evaluated.labels[index]), answer, confidence, base64.b64encode(file.getvalue()).decode())
