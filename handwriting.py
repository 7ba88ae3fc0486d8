"""Train a convolutional network on MNIST with stochastic gradient descent (SGD).

The model in `assets/` has 381,418 weights and reads 99.60 % of MNIST's test digits (`benchmarks.accuracy`). It began
with the defaults and seed 3, which alone read 99.71 %, was trained further on hands that MNIST and the templates of
that time lacked, and is the mean of four such models (`digits.training.results.averaging`). One epoch of 30,000 digits,
a minute on two cores, reached 99.1 or 99.2 % (`benchmarks.training.training_time`).

    python handwriting.py model.h5     trains, reports, and saves model.h5, model.tflite and model.json

README.md has the other commands, --help the options. From the top: the stages of a training, the network, the recipe.

The network is nine 3x3 convolutions with batch normalisation, the small one three; the recipe is SGD with Nesterov
momentum and a learning rate that rises and falls once. Every epoch of `digits.training.stages.training_loop` sees new
images, by `digits.training.epoch_data`: MNIST distorted, in styles that MNIST lacks, digits drawn from templates, and
outliers, for which no answer is right. The last 5,000 training digits are held out: they choose the epoch that is kept,
the calibration temperature and when an answer is in doubt. The test digits choose nothing.

Ctrl-C ends a training and saves the best epoch so far. A checkpoint is kept beside the model until the training is
finished, so that --resume continues it whatever ended it. Exit code 0, 130 after Ctrl-C or a stop, 2 with one sentence
on standard error for what the user can mend.
"""

import random
from typing import TYPE_CHECKING

import numpy as np

from digits.drawing import ink
from digits.system.files import UserError
from digits.system.installed import check_tensorflow
from digits.system.interruption import ctrl_c_ignored, interrupt_with_parent
from digits.system.output import print_error
from digits.training import command_line, mnist
from digits.training.configuration import Configuration
from digits.training.epoch_data import epoch_size, scatter
from digits.training.keras_model import Start, num_batches, prepare_keras
from digits.training.live.control import Control
from digits.training.live.probes import Probes
from digits.training.live.watching import Watch
from digits.training.progress import History, Progress, print_line
from digits.training.results import checkpoint
from digits.training.results.saving import finish
from digits.training.stages import errands, own_training
from digits.training.stages.training_loop import batch_size_for, repeat, train

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
EXIT_CODES = {"finished": 0, "failed": 2, "interrupted": 130}


def main(argv: list[str] | None = None) -> int:
    """Read the command line, do what it asks for, and return the exit code."""
    options = command_line.read_options(argv)
    if options.parent_pipe:
        interrupt_with_parent()
    progress = Progress(options.progress)
    try:
        return EXIT_CODES[follow(options, progress)]
    except UserError as error:
        print_error("handwriting.py", str(error))
        progress.end("failed", [], None)
        return EXIT_CODES["failed"]
    except KeyboardInterrupt:
        print_line("\nStopped; nothing was saved.")
        progress.end("interrupted", [], None)
        return EXIT_CODES["interrupted"]


def follow(options: command_line.Options, progress: Progress) -> str:
    """Check the options, train or do another errand; return how it ended. Raises UserError."""
    command_line.check(options)
    if errands.run(options, build_model, compile_model):
        return "finished"
    resumed = checkpoint.find(options.model, options.configuration) if options.resume and options.model else None
    check_tensorflow("Training")
    if options.is_on_collection:
        return own_training.run(options, progress, build_model, compile_model)
    return run(mnist.load(options.data), options, progress, resumed)


def run(
    digits: mnist.Dataset,
    options: command_line.Options,
    progress: Progress,
    resumed: checkpoint.Checkpoint | None = None,
) -> str:
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
    start = Start(model, options.start, options.start_share)
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
        network.set_weights(start.mixed(history.best_weights))
        return finish(network, digits, options, history, progress, start.origin)


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
    optimizer.build(model.trainable_variables)  # within the first step, TensorFlow would trace that one twice


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


if __name__ == "__main__":
    raise SystemExit(main())
