"""The trainer under Keras' other backends: it learns, stops and resumes as under TensorFlow, for the same window."""

import json
import os
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.models import loading, model_card
from digits.recognition import calibration
from digits.training.configuration import Configuration
from tests.support.processes import run_python

BACKENDS = ["jax", *(["torch"] if find_spec("torch") else [])]  # tests/requirements.txt brings no PyTorch: 3 GB
OPTIONS = Configuration(epochs=2, batch_size=8, learning_rate=0.12, seed=3).options()
PICTURES = template_digits.pictures(50, seed=2)[0]  # those of the test digits
SETTINGS = {
    "OMP_NUM_THREADS": "1",  # on a busy machine OpenMP's threads, which wait for each other at every step, take minutes
    "XLA_FLAGS": "--xla_backend_optimization_level=0",  # a training this short takes longer to compile than to run
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",  # what the first training compiles serves the others
}

THREE_TRAININGS = """
import json, shutil, sys
from pathlib import Path
import numpy as np
import handwriting
from benchmarks.support import template_digits
from digits.drawing import ink
from digits.models import loading, model_card
from digits.training.configuration import Configuration
from digits.training.stages import training_loop

whole, broken, *arguments = sys.argv[1:]


def convert_once(model, tflite, is_ours):
    shutil.copy(model_card.companions(Path(whole)).tflite, tflite)  # the first model's: TensorFlow takes seconds


def interrupted(model, pictures, targets, batch_size, go_on, fit=training_loop.fit):
    fits.append(model)
    if len(fits) < 2:
        return fit(model, pictures, targets, batch_size, go_on)
    fit(model, pictures[: 5 * batch_size], targets[: 5 * batch_size], batch_size)
    model.train_function = with_ctrl_c(model.train_function)
    fit(model, pictures, targets, batch_size)


def with_ctrl_c(step):
    def step_and_stop(*given):
        step(*given)
        raise KeyboardInterrupt

    return step_and_stop


training_loop.LEAST_STEPS = 1  # an epoch of these digits is enough ...
handwriting.CONVOLUTIONS = 1  # ... and a third of the layers: there is one of each kind
codes = [handwriting.main([whole, *arguments])]
loading.run_conversion = convert_once
fits, whole_fit = [], training_loop.fit
training_loop.fit = interrupted
codes += [handwriting.main([broken, *arguments])]
training_loop.fit = whole_fit
codes += [handwriting.main(["--resume", broken, *arguments])]
import keras  # only now: the trainer makes it quiet before it imports it

network, resumed = [keras.saving.load_model(path, compile=False) for path in (whole, broken)]
both = zip(network.get_weights(), resumed.get_weights(), strict=True)
differences = [float(np.abs(first - second).max()) for first, second in both]
answers = network.predict(ink.network_input(template_digits.pictures(50, seed=2)[0]), verbose=0)

wrong = handwriting.build_model()
handwriting.compile_model(wrong, Configuration(epochs=1), 100)
wrong.layers[-2].bias.assign([90.0] + [0.0] * 9)  # sure of the 0
ones = np.eye(10, dtype=np.float32)[[1] * 4]
loss = wrong.train_on_batch(np.zeros((4, 28, 28, 1), np.float32), ones, return_dict=True)["loss"]
moved = keras.ops.convert_to_numpy(wrong.layers[-2].bias)[1]
report = {"answers": answers.tolist(), "differences": differences, "loss": float(loss), "moved": float(moved)}
print(json.dumps({"backend": keras.backend.backend(), "codes": codes, **report}))
"""


@pytest.fixture(scope="module", params=BACKENDS)
def trained(request, tmp_path_factory, data_file) -> SimpleNamespace:
    """One child with that backend: a whole training, the same interrupted in its second epoch, and that one resumed."""
    if find_spec(request.param) is None:
        pytest.skip(f"not installed: {request.param}")
    folder = tmp_path_factory.mktemp(request.param)
    files = SimpleNamespace(backend=request.param, whole=folder / "whole.h5", broken=folder / "broken.h5")
    cache = {"JAX_COMPILATION_CACHE_DIR": str(folder / "compiled")}
    environment = {**os.environ, **SETTINGS, **cache, "KERAS_BACKEND": request.param}
    files.done = run_python(
        "-c", THREE_TRAININGS, files.whole, files.broken, "--data", data_file, *OPTIONS, env=environment
    )
    assert files.done.returncode == 0, files.done.stderr
    *files.printed, last = files.done.stdout.splitlines()
    files.report = json.loads(last)
    return files


def test_it_trains_and_prints_no_warning(trained):
    entries = model_card.read_card(model_card.companions(trained.whole).card).entries
    assert trained.report["backend"] == entries["backend"] == trained.backend
    accuracy = entries["test_accuracy"]
    assert isinstance(accuracy, float)
    assert accuracy > 0.5  # chance is 0.1
    assert trained.done.stderr == ""


def test_a_network_that_is_sure_of_a_wrong_answer_is_taught(trained):
    """A loss of the probability, which is 0 in float32, would be capped and teach nothing."""
    assert trained.report["loss"] == pytest.approx(90, abs=1)
    assert trained.report["moved"] > 0


def test_the_window_gives_the_answers_that_the_backend_gives(trained):
    classifier = loading.load_if_converted(trained.whole)
    assert classifier is not None
    expected = calibration.soften(np.array(trained.report["answers"]), classifier.card.temperature)
    answers = [classifier.classify(picture).probabilities for picture in PICTURES]
    np.testing.assert_allclose(answers, expected, atol=0.01)  # its weights have eight bits each
    assert len(set(expected.argmax(axis=1))) > 5


def test_a_training_stopped_within_an_epoch_is_tested_and_saved_and_resumes_as_if_it_had_never_stopped(trained):
    assert trained.report["codes"] == [0, 130, 0]
    assert "Stopped; the best epoch so far is tested and saved." in trained.printed
    numbers = [line.split()[1] for line in trained.printed if line.startswith("epoch")]
    assert numbers == ["1/2", "2/2", "1/2", "2/2"]
    assert len(trained.report["differences"]) == 3 * 5 + 2  # arrays: of normalised convolutions, and of a dense layer
    assert set(trained.report["differences"]) == {0.0}
