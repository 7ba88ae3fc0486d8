"""Where TensorFlow is not installed, one sentence says what needs it and how to get it, before anything is begun."""

import pytest

import handwriting
from benchmarks.support import template_digits
from digits.models import loading
from digits.system import installed
from digits.system.files import UserError

SENTENCE = "needs TensorFlow, which is not installed here; install it with: python -m pip install tensorflow keras"


@pytest.fixture
def without_tensorflow(monkeypatch):
    monkeypatch.setattr(installed, "find_spec", lambda name: None if name in ("tensorflow", "keras") else name)


def test_nothing_is_said_where_it_is_installed():
    installed.check_tensorflow("Training")


def test_a_training_is_not_begun(without_tensorflow, tmp_path, capsys):
    data = template_digits.write_dataset(tmp_path / "drawn.npz")
    assert handwriting.main([str(tmp_path / "model.h5"), "--data", str(data)]) == 2
    assert capsys.readouterr().err == f"handwriting.py: Training {SENTENCE}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["drawn.npz"]


def test_a_model_that_has_to_be_converted_is_refused(without_tensorflow, tmp_path):
    path = tmp_path / "model.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(UserError, match=f"Converting model.h5 {SENTENCE}"):
        loading.load(path)


def test_the_shipped_model_is_used_as_ever(without_tensorflow):
    assert loading.load().card.test_accuracy
