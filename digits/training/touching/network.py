"""Train the network that reads touching digits, and save it as the .tflite file that the product runs.

    python -m digits.training.touching.network FILE.tflite [--data mnist.npz] [--strings 120000] [--epochs 6] [--seed 1]

`assets/touching.tflite` is of an earlier draft of this command, in two runs: it learned from 120,000 strings for 4
epochs and, from there, for 1.7 more with 0.4 of the rate. So the command does not give the same file.
"""

import argparse
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from digits.recognition.calibration import fit_temperature
from digits.recognition.classifier import Interpreter
from digits.sheets.digit_strings import BLANK, ROWS, STRIDE, peaks
from digits.system.files import UserError, check_writable, replacing
from digits.system.output import native_stderr_silenced, print_error
from digits.training import mnist
from digits.training.keras_model import prepare_keras
from digits.training.progress import print_line
from digits.training.touching import strings
from digits.training.touching.strings import COLUMNS, Strings

if TYPE_CHECKING:
    import keras

CHANNELS = (24, 32, 48, 64)  # of the convolutions at 16, 16, 8 and 4 rows ...
CONTEXT, CONTEXTS = 128, 2  # ... and of those along the columns, and how many of these there are
REACH = 5  # columns that one of these sees
DROPOUT = 0.1
BATCH = 64
RATE, WARM_UP, WEIGHT_DECAY, CLIP_NORM = 2e-3, 0.1, 0.01, 5.0  # the largest rate, and the share of steps up to it
MIDDLES = 0.3  # how much it counts that a digit is seen in its middle
LEARNED_PER_JUDGE = 30  # strings, for each of validation digits
LOWERED = np.linspace(0, 2, 21)  # by how much the logits of BLANK may be


def main(argv: list[str] | None = None) -> int:
    """Read the command line, train, judge and save; return the exit code."""
    parser = argparse.ArgumentParser(prog="network", description="Train the network that reads touching digits.")
    parser.add_argument("output", type=Path, metavar="FILE.tflite", help="the file to write")
    parser.add_argument("--data", type=Path, help="mnist.npz (default: as the trainer's)")
    parser.add_argument("--strings", type=int, default=120_000, help="that are learned from (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=6, help="(default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="(default: %(default)s)")
    arguments = parser.parse_args(argv)
    try:
        check_writable(arguments.output, "network")
        learned, judging = mnist.split(mnist.load(arguments.data))
        prepare_keras(arguments.seed)
        rng = np.random.default_rng(arguments.seed)
        print_line(f"Drawing {arguments.strings:,} strings.")
        model = train(strings.make(arguments.strings, *learned, rng), arguments.epochs)
        judges = strings.make(1 + arguments.strings // LEARNED_PER_JUDGE, *judging, rng)
        calibrate(model, judges)
        content = convert(model)
        with replacing(arguments.output) as draft:
            draft.write_bytes(content)
    except UserError as error:
        print_error("network", str(error))
        return 2
    right = share_right(outputs(content, judges), numbers(judges))
    print_line(
        f"Saved {arguments.output}; it reads {right:.1%} of {len(judges.digits):,} strings of validation digits."
    )
    return 0


def build_model() -> "keras.Sequential":
    """Return the untrained network: uint8 (n, ROWS, COLUMNS, 1) -> logits (n, 1, COLUMNS / STRIDE, 11)."""
    import keras
    from keras import layers

    def add_convolution(channels: int, size: tuple[int, int], stride: int = 1, padding: str = "same") -> None:
        model.add(layers.Conv2D(channels, size, stride, padding, use_bias=False, kernel_initializer="he_normal"))
        model.add(layers.BatchNormalization(momentum=0.98))
        model.add(layers.ReLU())

    model = keras.Sequential([keras.Input((ROWS, COLUMNS, 1), dtype="uint8"), layers.Rescaling(1 / 255)])
    add_convolution(CHANNELS[0], (5, 5), STRIDE)
    for channels in CHANNELS[1:]:
        add_convolution(channels, (3, 3))
        model.add(layers.MaxPooling2D((2, 1)))
    add_convolution(CONTEXT, (2, 1), padding="valid")  # the two rows that are left become one
    for _ in range(CONTEXTS):
        add_convolution(CONTEXT, (1, REACH))
    model.add(layers.Dropout(DROPOUT))
    model.add(layers.Conv2D(11, 1))
    return model


def train(made: Strings, epochs: int) -> "keras.Sequential":
    """Return the network, trained on strings: AdamW, the rate one cycle."""
    import keras

    model = build_model()
    steps = epochs * -(-len(made.pictures) // BATCH)
    warm_up = max(1, round(WARM_UP * steps))
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warm_up), warmup_target=RATE, warmup_steps=warm_up
    )
    optimizer = keras.optimizers.AdamW(
        rate,  # pyright: ignore[reportArgumentType]: it takes a schedule too
        weight_decay=WEIGHT_DECAY,
        clipnorm=CLIP_NORM,
    )
    model.compile(optimizer, loss)
    model.fit(made.pictures[..., None], targets(made), BATCH, epochs, verbose=2)  # pyright: ignore[reportArgumentType]: a line an epoch
    return model


def targets(made: Strings) -> np.ndarray:
    """Return what the loss takes: int32 (n, 2, 4), the places of the digits beside BLANK, and the columns of logits."""
    columns = np.maximum(made.middles, 0) // STRIDE
    return np.stack([made.digits + 1, columns], axis=1).astype(np.int32)


def loss(y_true: Any, logits: Any) -> Any:
    """Return the mean over strings of how unlikely the digits are, in any columns and in those of their middles.

    The first alone would learn what is written, and hardly where.
    """
    import keras

    ops: Any = keras.ops
    logits = logits[:, 0]
    digits, columns = y_true[:, 0], y_true[:, 1]
    is_digit = ops.cast(digits != BLANK, "int32")
    lengths = ops.sum(is_digit, axis=1)
    anywhere = ops.ctc_loss(digits, logits, lengths, ops.full_like(lengths, logits.shape[1]), mask_index=BLANK)
    at_middles = ops.take_along_axis(ops.log_softmax(logits), columns[..., None], axis=1)
    likely = ops.take_along_axis(at_middles, digits[..., None], axis=2)[..., 0]
    return ops.mean(anywhere - MIDDLES * ops.sum(likely * ops.cast(is_digit, likely.dtype), axis=1))


def convert(model: "keras.Sequential") -> bytes:
    """Return the .tflite file, which takes float32 (1, ROWS, w, 1) in [0, 1]; its weights are whole numbers."""
    import keras
    import tensorflow as tf

    picture = keras.Input(batch_shape=(1, ROWS, COLUMNS, 1))
    logits = picture
    for layer in model.layers[1:]:
        logits = layer(logits)
    with redirect_stdout(StringIO()), native_stderr_silenced():  # the converter is talkative
        converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(picture, logits))
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        return converter.convert()


def calibrate(model: "keras.Sequential", judges: Strings) -> None:
    """Change the last layer: most strings are read rightly, and their digits are as likely as it states.

    A digit's probability is spread over the columns near its middle, that of BLANK is not: so BLANK's is lowered.
    """
    logits, wanted = outputs(convert(model), judges), numbers(judges)
    lowered = np.eye(11)[BLANK] * max(LOWERED, key=lambda by: share_right(logits - np.eye(11)[BLANK] * by, wanted))
    found = [peaks(each, COLUMNS) for each in logits - lowered]
    pairs = [
        (peak.probabilities, digit)
        for read, digits in zip(found, wanted, strict=True)
        if len(read) == len(digits)
        for peak, digit in zip(read, digits, strict=True)
    ]
    temperature = fit_temperature(*map(np.array, zip(*pairs, strict=True))) if pairs else 1.0
    kernel, bias = model.layers[-1].get_weights()
    model.layers[-1].set_weights([kernel / temperature, (bias - lowered) / temperature])


def outputs(content: bytes, made: Strings) -> np.ndarray:
    """Return the logits (n, COLUMNS / STRIDE, 11) that a .tflite file gives for each of the strings."""
    interpreter = Interpreter(content)
    return np.array([interpreter(picture[None, ..., None] / np.float32(255))[0, 0] for picture in made.pictures])


def share_right(logits: np.ndarray, wanted: list[list[int]]) -> float:
    """Return the share of strings that logits (n, columns, 11) read rightly, given the digits of each."""
    read = [[int(peak.probabilities.argmax()) for peak in peaks(each, COLUMNS)] for each in logits]
    return float(np.mean([one == other for one, other in zip(read, wanted, strict=True)]))


def numbers(made: Strings) -> list[list[int]]:
    """Return the digits of each string."""
    return [[digit for digit in digits if digit >= 0] for digits in made.digits.tolist()]


if __name__ == "__main__":
    raise SystemExit(main())
