"""Export to ONNX: other programs get the answers that Keras gives, or one sentence."""

import numpy as np
import pytest

import handwriting
from digits.drawing import ink
from digits.models import conversion, loading, onnx_export
from digits.models.model_input import Way
from digits.system import installed
from digits.system.files import UserError
from tests.support.keras_models import EXPORTED, KERAS_2, PICTURES


@pytest.mark.parametrize("name", EXPORTED)
def test_an_exported_model_answers_any_number_of_pictures_as_keras_does(keras_models, name):
    model = keras_models[name]
    assert (model["code"], model["said"]) == (0, "")
    with open(model["onnx"], "rb") as file:
        content = file.read()
    answers = onnx_export.answer(content, ink.network_input(PICTURES))
    np.testing.assert_allclose(answers, model["answers"], atol=1e-4)
    np.testing.assert_allclose(onnx_export.answer(content, ink.network_input(PICTURES[3])), answers[3:4], atol=1e-5)


def test_an_export_that_answers_otherwise_is_not_kept(tmp_path, monkeypatch, capsys):
    model = KERAS_2 / "functional.h5"

    class Same:
        def __call__(self, pictures, training):
            return np.full((len(pictures), 10), 0.1)

    monkeypatch.setattr(conversion, "load_model", lambda path: Same())
    monkeypatch.setattr(conversion, "in_full_precision", lambda model: model)
    monkeypatch.setattr(conversion, "adapt", lambda model, *_: conversion.Adapted(model, Way(), None))
    monkeypatch.setattr(conversion, "to_onnx", lambda *_: b"other")
    monkeypatch.setattr(conversion, "answer", lambda content, pictures: np.full((len(pictures), 10), 0.2))
    assert conversion.main([str(model), str(tmp_path / "out.onnx")]) == 2
    assert "gives other answers once converted" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_trainer_has_the_model_exported_beside_it(tmp_path, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(loading, "run_conversion", lambda *files: asked.append(files))
    model = tmp_path / "mine.h5"
    model.write_bytes((KERAS_2 / "functional.h5").read_bytes())
    assert handwriting.main(["--export", "onnx", str(model)]) == 0
    assert asked == [(model, tmp_path / "mine.onnx")]
    assert capsys.readouterr().out == f"Wrote {tmp_path / 'mine.onnx'}.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--export", "onnx"], "--export needs a model, such as: python handwriting.py --export onnx model.h5"),
        (["--export", "onnx", "model.h5", "--resume"], "--export trains nothing; leave out the other options"),
        (["--export", "coreml", "model.h5"], "invalid choice: 'coreml'"),
    ],
)
def test_an_export_of_nothing_is_explained(arguments, words, capsys):
    with pytest.raises(SystemExit, match="2"):
        handwriting.main(arguments)
    assert words in capsys.readouterr().err


def test_without_the_packages_a_sentence_says_how_to_get_them(monkeypatch):
    monkeypatch.setattr(installed, "find_spec", lambda name: None if name == "onnx" else True)
    with pytest.raises(UserError, match="pip install onnx onnxruntime tf2onnx"):
        loading.export(loading.SHIPPED, "onnx")
