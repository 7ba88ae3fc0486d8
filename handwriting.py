"""Train a convolutional network on MNIST with stochastic gradient descent (SGD).

The model in `assets/` has 381,418 weights and reads 99.62 % of MNIST's test digits (`benchmarks.accuracy`). It was
trained in six goes: by the defaults with seed 3, which alone reads 99.71 %, then five times further on hands that MNIST
and the templates of that time lacked, each time with a part of the older weights kept. One epoch of 30,000 digits, a
minute on two cores, reached 99.1 or 99.2 % (`benchmarks.training.training_time`).

    python handwriting.py              trains and reports
    python handwriting.py model.h5     also saves model.h5, model.tflite and model.json
    python handwriting.py --epochs 3 --digits 5000     learns from fewer digits: quicker, and less accurate
    python handwriting.py --resume model.h5     continues an interrupted training of model.h5
    python handwriting.py better.h5 --start model.h5 --epochs 4 --learning-rate 0.03     trains model.h5 further
    python handwriting.py better.h5 --start model.h5 --start-share 0.3     keeps three tenths of model.h5's weights
    python handwriting.py mine.h5 --start model.h5 --collection DIR     trains model.h5 further on your own drawings
    python handwriting.py --network small --data sample     trains a small network on the sample in `assets/`: seconds
    python handwriting.py --measure FILE     trains nothing and writes how long trainings take on this machine
    python handwriting.py --report model.h5     trains nothing and writes model.html: how it learned, where it fails
    python handwriting.py --export onnx model.h5     trains nothing and writes model.onnx, for other programs

The network is nine 3x3 convolutions with batch normalisation, the small one three; the recipe is SGD with Nesterov
momentum and a learning rate that rises and falls once. Where there would be few batches, they are made smaller. Every
epoch sees new images (`digits.training.epoch_data`): MNIST distorted, in styles that MNIST lacks, digits drawn from
templates, and outliers, for which no answer is right. The last 5,000 training digits are held out: they choose the
epoch that is kept, the calibration temperature and when an answer is in doubt. The test digits choose nothing.

With --collection DIR, and --hand NAME, it sees the drawings of a collection in many ways, and as many digits of MNIST,
or of the sample in `assets/`, so that it does not forget those. A fifth of the drawings is held back; the new model is
saved only if it reads them better.

For experiments, --augmentation off and --centring off, --left-out 7 and --wrong-labels 0.2 change what it learns from.

With --progress FILE the training is recorded as it goes (`digits.training.progress`), down to how it answers the
pictures of --probes FILE.npz (`digits.training.live.probes`). With --control FILE it can be paused, taken forward batch
by batch, and stopped (`digits.training.live.control`). --measure is described in `digits.training.speed`.

Ctrl-C ends a training and saves the best epoch so far. A checkpoint is kept beside the model until the training is
finished, so that --resume continues it whatever ended it. Exit code 0, 130 after Ctrl-C or a stop, 2 with one sentence
on standard error for what the user can mend.
"""

import math
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from digits.drawing import ink
from digits.models import loading
from digits.models.reports import report
from digits.system.files import UserError
from digits.system.installed import check_tensorflow
from digits.system.interruption import ctrl_c_ignored, interrupt_with_parent
from digits.system.output import print_error
from digits.training import command_line, mnist, own_digits, speed
from digits.training.configuration import Configuration
from digits.training.epoch_data import epoch_size, make_digits, make_epoch, scatter
from digits.training.keras_model import evaluate, fit, num_batches, prepare_keras, start_from
from digits.training.live.control import Control
from digits.training.live.probes import Probes
from digits.training.live.watching import Watch
from digits.training.progress import Epoch, History, Progress, best_epoch, print_line
from digits.training.results import checkpoint
from digits.training.results.saving import finish, finish_own

if TYPE_CHECKING:
    import keras

CHANNELS = (32, 64, 96)  # of the convolutions at 28x28, 14x14 and 7x7 pixels ...
CONVOLUTIONS = 3  # ... and how many of them there are at each size
SMALL_CHANNELS = (16, 32, 64)  # of the small network's only convolutions, to 14x14, 7x7 and 4x4 pixels
DROPOUT = 0.3
NORMALIZATION_MOMENTUM = 0.9  # Keras' 0.99 lags behind the weights: after a short epoch it describes other ones
MOMENTUM = 0.9
WEIGHT_DECAY = 5e-4
CLIP_NORM = 1.0  # of the whole gradient: the first steps, with gradients near 50, would wreck a small training
WARM_UP = 0.2  # share of the training during which the learning rate rises
FULL_RATE_BATCH = 128  # images per step, from which on the learning rate is the configured one
LEAST_STEPS = 200  # of a training; where there are fewer, its batches are made smaller ...
LEAST_BATCH = 16  # ... down to this
EXIT_CODES = {"finished": 0, "failed": 2, "interrupted": 130}

Labelled = tuple[np.ndarray, np.ndarray]  # images uint8 (n, 28, 28) and labels uint8 (n,)


def main(argv: list[str] | None = None) -> int:
    """Read and check the command line, load the digits, train or report; return the exit code."""
    options = command_line.read_options(argv)
    if options.parent_pipe:
        interrupt_with_parent()
    progress = Progress(options.progress)
    try:
        command_line.check(options)
        if options.measure:
            check_tensorflow("Training")
            speed.write(options.measure, build_model, compile_model)
            return EXIT_CODES["finished"]
        if options.export and options.model:
            print_line(f"Wrote {loading.export(options.model, options.export)}.")
            return EXIT_CODES["finished"]
        resumed = checkpoint.find(options.model, options.configuration) if options.resume and options.model else None
        if not options.report:
            check_tensorflow("Training")
        if options.is_on_collection:
            own = own_digits.load(options.hand_folder(), options.configuration.seed)
            return run_on_collection(own, mnist.load_or_sample(options.data), options, progress)
        digits = mnist.load(options.data)
        if options.report and options.model:
            print_line(f"Wrote {report.write(options.model, digits.test_images, digits.test_labels)}.")
            return EXIT_CODES["finished"]
        return run(digits, options, progress, resumed)
    except UserError as error:
        print_error("handwriting.py", str(error))
        progress.end("failed", [], None)
        return EXIT_CODES["failed"]
    except KeyboardInterrupt:
        print_line("\nStopped; nothing was saved.")
        progress.end("interrupted", [], None)
        return EXIT_CODES["interrupted"]


def run(
    digits: mnist.Dataset,
    options: command_line.Options,
    progress: Progress,
    resumed: checkpoint.Checkpoint | None = None,
) -> int:
    """Build the network, train it, from random weights, another model's or a checkpoint, and finish."""
    configuration = options.configuration
    progress.phase("waking")
    prepare_keras(configuration.seed)
    if not configuration.centring:
        digits = mnist.with_images(digits, lambda images: scatter(images, np.random.default_rng(configuration.seed)))
    training, validation = mnist.split(digits, configuration.digits)
    training = repeat(*mnist.chosen(*training, configuration), configuration)
    judges = mnist.num_judges(len(training[1]))
    validation = validation[0][:judges], validation[1][:judges]
    model = build_model(network=configuration.network)
    origin: dict[str, str | float] = {**start_from(model, options.start)} if options.start else {}
    start_weights = model.get_weights()
    if options.start_share:
        origin["start_share"] = options.start_share
    compile_model(model, configuration, len(training[1]))
    history = checkpoint.restore(model, resumed) if resumed else History()
    progress.start(configuration, len(history.epochs))
    watch = Watch(progress, Control(options.control), Probes(options.probes))
    watch.begin(model, *validation, configuration)

    def on_epoch(history: History) -> None:
        if options.model and not history.is_stopped:
            checkpoint.keep(model, configuration, history, options.model)
        progress.epoch(history.epochs)

    history = train(model, training, validation, configuration, on_epoch, history, watch)
    with ctrl_c_ignored():
        # A network without the optimizer's state, which is as large again.
        network = build_model(for_training=False, network=configuration.network)
        weights = history.best_weights
        network.set_weights(mix(weights, start_weights, options.start_share) if options.start_share else weights)
        return EXIT_CODES[finish(network, digits, options, history, progress, origin)]


def run_on_collection(
    own: own_digits.OwnDigits, digits: mnist.Dataset, options: command_line.Options, progress: Progress
) -> int:
    """Train a saved model further on somebody's own drawings, and save it if it reads those held back better."""
    configuration, (images, labels) = options.configuration, mnist.split(digits)[0]
    progress.phase("waking")
    prepare_keras(configuration.seed)
    model = build_model(network=configuration.network)
    origin: dict[str, object] = {**start_from(model, options.start)} if options.start else {}
    start_weights = model.get_weights()
    compile_model(model, configuration, min(own_digits.MNIST_DIGITS, len(labels)), own_digits.OWN_DIGITS)
    progress.start(configuration)
    before = own_digits.judge(model, own, digits.test_images, digits.test_labels)
    print_line(f"{len(own.drawings)} drawings to learn from, {len(own.held_labels)} held back.\nBefore: {before}.")
    epochs: list[Epoch] = []
    for number in range(configuration.epochs):
        epochs.append(own_digits.train_epoch(model, own, images, labels, configuration, number))
        progress.epoch(epochs)
    model.set_weights(mix(model.get_weights(), start_weights, options.start_share))
    after = own_digits.judge(model, own, digits.test_images, digits.test_labels)
    print_line(f"After: {after}.")
    progress.own_digits(**own_digits.report(own, before, after))
    if not after.is_better_than(before):
        print_line("That is no better; nothing was saved, and the old model stays as it is.")
        progress.end("finished", [], after.large_accuracy)
        return EXIT_CODES["finished"]
    with ctrl_c_ignored():
        network = build_model(for_training=False, network=configuration.network)
        network.set_weights(model.get_weights())
        origin["start_share"] = options.start_share
        origin["own_digits"] = own_digits.report(own, before, after)
        return EXIT_CODES[finish_own(network, digits, options, epochs, after.large_accuracy, progress, origin)]


def mix(trained: list[np.ndarray], start: list[np.ndarray], start_share: float) -> list[np.ndarray]:
    """Return the weights between those of a training and those that it began with, of which `start_share` is kept.

    A network trained further on new styles forgets some old ones; the mean of both knows nearly all (Wortsman et al.,
    "Robust fine-tuning of zero-shot models", 2022).
    """
    return [(1 - start_share) * new + start_share * old for new, old in zip(trained, start, strict=True)]


def build_model(for_training: bool = True, network: str = "full") -> "keras.Model":
    """Return the untrained network: float32 (n, 28, 28, 1) in [0, 1] -> probabilities (n, 10).

    In training it gives the loss the logits instead: a probability that has become 0 teaches nothing. The other form
    has plain layers only, which any program loads.
    """
    import keras
    from keras import layers

    class SoftmaxOutsideTraining(layers.Softmax):
        def call(self, logits, training=None):
            return logits if training else super().call(logits)

    def add_convolution(channels: int, stride: int = 1) -> None:
        model.add(layers.Conv2D(channels, 3, stride, "same", use_bias=False, kernel_initializer="he_normal"))
        model.add(layers.BatchNormalization(momentum=NORMALIZATION_MOMENTUM))
        model.add(layers.ReLU())

    model = keras.Sequential([keras.Input((ink.SIZE, ink.SIZE, 1))])
    if network == "small":
        for channels in SMALL_CHANNELS:
            add_convolution(channels, stride=2)
        model.add(layers.Flatten())
    else:
        for block, channels in enumerate(CHANNELS):
            if block:
                model.add(layers.MaxPooling2D())
            for _ in range(CONVOLUTIONS):
                add_convolution(channels)
        model.add(layers.Flatten())  # and no pooling over places: where a stroke lies tells a 4 from a 9
        # Without a seed, PyTorch would draw from its own random numbers, which no checkpoint holds.
        model.add(layers.Dropout(DROPOUT, seed=random.randint(1, 10**9)))
    model.add(layers.Dense(10, activation=None if for_training else "softmax"))
    if for_training:
        model.add(SoftmaxOutsideTraining())
    return model


def compile_model(model: "keras.Model", configuration: Configuration, num_digits: int, num_own_digits: int = 0) -> None:
    """Give the model its loss, and SGD with Nesterov momentum."""
    import keras

    optimizer = keras.optimizers.SGD(
        learning_rates(configuration, num_digits, num_own_digits),  # pyright: ignore[reportArgumentType]: it takes a schedule too
        momentum=MOMENTUM,
        nesterov=True,
        weight_decay=WEIGHT_DECAY,
        global_clipnorm=CLIP_NORM,
    )

    class AccuracyOnDigits(keras.metrics.CategoricalAccuracy):
        def update_state(self, y_true, y_pred, sample_weight=None):  # an outlier has no right answer
            is_digit = keras.ops.cast(keras.ops.max(y_true, axis=-1) == 1, "float32")
            return super().update_state(y_true, y_pred, is_digit)

    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=[AccuracyOnDigits("accuracy")])


def learning_rates(
    configuration: Configuration, num_digits: int, num_own_digits: int = 0
) -> "keras.optimizers.schedules.CosineDecay":
    """Return the learning rate of each step: one cycle, up and down to zero.

    num_digits: of MNIST, and num_own_digits: pictures of own drawings, in an epoch.
    One cycle: Smith and Topin, "Super-convergence", 2018. A smaller batch knows its direction less well, and so its
    steps are smaller, with the square root: Krizhevsky, "One weird trick for parallelizing convolutional neural
    networks", 2014.
    """
    import keras

    num_images = epoch_size(num_digits, configuration) + num_own_digits
    # A network that is trained further on own drawings knows most already.
    batch_size = configuration.batch_size if num_own_digits else batch_size_for(configuration, num_images)
    steps = configuration.epochs * num_batches(num_images, batch_size)
    warm_up = max(1, int(WARM_UP * steps))
    peak = configuration.learning_rate * min(1.0, batch_size / FULL_RATE_BATCH) ** 0.5
    return keras.optimizers.schedules.CosineDecay(
        peak / 10, max(1, steps - warm_up), warmup_target=peak, warmup_steps=warm_up
    )


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


if __name__ == "__main__":
    raise SystemExit(main())
