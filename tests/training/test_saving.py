"""What a training leaves behind, and what a failure costs."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.drawing import ink
from digits.models import loading, model_card
from digits.recognition.classifier import Classifier
from digits.system.files import UserError
from digits.system.json_lines import read_records
from digits.training.command_line import Options
from digits.training.configuration import Configuration
from digits.training.mnist import Dataset
from digits.training.progress import Epoch, History, Progress
from digits.training.results import checkpoint, saving

HDF5_FULL = (
    "Can't decrement id ref count (file write failed: errno = 28, error message = 'No space left on device', buf)"
)


class Network:
    """Answers "0" to everything, and saves a few bytes, or fails to."""

    def __init__(self, failure: Exception | None = None):
        self.failure = failure

    def predict_on_batch(self, x: np.ndarray, /) -> np.ndarray:
        return np.tile(np.array([0.91] + 9 * [0.01], np.float32), (len(x), 1))

    def count_params(self) -> int:
        return 7

    def save(self, filepath: Path, /) -> None:
        filepath.write_bytes(b"the new model")
        if self.failure:
            raise self.failure


@pytest.fixture
def old_model(tmp_path) -> Path:
    path = tmp_path / "model.h5"
    for old in (path, *model_card.companions(path)):
        old.write_bytes(b"old")
    return path


@pytest.mark.parametrize(
    "failure", [OSError(28, "No space left on device"), OSError(28, HDF5_FULL), RuntimeError(HDF5_FULL)]
)
def test_a_save_that_fails_leaves_all_old_files(old_model, failure):
    expected = rf"could not be saved to {old_model} \(No space left on device\); the file that was there before"
    with pytest.raises(UserError, match=expected):
        saving.save(Network(failure), old_model, describe=lambda converted: {})
    assert {path.read_bytes() for path in old_model.parent.iterdir()} == {b"old"}
    assert len(list(old_model.parent.iterdir())) == 3


@pytest.mark.parametrize("failure", [UserError("It was ended."), OSError(28, "No space left on device")])
def test_a_conversion_that_fails_does_not_cost_the_model(old_model, monkeypatch, capsys, failure):
    def fail(*paths, is_ours):
        raise failure

    monkeypatch.setattr(loading, "run_conversion", fail)
    assert saving.save(Network(), old_model, describe=lambda converted: {}) == [str(old_model)]
    assert old_model.read_bytes() == b"the new model"
    assert capsys.readouterr().err.startswith("handwriting.py: model.tflite and model.json were not saved: ")
    assert model_card.read_card(model_card.companions(old_model).card).is_empty


@pytest.mark.parametrize(
    ("epochs_done", "is_converted", "status", "is_checkpoint_kept"),
    [(2, True, "finished", False), (1, True, "interrupted", True), (2, False, "failed", False)],
)
def test_a_checkpoint_outlives_an_interrupted_training_and_no_finished_one(
    tmp_path, monkeypatch, capsys, epochs_done, is_converted, status, is_checkpoint_kept
):
    def convert(model: Path, tflite: Path, is_ours: bool) -> None:
        if not is_converted:
            raise UserError("It was ended.")
        tflite.write_bytes(b"converted")

    monkeypatch.setattr(loading, "run_conversion", convert)
    monkeypatch.setattr(saving, "Converted", lambda tflite: Network())
    backend = SimpleNamespace(backend=lambda: "none")
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(__version__="3", backend=backend))  # TensorFlow is slow
    options = Options(Configuration(epochs=2), model=tmp_path / "model.h5", progress=tmp_path / "progress")
    kept = checkpoint.beside(tmp_path / "model.h5")
    kept.write_bytes(b"of the last epoch")
    images, labels = template_digits.pictures(20, seed=0)
    progress = Progress(options.progress)
    progress.start(options.configuration)
    history = History((Epoch(0.5, 0.875, 0.25, 0.9375, 0.9, 30.0),) * epochs_done)
    digits = Dataset(images, labels, images, labels)
    assert saving.finish(Network(), digits, options, history, progress, {"started_from": "abc"}) == status
    assert kept.exists() == is_checkpoint_kept
    assert ("Continue with: python handwriting.py --resume" in capsys.readouterr().out) == is_checkpoint_kept
    end = read_records(tmp_path / "progress")[-1]
    assert (end["status"], end["test_accuracy"]) == (status, 0.1)
    entries = model_card.read_card(tmp_path / "model.json").entries
    if is_converted:
        assert (entries["started_from"], entries["parameters"], entries["test_accuracy"]) == ("abc", 7, 0.1)
        confusion = entries["confusion"]
        assert isinstance(confusion, list)
        assert np.sum(confusion) == 20
        history = entries["history"]
        assert isinstance(history, dict)
        assert len(history["seconds"]) == epochs_done
    else:
        assert entries == {}


def test_the_file_that_answers_is_calibrated_and_not_the_network():
    """With weights in eight bits it answers a little otherwise."""
    images, _ = template_digits.pictures(7, seed=0)
    answers = saving.Converted(model_card.companions(loading.SHIPPED).tflite).predict_on_batch(
        ink.network_input(images)
    )
    classifier = Classifier(model_card.companions(loading.SHIPPED).tflite)
    assert answers.shape == (7, 10)
    np.testing.assert_allclose(answers, [classifier.classify(image).probabilities for image in images], atol=1e-6)


def test_the_card_has_what_is_said_of_the_converted_file(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "run_conversion", lambda model, tflite, is_ours: tflite.write_text("of eight bits"))
    monkeypatch.setattr(saving, "Converted", lambda tflite: tflite.read_text())
    saving.save(Network(), tmp_path / "model.h5", lambda converted: {"described": str(converted)})
    assert model_card.read_card(tmp_path / "model.json").entries["described"] == "of eight bits"
