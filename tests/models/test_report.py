"""The report on a model: what it counts, what it shows, and that it stands alone."""

import re

import numpy as np
import pytest

import handwriting
from benchmarks.support import template_digits
from digits.models import loading, report
from digits.models.evaluation import Evaluation
from digits.models.model_card import ModelCard


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
    assert "100.00%" in html
    assert "keeps no history" in html
    assert "<img " not in html


def test_the_curves_end_at_the_last_epoch():
    first = {"loss": 2.0, "accuracy": 0.3, "validation_loss": 1.5, "validation_accuracy": 0.4}
    last = {"loss": 0.5, "accuracy": 0.8, "validation_loss": 0.25, "validation_accuracy": 0.9}
    html = page(ModelCard(history=(first, last)))
    assert "training 80.0%" in html
    assert "validation 90.0%" in html
    assert "training 0.50" in html
    assert "validation 0.25" in html


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


def test_a_report_on_no_model_is_one_sentence(tmp_path, data_file, capsys):
    assert handwriting.main(["--report", str(tmp_path / "none.h5"), "--data", str(data_file)]) == 2
    assert "no model file" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        handwriting.main(["--report"])
    assert "--report needs a model" in capsys.readouterr().err
