"""The report on a model: one self-contained HTML page of how it learned and where it fails.

`write` measures a model and saves its page; `render` makes the page of a model card and an evaluation, from the Jinja
template beside this module. Images and styles are inside the one file.
"""

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import jinja2
import numpy as np
from PIL import Image

from digits.models import loading, model_card
from digits.models.evaluation import Evaluation, evaluate, in_percent
from digits.models.model_card import ModelCard
from digits.models.reports import curves
from digits.models.reports.curves import Chart, Series
from digits.recognition.classifier import percent
from digits.system.design_tokens import css_variables
from digits.system.files import UserError, check_writable, replacing

TEMPLATE = Path(__file__).with_name("report.html.jinja")
WORST = 40  # mistakes that are shown as images


class Mistake(NamedTuple):
    """A digit that was answered wrongly."""

    label: int
    answer: int
    confidence: str
    png: str  # base64


def write(model_path: Path, pictures: np.ndarray, labels: np.ndarray) -> Path:
    """Measure a Keras file on labelled digits and write the page beside it, as .html; return its path.

    Its model card, if it has one, gets the confusion matrix.
    pictures: uint8 (n, 28, 28). labels: (n,) of 0 to 9. Raises UserError for a model that cannot be used or a page
    that cannot be written.
    """
    page = Path(model_path).with_suffix(".html")
    check_writable(page, "report")
    classifier = loading.load(model_path)
    evaluated = evaluate(classifier, pictures, labels)
    html = render(classifier.card, evaluated, Path(model_path).name)
    try:
        model_card.note(model_card.companions(model_path).card, confusion=evaluated.confusion.tolist())
        with replacing(page) as draft:
            draft.write_text(html, encoding="utf-8")
    except OSError as error:
        raise UserError(f"The report cannot be written to {page} ({error.strerror}); make room there.") from error
    return page


def render(card: ModelCard, evaluated: Evaluation, name: str) -> str:
    """Return the page on the model of that file name."""
    return template(TEMPLATE).render(
        name=name.encode(errors="replace").decode(),  # of a file whose name is not UTF-8
        css_variables=css_variables(),
        num_digits=f"{len(evaluated.labels):,}",
        figures=_figures(card, evaluated),
        charts=_charts(card.history),
        bars=[(digit, f"{100 * share:.1f}", in_percent(share)) for digit, share in evaluated.per_digit.items()],
        confusion=confusion_cells(evaluated.confusion),
        mistakes=[_mistake(evaluated, index) for index in evaluated.hardest(WORST)],
    )


@cache
def template(path: Path) -> jinja2.Template:
    """Return a page's template; it may include what lies beside it, and beside this module."""
    loader = jinja2.FileSystemLoader([path.parent, TEMPLATE.parent])
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template(path.name)


def _figures(card: ModelCard, evaluated: Evaluation) -> list[tuple[str, str]]:
    """Return the figures at the top, each with what it counts."""
    figures = [
        (in_percent(evaluated.accuracy), "test accuracy"),
        (f"{(evaluated.answers != evaluated.labels).sum():,}", f"mistakes in {len(evaluated.labels):,}"),
        (in_percent(float(evaluated.probabilities.max(axis=1).mean())), "mean stated confidence"),
    ]
    if card.parameters is not None:
        figures.append((f"{card.parameters:,}", "weights"))
    if "epochs" in card.recipe:
        figures.append((str(card.recipe["epochs"]), "epochs"))
    if card.date:
        figures.append((card.date, "trained"))
    return figures


def _charts(history: Sequence[Mapping[str, float]]) -> list[Chart]:
    return [
        curves.draw(
            title,
            "Epoch",
            [
                Series(name, range(1, len(history) + 1), [epoch[f"{prefix}{field}"] for epoch in history])
                for name, prefix in (("validation", "validation_"), ("training", ""))
            ],
            is_share=field == "accuracy",
        )
        for title, field in (("Accuracy", "accuracy"), ("Loss (cross-entropy)", "loss"))
        if history
    ]


def confusion_cells(counts: np.ndarray) -> list[list[tuple[int, int | None]]]:
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
    confidence = percent(evaluated.probabilities[index, answer])
    file = BytesIO()
    Image.fromarray(255 - evaluated.pictures[index]).save(file, "png", optimize=True)
    return Mistake(int(evaluated.labels[index]), answer, confidence, base64.b64encode(file.getvalue()).decode())
