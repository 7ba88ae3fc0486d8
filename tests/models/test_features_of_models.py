"""Features of other people's models: of whatever layers they are."""

from pathlib import Path

import numpy as np

from benchmarks.support import template_digits
from digits.recognition.classifier import Classifier
from digits.recognition.features import NUM_STRANGERS, FeatureReader


def test_other_models_are_read_too(keras_models):
    """Those without a dense layer by their pictures alone."""
    pictures = template_digits.pictures(10, seed=1)[0]
    converted = {Path(name).stem: each["tflite"] for name, each in keras_models.items() if each.get("code") == 0}
    assert converted
    for name, tflite in converted.items():
        reader = FeatureReader(Classifier(tflite))
        vectors = np.array([reader(picture).vector for picture in pictures])
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=0.02, err_msg=name)
        assert reader.strangers.shape == (NUM_STRANGERS, vectors.shape[1]), name
