"""What the trainer does with a Keras model, seen on stand-ins; real models are trained in `tests.programs`."""

import numpy as np
import pytest

from digits.training import keras_model
from digits.training.keras_model import evaluate, fit, predict


def test_a_fit_shows_whole_batches_alone_and_gives_their_loss():
    shown = []

    class Model:
        def reset_metrics(self):
            shown.clear()

        def train_on_batch(self, x, y, *, return_dict):
            shown.append((x.ravel()[0], y.ravel()[0]))
            assert len(x) == len(y) == 4
            return {"loss": np.float32(len(shown))}

    images = np.zeros((10, 28, 28), np.uint8) + np.arange(0, 100, 10, dtype=np.uint8)[:, None, None]
    assert fit(Model(), images, np.eye(10), 4) == 2
    np.testing.assert_allclose(shown, [(0, 1), (40 / 255, 0)], rtol=1e-6)


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
