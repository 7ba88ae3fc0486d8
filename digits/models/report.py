"""The report on a model: one self-contained HTML page of how it learned and where it fails.

`write` measures a model and saves its page; `render` is a function of the model card and of the answers to labelled
digits: pictures uint8 (n, 28, 28), labels (n,) of 0 to 9 and probabilities (n, 10). Everything on the page, pictures
too, is inside the one file.
"""

import base64
from collections.abc import Sequence
from html import escape
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from digits.models import loading
from digits.models.evaluation import confusion_matrix, evaluate, worst_mistakes
from digits.models.model_card import epochs
from digits.recognition.classifier import whole_percent
from digits.system.files import UserError, check_writable, replacing

WORST = 40  # mistakes that are shown as pictures
CHART = (440, 220)  # width and height of a curve, in SVG units
PADDING = (44, 12, 12, 30)  # left, top, right and bottom of it
TICKS = 4  # steps of the scale
PICTURE_SIDE = 84  # pixels of a mistake on the page

STYLE = """
:root { color-scheme: light dark; --paper: light-dark(#f6f5f1, #14151d); --card: light-dark(#fff, #1d1f2b);
  --text: light-dark(#1c1e2e, #ecebf3); --faint: light-dark(#6a6a78, #a3a3b5); --line: light-dark(#d6d3cb, #363849);
  --accent: light-dark(#4f46e5, #8b93ff); --second: light-dark(#b45309, #f0a94a); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 62rem; background: var(--paper); color: var(--text);
  font: 1rem/1.5 Inter, system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .25rem; } h2 { font-size: 1.25rem; margin: 2.75rem 0 .75rem; }
p { margin: .25rem 0 1rem; } .faint, figcaption, th { color: var(--faint); font-weight: 400; font-size: .875rem; }
.figures, .charts, .worst { display: grid; gap: 1rem; }
.figures { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
.charts { grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); }
.worst { grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); }
.card, figure { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem;
  margin: 0; }
.card b { display: block; font-size: 1.4rem; font-weight: 600; white-space: nowrap; }
.worst figure { padding: .6rem; text-align: center; }
.worst img { width: 84px; height: 84px; image-rendering: pixelated; border-radius: .4rem; }
.worst b { color: var(--accent); } .scroll { overflow-x: auto; }
table { border-collapse: separate; border-spacing: 3px; } td, th { min-width: 2.6rem; height: 2.2rem; padding: 0 .35rem;
  text-align: center; border-radius: .35rem; } td.right { color: var(--faint); }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--faint); font-size: 12px; }
.bars { display: grid; grid-template-columns: 1.5rem 1fr 5rem; gap: .35rem .75rem; align-items: center; }
.track { height: .6rem; border-radius: .3rem; background: var(--line); }
.track i { display: block; height: 100%; border-radius: .3rem; background: var(--accent); }
"""


def write(model_path: Path, pictures: np.ndarray, labels: np.ndarray) -> Path:
    """Measure a Keras file on labelled digits and write the page beside it, as .html; return its path.

    pictures: uint8 (n, 28, 28). labels: (n,) of 0 to 9. Raises UserError for a model that cannot be used or a page that cannot be written.
    """
    page = Path(model_path).with_suffix(".html")
    check_writable(page, "report")
    classifier = loading.load(model_path)
    probabilities = evaluate(classifier, pictures, labels).probabilities
    html = render(classifier.card, pictures, labels, probabilities, Path(model_path).name)
    try:
        with replacing(page) as draft:
            draft.write_text(html, encoding="utf-8")
    except OSError as error:
        raise UserError(f"The report cannot be written to {page} ({error.strerror}); make room there.") from error
    return page


def render(card: dict, pictures: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, name: str) -> str:
    """Return the page on the model of that file name."""
    answers = probabilities.argmax(axis=1)
    body = [
        f"<h1>How well {escape(name)} reads digits</h1>",
        f'<p class="faint">Measured on {len(labels):,} labelled digits that it was not trained on.</p>',
        _figures(card, labels, probabilities),
        _curves(epochs(card)),
        _per_digit(labels, answers),
        _confusion(confusion_matrix(labels, answers)),
        _worst_mistakes(pictures, labels, probabilities),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(name)}</title>'
    style = f"<style>{STYLE}</style>"
    return f'<!doctype html>\n<html lang="en"><head>{head}{style}</head>\n<body>{"".join(body)}</body></html>\n'


def _figures(card: dict, labels: np.ndarray, probabilities: np.ndarray) -> str:
    answers = probabilities.argmax(axis=1)
    wrong = int((answers != labels).sum())
    recipe = card.get("recipe", {})
    entries = [
        (f"{(answers == labels).mean():.2%}", "right"),
        (f"{wrong:,}", f"mistakes in {len(labels):,}"),
        (f"{probabilities.max(axis=1).mean():.2%}", "mean stated confidence"),
    ]
    if "parameters" in card:
        entries.append((f"{card['parameters']:,}", "weights"))
    if "epochs" in recipe:
        entries.append((escape(str(recipe["epochs"])), "epochs"))
    if "date" in card:
        entries.append((escape(str(card["date"])[:10]), "trained"))
    cards = (
        f'<div class="card"><b>{escape(value)}</b><span class="faint">{label}</span></div>' for value, label in entries
    )
    return f'<div class="figures">{"".join(cards)}</div>'


def _curves(learned: list[dict[str, float]]) -> str:
    title = "<h2>How it learned</h2>"
    if not learned:
        return f'{title}<p class="faint">The model card keeps no history of the training.</p>'
    history = {name: [epoch[name] for epoch in learned] for name in learned[0]}
    charts = [
        _chart("Accuracy", history["accuracy"], history["validation_accuracy"], "{:.1%}"),
        _chart("Loss (cross-entropy)", history["loss"], history["validation_loss"], "{:.2f}"),
    ]
    note = "On undistorted digits: those it trains on, of which it sees distortions, and others that it never sees."
    return f'{title}<p class="faint">{note}</p><div class="charts">{"".join(charts)}</div>'


def _chart(title: str, training: Sequence[float], validation: Sequence[float], form: str) -> str:
    """Return two curves over the epochs as SVG, with a scale that leaves out the first epochs' extremes."""
    width, height = CHART
    left, top, right, bottom = PADDING
    values = np.concatenate([training, validation])
    low, high = values.min(), values.max()
    high = high if high > low else low + 1e-6

    def x(epoch: int) -> float:
        return left + (width - left - right) * epoch / max(1, len(training) - 1)

    def y(value: float) -> float:
        return height - bottom - (height - top - bottom) * (value - low) / (high - low)

    parts = []
    for step in range(TICKS + 1):
        value = low + (high - low) * step / TICKS
        parts.append(
            f'<line x1="{left}" x2="{width - right}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="var(--line)"/>'
        )
        parts.append(f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{form.format(value)}</text>')
    for epoch in sorted({0, len(training) // 2, len(training) - 1}):
        parts.append(f'<text x="{x(epoch):.1f}" y="{height - 8}" text-anchor="middle">{epoch + 1}</text>')
    for curve, color in ((training, "var(--second)"), (validation, "var(--accent)")):
        points = " ".join(f"{x(epoch):.1f},{y(value):.1f}" for epoch, value in enumerate(curve))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2.5"/>')
        parts.append(f'<circle cx="{x(len(curve) - 1):.1f}" cy="{y(curve[-1]):.1f}" r="3.5" fill="{color}"/>')
    words = (
        f'{title} over epochs: <span style="color:var(--second)">training {form.format(training[-1])}</span>, '
        f'<span style="color:var(--accent)">validation {form.format(validation[-1])}</span> at the end'
    )
    svg = f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{title} over epochs">{"".join(parts)}</svg>'
    return f"<figure>{svg}<figcaption>{words}</figcaption></figure>"


def _per_digit(labels: np.ndarray, answers: np.ndarray) -> str:
    shares = {digit: (answers[labels == digit] == digit).mean() for digit in range(10) if (labels == digit).any()}
    low = min(0.9, min(shares.values()) - 0.01) if shares else 0.0
    rows = (
        f'<span>{digit}</span><div class="track"><i style="width:{100 * (share - low) / (1 - low):.1f}%"></i></div>'
        f"<span>{share:.2%}</span>"
        for digit, share in shares.items()
    )
    note = f'<p class="faint">The bars begin at {low:.0%}.</p>'
    return f'<h2>Right answers per digit</h2>{note}<div class="card bars">{"".join(rows)}</div>'


def _confusion(counts: np.ndarray) -> str:
    worst = max(1, (counts - np.diag(np.diag(counts))).max())
    head = "".join(f"<th>{digit}</th>" for digit in range(10))
    rows = []
    for label, row in enumerate(counts):
        cells = "".join(_cell(label == answer, int(count), worst) for answer, count in enumerate(row))
        rows.append(f"<tr><th>{label}</th>{cells}</tr>")
    note = "Rows are what was written, columns what was answered; the deeper the colour, the more mistakes."
    table = f"<table><tr><th></th>{head}</tr>{''.join(rows)}</table>"
    return f'<h2>What is taken for what</h2><p class="faint">{note}</p><div class="card scroll">{table}</div>'


def _cell(is_right: bool, count: int, worst: int) -> str:
    if is_right:
        return f'<td class="right">{count}</td>'
    if not count:
        return "<td></td>"
    depth = 20 + 60 * count // worst  # percent of the colour
    return f'<td style="background:color-mix(in srgb, var(--second) {depth}%, transparent)">{count}</td>'


def _worst_mistakes(pictures: np.ndarray, labels: np.ndarray, probabilities: np.ndarray) -> str:
    figures = []
    for index in worst_mistakes(labels, probabilities, WORST):
        answer = probabilities[index].argmax()
        words = f"<b>{answer}</b> {whole_percent(probabilities[index, answer])}, is a {labels[index]}"
        source = base64.b64encode(_png(pictures[index])).decode()
        alt = f"a {labels[index]} answered as {answer}"
        image = f'<img src="data:image/png;base64,{source}" alt="{alt}" width="{PICTURE_SIDE}" height="{PICTURE_SIDE}">'
        figures.append(f"<figure>{image}<figcaption>{words}</figcaption></figure>")
    title = f"<h2>The {len(figures)} worst mistakes</h2>"
    note = "Each with the answer, its stated confidence, and what was written. Some would puzzle you too."
    return f'{title}<p class="faint">{note}</p><div class="worst">{"".join(figures)}</div>' if figures else ""


def _png(picture: np.ndarray) -> bytes:
    file = BytesIO()
    Image.fromarray(255 - picture).save(file, "png", optimize=True)
    return file.getvalue()
