"""The training loop: each epoch shows the network the digits anew, and the best one is kept."""

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from digits.system.files import UserError
from digits.system.interruption import ctrl_c_ignored
from digits.training.configuration import Configuration
from digits.training.epoch_data import epoch_size, make_digits, make_epoch
from digits.training.keras_model import evaluate, fit, num_batches
from digits.training.live.watching import Watch
from digits.training.progress import Epoch, History, Progress, best_epoch

if TYPE_CHECKING:
    import keras

LEAST_STEPS = 200  # of a training; where there are fewer, its batches are made smaller ...
LEAST_BATCH = 16  # ... down to this

Labelled = tuple[np.ndarray, np.ndarray]  # images uint8 (n, 28, 28) and labels uint8 (n,)


def train(
    model: "keras.Model",
    training: Labelled,
    validation: Labelled,
    configuration: Configuration,
    on_epoch: Callable[[History], None],
    history: History | None = None,
    watch: Watch | None = None,
) -> History:
    """Fit the compiled model, and leave it with the weights of the epoch that did best on the validation digits.

    Returns the whole history; Ctrl-C ends it early, and is raised only before the first epoch is done. A command to
    stop ends it too, and what was learned until then counts as an epoch.
    Raises UserError when the loss is no longer a number.
    """
    history, watch = history or History(), watch or Watch(Progress(None))
    try:
        for number in range(len(history.epochs) + 1, configuration.epochs + 1):
            epoch = train_epoch(model, training, validation, configuration, number, watch)
            epochs = (*history.epochs, epoch)
            is_best = epoch is best_epoch(epochs)
            # Assigned as one, so that Ctrl-C finds epochs and weights together.
            history = History(epochs, model.get_weights() if is_best else history.best_weights, watch.is_cut_short)
            on_epoch(history)
            if watch.is_cut_short:
                break
    except KeyboardInterrupt:
        if not history.epochs:
            raise
    with ctrl_c_ignored():
        model.set_weights(history.best_weights)
    return history


def train_epoch(
    model: "keras.Model",
    training: Labelled,
    validation: Labelled,
    configuration: Configuration,
    number: int,
    watch: Watch,
) -> Epoch:
    """Show the model all training digits once, distorted anew, and evaluate it on undistorted ones."""
    started = time.monotonic()
    watch.draw_epoch(number)
    images, targets = make_epoch(*training, np.random.default_rng([configuration.seed, number - 1]), configuration)
    batch_size = batch_size_for(configuration, len(targets))
    watch.start_epoch(num_batches(len(targets), batch_size))
    if not np.isfinite(fit(model, images, targets, batch_size, watch.after_batch)):
        raise UserError(f"The loss of epoch {number} is not a number; give a lower --learning-rate.")
    shown = (array[: len(validation[1])] for array in training)
    # The same digits after every epoch.
    distorted = make_digits(*validation, np.random.default_rng(configuration.seed), configuration)
    results = *evaluate(model, *shown), *evaluate(model, *validation), evaluate(model, *distorted)[1]
    return Epoch(*results, time.monotonic() - started)


def batch_size_for(configuration: Configuration, num_images: int) -> int:
    """Return the images of one step, given those of an epoch: fewer than configured where steps would be too few.

    It takes some hundred steps to learn anything, whatever there is to learn from.
    """
    fitting = configuration.epochs * num_images // LEAST_STEPS
    return min(configuration.batch_size, max(fitting, LEAST_BATCH), num_images)


def repeat(images: np.ndarray, labels: np.ndarray, configuration: Configuration) -> Labelled:
    """Return the training digits, few ones several times over, so that there is enough to take those steps with."""
    planned = configuration.epochs * epoch_size(len(labels), configuration)
    times = math.ceil(LEAST_STEPS * LEAST_BATCH / planned)
    return np.concatenate([images] * times), np.concatenate([labels] * times)
