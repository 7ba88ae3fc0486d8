"""How fast this machine trains: what a preset will take from *Start* to its saved model, measured in a few seconds.

    python handwriting.py --measure FILE

writes {"waking": s, "presets": {"classroom": s, "good": s, "full": s}, "presets_on_sample": {...}, "cores": n,
"versions": {...}}. Waking is what importing Keras and its backend takes; the presets' times are on MNIST and on the
sample in `assets/`. Each network takes some steps and answers some digits, each way of drawing draws some digits, and
the rest is multiplication.
"""

import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from digits.system import process_pool
from digits.system.files import replacing
from digits.training import mnist, synthetic_digits
from digits.training.configuration import Configuration
from digits.training.epoch_data import epoch_size, make_epoch
from digits.training.keras_model import BATCH, fit, num_batches, predict, prepare_keras
from digits.training.presets import PRESETS
from digits.training.results.saving import CALIBRATED, DOUBT_DIGITS

STEPS = {"small": 20, "full": 4}  # of the configured batch size, after a first one, which compiles the network
DRAWN = 400  # digits
MNIST, SAMPLE = (55_000, 5000), (4500, 500)  # digits to train on and for validation
CONVERSION = 2.0  # times as long as waking: a child wakes TensorFlow again and converts the network


class Pace(NamedTuple):
    """Seconds that a training takes on this machine."""

    compiling: float
    batch: float
    drawing: float  # of one digit
    template: float  # of one digit from templates
    answer: float  # to one digit


def write(path: Path, build: Callable[..., Any], compile_model: Callable[..., None]) -> None:
    """Measure, and write the result as JSON; build, compile_model: of `handwriting.py`."""
    began = time.perf_counter()
    prepare_keras(0)
    waking = time.perf_counter() - began
    presets = {name: preset.configuration for name, preset in PRESETS.items()}
    paces = {name: measure(configuration, build, compile_model) for name, configuration in presets.items()}

    def seconds(size: tuple[int, int]) -> dict[str, float]:
        return {name: estimate(each, paces[name], waking, *size) for name, each in presets.items()}

    times = {"waking": round(waking, 1), "presets": seconds(MNIST), "presets_on_sample": seconds(SAMPLE)}
    found = {**times, "cores": os.cpu_count(), "versions": versions()}
    with replacing(path) as draft:
        draft.write_text(json.dumps(found, indent=1) + "\n")


def measure(configuration: Configuration, build: Callable[..., Any], compile_model: Callable[..., None]) -> Pace:
    """Return how fast this machine is with one network."""
    sample = mnist.read(mnist.SAMPLE)
    images, labels = sample.train_images, sample.train_labels
    batch_size, steps = configuration.batch_size, STEPS[configuration.network]
    model = build(network=configuration.network)
    compile_model(model, configuration, len(labels))
    count = batch_size * (steps + 1)
    targets = np.eye(10, dtype=np.float32)[labels]
    compiling = _seconds(lambda: fit(model, images[:batch_size], targets[:batch_size], batch_size))
    learning = _seconds(lambda: fit(model, images[batch_size:count], targets[batch_size:count], batch_size))
    predict(model, images[:BATCH])
    answering = _seconds(lambda: predict(model, images[:BATCH]))
    rng = np.random.default_rng(0)
    drawing = _seconds(lambda: make_epoch(images[:DRAWN], labels[:DRAWN], rng, configuration))
    template = _seconds(lambda: synthetic_digits.draw(labels[:DRAWN] % 10, rng))
    return Pace(compiling, learning / steps, drawing / DRAWN, template / DRAWN, answering / BATCH)


def estimate(configuration: Configuration, pace: Pace, waking: float, num_digits: int, validation: int) -> float:
    """Return the seconds that a training takes from its start to its saved model.

    num_digits, validation: how many digits there are to train on and for validation.
    """
    digits = min(configuration.digits or num_digits, num_digits)
    cores = process_pool.CORES
    batches = num_batches(epoch_size(digits, configuration), configuration.batch_size)
    judged = min(validation, mnist.num_judges(digits))
    answered = 2 * judged + epoch_size(judged, configuration)
    epoch = (digits + judged) * pace.drawing / cores + batches * pace.batch + answered * pace.answer
    calibrated = min(CALIBRATED, validation) if configuration.network == "small" else validation
    saving = CONVERSION * waking + calibrated * (DOUBT_DIGITS * pace.template / cores + pace.drawing)
    return round(waking + pace.compiling + configuration.epochs * epoch + saving, 1)


def versions() -> dict[str, str]:
    """Return what the figures depend on besides the machine."""
    import keras

    return {"python": platform.python_version(), "keras": keras.__version__, "backend": keras.backend.backend()}


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
