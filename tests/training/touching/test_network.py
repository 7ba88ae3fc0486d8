"""The network of touching digits: its loss, and a training that leaves a file which reads ink of any width."""

import numpy as np

from digits.recognition.classifier import Interpreter
from digits.sheets.digit_strings import BLANK, ROWS
from digits.training import mnist
from digits.training.keras_model import prepare_keras
from digits.training.touching import network


def loss(places: list[int], columns: list[int]) -> float:
    """Return the loss of a string 3, 7 where the logits are sure of those digits, and 1, in those columns."""
    logits = np.zeros((1, 1, 12, 11), np.float32)
    logits[..., BLANK] = 5
    logits[0, 0, columns] = 9 * np.eye(11)[places]
    wanted = np.array([[[4, 8, 0, 0], [3, 8, 0, 0]]], np.int32)
    return float(network.loss(wanted, logits))


def test_the_loss_wants_the_right_digits_in_their_order_and_in_their_middles():
    prepare_keras(1)
    right = loss([4, 8], [3, 8])
    assert right < loss([4, 8], [2, 9]) < loss([8, 4], [3, 8])
    assert right < loss([4, 9], [3, 8])
    assert right < loss([4], [3])


def test_a_training_leaves_a_file_that_takes_ink_of_any_width(tmp_path, capsys):
    path = tmp_path / "network.tflite"
    options = ["--data", mnist.SAMPLE_NAME, "--strings", "64", "--epochs", "1"]
    assert network.main([str(path), *options]) == 0
    assert f"Saved {path}" in capsys.readouterr().out
    read = Interpreter(path.read_bytes())
    for width in (16, 160):
        assert read.outputs(np.zeros((1, ROWS, width, 1), np.float32))[0].shape == (1, 1, width // 2, 11)


def test_the_share_of_strings_that_are_right():
    logits = np.zeros((2, 5, 11))
    logits[0, 2, 4] = logits[1, 3, 5] = 1
    logits[..., BLANK] = 0.5
    assert network.share_right(logits, [[3], [3]]) == 0.5
