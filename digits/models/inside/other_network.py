"""A network of any structure: the maps that its .tflite file makes on the way, without the arithmetic between them."""

from functools import cached_property

import numpy as np

from digits.drawing import ink
from digits.models import explanations
from digits.models.inside.network import BLANK, Pass
from digits.models.loading import LoadedModel
from digits.recognition.classifier import Answer


class OtherNetwork:
    """What stands in for a `Network` whose layers are of kinds that are not known: it has no stages to compute with."""

    stages = ()

    def __init__(self, classifier: LoadedModel):
        self.classifier = classifier
        self.temperature = classifier.temperature

    def run(self, picture: np.ndarray) -> Pass:
        """Return what every layer makes of a picture, uint8 (28, 28)."""
        layers = self._layers(picture)
        maps = [ink.network_input(picture), *(layer.activations[None] for layer in layers)]
        return Pass(maps, layers[-1].activations.ravel().astype(np.float64))

    def classify(self, picture: np.ndarray) -> Answer:
        """Return the answer to one picture, uint8 (28, 28)."""
        return self.classifier.classify(picture)

    @cached_property
    def names(self) -> list[str]:
        """Names of the layers, such as "convolution 1", the probabilities last."""
        return [layer.name.split(",")[0] for layer in self._layers(BLANK)]

    @cached_property
    def shapes(self) -> list[tuple[int, ...]]:
        """Height, width and number of maps of every layer, the picture first."""
        return [each.shape[1:] for each in self.run(BLANK).maps]

    def _layers(self, picture: np.ndarray) -> list[explanations.Layer]:
        return explanations.feature_maps(self.classifier.content, picture, self.temperature)
