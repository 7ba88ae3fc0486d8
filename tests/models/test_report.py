"""The report on a model: what it counts, what it shows, and that it stands alone."""

import re

import numpy as np
import pytest

import handwriting
from benchmarks.support import template_digits
from digits.models import loading, model_card
from digits.models.evaluation import Evaluation
from digits.models.model_card import ModelCard
from digits.models.reports import curves, report
from digits.models.reports.curves import Series


def sure_of(answers: list[int], confidence: float = 0.91) -> np.ndarray:
    rest = (1 - confidence) / 9
    return np.where(np.eye(10, dtype=bool)[answers], confidence, rest)


def page(card: ModelCard | None = None, answers: list[int] | None = None) -> str:
    pictures, labels = template_digits.pictures(20, seed=3)
    given = labels.tolist() if answers is None else answers
    return report.render(card or ModelCard(), Evaluation(pictures, labels, sure_of(given)), "model <1>.h5")


def test_a_page_stands_alone_and_trusts_no_name():
    html = page(answers=[0] * 20)
    assert not re.search(r"(src|href)=\"(?!data:)|url\(|<script|@import", html)
    assert "model &lt;1&gt;.h5" in html
    assert "<1>" not in html


def test_every_mistake_is_shown_with_answer_and_truth():
    pictures, labels = template_digits.pictures(20, seed=3)
    answers = labels.tolist()
    answers[4] = (answers[4] + 1) % 10
    html = report.render(ModelCard(), Evaluation(pictures, labels, sure_of(answers)), "model.h5")
    assert html.count("<img ") == 1
    assert f'alt="a {labels[4]} answered as {answers[4]}"' in html


def test_a_model_without_mistakes_or_history_has_a_page_too():
    html = page()
    assert "100\N{NO-BREAK SPACE}%" in html
    assert "keeps no history" in html
    assert "<img " not in html


def test_the_curves_end_at_the_last_epoch():
    first = {"loss": 2.0, "accuracy": 0.3, "validation_loss": 1.5, "validation_accuracy": 0.4}
    last = {"loss": 0.5, "accuracy": 0.8, "validation_loss": 0.25, "validation_accuracy": 0.9}
    html = page(ModelCard(history=(first, last))).replace("\N{NO-BREAK SPACE}", " ")
    for told in ("training: 80.00 %", "validation: 90.00 %", "training: 0.5000", "validation: 0.2500"):
        assert html.count(told) == 2, told  # in the legend, and for those who hear it


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [(0.0, 1.0, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0.992, 0.998, [0.992, 0.994, 0.996, 0.998]), (0.5, 0.5, [0.5, 0.6])],
)
def test_a_scale_has_few_round_numbers_and_holds_all_values(low, high, values):
    assert curves.scale(low, high) == values


def test_a_single_epoch_is_a_dot_and_the_legend_has_the_colour_and_the_dashes_of_its_curve():
    chart = curves.draw("Accuracy", "Epoch", [Series("plain", [1], [0.25]), Series("other", [1], [0.5])], is_share=True)
    assert [len(curve.dots) for curve in chart.curves] == [1, 1]
    first, second = chart.curves
    assert first.dots[0][1] > second.dots[0][1]  # downwards
    assert (first.color, first.dashes) != (second.color, second.dashes)
    html = page(ModelCard(history=({"loss": 2, "accuracy": 0.1, "validation_loss": 2, "validation_accuracy": 0.2},)))
    for line in (f'stroke="var({first.color})"', f'stroke-dasharray="{second.dashes}"'):
        assert html.count(line) == 4  # of two charts: the curve, and the legend's


@pytest.fixture
def shipped_copy(tmp_path):
    for suffix in (".h5", ".tflite", ".json"):
        (tmp_path / f"mine{suffix}").write_bytes(loading.SHIPPED.with_suffix(suffix).read_bytes())
    return tmp_path / "mine.h5"


def test_the_trainer_writes_it_without_training(shipped_copy, data_file, capsys):
    assert handwriting.main(["--report", str(shipped_copy), "--data", str(data_file)]) == 0
    html = shipped_copy.with_suffix(".html").read_text()
    assert "mine.h5" in html
    assert "How it learned" in html
    assert str(shipped_copy.with_suffix(".html")) in capsys.readouterr().out
    card = model_card.read_card(shipped_copy.with_suffix(".json"))
    assert np.sum(card.confusion) == 50
    assert loading.load(shipped_copy).card == card  # it still belongs to the model


def test_a_report_on_no_model_is_one_sentence(tmp_path, data_file, capsys):
    assert handwriting.main(["--report", str(tmp_path / "none.h5"), "--data", str(data_file)]) == 2
    assert "no model file" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        handwriting.main(["--report"])
    assert "--report needs a model" in capsys.readouterr().err
