"""Runs: what is kept of trainings, what they are called, what came of experiments, and the page of all of them."""

import re

import numpy as np
import pytest

from digits.models import model_card
from digits.page.jobs import runs
from digits.page.jobs.runs import MOST_POINTS, Curve, Point, Run
from digits.page.training_views import link, runs_report
from digits.page.training_views.findings import finding
from digits.system.files import UserError
from digits.training.configuration import Configuration
from digits.training.presets import CLASSROOM, EXPERIMENTS, FEW_DIGITS, FULL, HIGH_RATE, LEFT_OUT

CURVE = (Point(0, 0.1), Point(640, 0.5, 0.25), Point(1280, 0.9, 0.75))
PLAIN = Run("2026-11-27 10.00.00", CLASSROOM.configuration, "finished", "MNIST", 20.0, 0.975, CURVE)
FEW = Run("2026-11-27 11.00.00", FEW_DIGITS.configuration, "finished", "MNIST", 21.5, 0.75, CURVE)
FAILED = Run("2026-11-27 12.00.00", HIGH_RATE.configuration, "failed", "MNIST", 9.0, None, CURVE, "No number.")


def test_runs_come_back_as_they_were_written_the_latest_first_and_damaged_ones_are_left_out(tmp_path):
    for run in (PLAIN, FEW, FAILED):
        runs.write(tmp_path, run)
    for number, content in enumerate(("", "[]", "{}", '{"settings": 7}')):
        (tmp_path / f"damaged {number}{runs.SUFFIX}").write_text(content)
    assert runs.read(tmp_path) == [FAILED, FEW, PLAIN]
    assert runs.read(tmp_path / "none") == []


def test_a_run_is_known_by_its_settings():
    assert [run.title for run in (PLAIN, FEW)] == ["Classroom", "100 digits only"]
    assert runs.title_of(Configuration(epochs=77)) == "Custom"
    assert [runs.experiment_of(run) for run in (PLAIN, FEW)] == [None, FEW_DIGITS]
    assert CLASSROOM.configuration not in [experiment.configuration for experiment in EXPERIMENTS.values()]
    assert runs.latest([FAILED, FEW, PLAIN], CLASSROOM.configuration, "MNIST") == PLAIN
    assert runs.latest([FAILED], FAILED.configuration) is None
    assert runs.latest([PLAIN], CLASSROOM.configuration, "sample of MNIST") is None


def test_a_long_curve_is_thinned_evenly_and_keeps_its_beginning():
    curve = Curve()
    for seen in range(10 * MOST_POINTS):
        curve.add(Point(seen, 0.5))
    places = [point.seen for point in curve.points]
    assert (places[0], places[-1]) == (0, 10 * MOST_POINTS - 1)
    assert MOST_POINTS / 4 < len(places) <= MOST_POINTS + 1
    assert len(set(np.diff(places[:-1]))) == 1


@pytest.mark.parametrize("configuration", [CLASSROOM.configuration, FULL.configuration, FEW.configuration])
def test_the_settings_of_a_link_are_those_that_made_it(configuration):
    query = dict(re.findall(r"(\w+)=([^&]+)", link.write(configuration)))
    assert query.pop("tab") == "Train"
    assert link.read(query) == configuration


def test_an_address_without_settings_has_none_and_wrong_ones_are_refused():
    assert link.read({"tab": "Train", "other": "7"}) is None
    for wrong in ({"epochs": "many"}, {"epochs": "501"}, {"network": "huge"}, {"wrong_labels": "2"}, {"seed": "nan"}):
        with pytest.raises(UserError):
            link.read(wrong)


def test_a_finding_has_the_numbers_of_both_and_says_what_a_digit_is_called_that_was_left_out():
    told = finding(FEW_DIGITS, PLAIN, FEW).replace("\N{NO-BREAK SPACE}", " ")
    assert told.startswith("Test accuracy: 75.00 %, and 97.50 % without the change: 22.5 points lower.")
    assert told.endswith(FEW_DIGITS.finding)
    left_out = Run("x", LEFT_OUT.configuration, "finished", "MNIST", 20.0, 0.974)
    confusion = np.diag([100] * 10)
    confusion[7] = [0, 20, 0, 0, 0, 0, 0, 0, 0, 80]
    told = finding(LEFT_OUT, PLAIN, left_out, confusion.tolist()).replace("\N{NO-BREAK SPACE}", " ")
    assert "about the same" in told
    assert "Of the 100 test digits that are a 7, it calls 80 % a 9, 20 % a 1." in told
    assert "No number." in finding(HIGH_RATE, PLAIN, FAILED)


def test_the_page_of_all_runs_stands_alone_and_has_their_settings_curves_and_matrices(tmp_path):
    tflite = tmp_path / f"{FEW.name}.tflite"
    tflite.write_bytes(b"converted")
    model_card.write_card(tmp_path / f"{FEW.name}.json", "ab", tflite, {"confusion": np.eye(10, dtype=int).tolist()})
    html = runs_report.render([FAILED, FEW, PLAIN], tmp_path, [FEW, PLAIN]).replace("\N{NO-BREAK SPACE}", " ")
    assert not re.search(r"(src|href)=\"(?!data:)|url\(|<script|@import", html)
    assert html.count("<polyline") == 2 + 3 * 2
    assert html.count('<table class="confusion">') == 1
    for told in ("75.00 %", "97.50 %", FEW_DIGITS.question, "22.5 points lower", "--digits 100", "No number."):
        assert told in html
