"""What the trainer does with a Keras model, seen on stand-ins; real models are trained in `tests.programs`."""

import numpy as np
import pytest

from digits.training import keras_model
from digits.training.keras_model import evaluate, fit, predict


class Trained:
    """Takes batches of four; the loss of each is its number."""

    def __init__(self):
        self.shown = []
        self.is_reset = False

    def reset_metrics(self):
        self.is_reset = True

    def train_on_batch(self, x, y, *, return_dict):
        assert self.is_reset  # or it would give the mean of this batch and those before
        self.is_reset = False
        self.shown.append((x.ravel()[0], y.ravel()[0]))
        assert len(x) == len(y) == 4
        return {"loss": np.float32(len(self.shown))}


IMAGES = np.zeros((14, 28, 28), np.uint8) + np.arange(0, 140, 10, dtype=np.uint8)[:, None, None]


def test_a_fit_shows_whole_batches_alone_and_gives_their_mean_loss():
    model = Trained()
    assert fit(model, IMAGES, np.eye(14), 4) == 2
    np.testing.assert_allclose(model.shown, [(0, 1), (40 / 255, 0), (80 / 255, 0)], rtol=1e-6)


def test_a_fit_tells_of_each_batch_and_can_be_ended_after_any():
    model, told = Trained(), []
    loss = fit(model, IMAGES, np.eye(14), 4, lambda batch, results: told.append((batch, results["loss"])) or batch < 2)
    assert (told, loss) == ([(1, 1.0), (2, 2.0)], 1.5)


class Answers:
    """Gives each image, all of whose pixels are alike, the probability pixel / 255 of its label, the 0."""

    def predict_on_batch(self, x, /):
        assert len(x) <= keras_model.BATCH
        right = x[:, 0, 0]
        return np.concatenate([right, 1 - right], axis=1)


@pytest.mark.parametrize(("right", "loss"), [(255, "0.0000"), (51, "1.6094"), (0, "27.6310")])
def test_the_loss_is_the_cross_entropy_and_never_negative(right, loss):
    images = np.full((1, 28, 28), right, np.uint8)
    found, accuracy = evaluate(Answers(), images, np.array([0]))
    assert (f"{found:.4f}", accuracy) == (loss, float(right > 127))


def test_many_images_are_predicted_in_batches_and_in_their_order():
    images = np.zeros((keras_model.BATCH + 3, 28, 28), np.uint8)
    images[-3:] = 255
    np.testing.assert_array_equal(predict(Answers(), images)[:, 0], images[:, 0, 0] / 255)
