"""A training on somebody's own drawings: of a saved model, further, and kept only where it reads those better."""

from collections.abc import Callable
from typing import Any

from digits.system.interruption import ctrl_c_ignored
from digits.training import mnist, own_digits
from digits.training.command_line import Options
from digits.training.keras_model import Start, prepare_keras
from digits.training.progress import Epoch, Progress, print_line
from digits.training.results.saving import finish_own


def run(options: Options, progress: Progress, build: Callable[..., Any], compile_model: Callable[..., None]) -> str:
    """Train, and save the model if it reads the drawings held back better; return "finished" or "failed".

    build, compile_model: of `handwriting.py`.
    """
    configuration = options.configuration
    own = own_digits.load(options.hand_folder(), configuration.seed)
    digits = mnist.load_or_sample(options.data)
    images, labels = mnist.split(digits)[0]
    progress.phase("waking")
    prepare_keras(configuration.seed)
    model = build(network=configuration.network)
    start = Start(model, options.start, options.start_share)
    compile_model(model, configuration, min(own_digits.MNIST_DIGITS, len(labels)), own_digits.OWN_DIGITS)
    progress.start(configuration)
    before = own_digits.judge(model, own, digits.test_images, digits.test_labels)
    print_line(f"{len(own.drawings)} drawings to learn from, {len(own.held_labels)} held back.\nBefore: {before}.")
    epochs: list[Epoch] = []
    for number in range(configuration.epochs):
        epochs.append(own_digits.train_epoch(model, own, images, labels, configuration, number))
        progress.epoch(epochs)
    model.set_weights(start.mixed(model.get_weights()))
    after = own_digits.judge(model, own, digits.test_images, digits.test_labels)
    print_line(f"After: {after}.")
    result = own_digits.report(own, before, after)
    progress.own_digits(**result)
    if not after.is_better_than(before):
        print_line("That is no better; nothing was saved, and the old model stays as it is.")
        progress.end("finished", [], after.large_accuracy)
        return "finished"
    with ctrl_c_ignored():
        network = build(for_training=False, network=configuration.network)
        network.set_weights(model.get_weights())
        origin = start.origin | {"own_digits": result}
        return finish_own(network, digits, options, epochs, after.large_accuracy, progress, origin)
