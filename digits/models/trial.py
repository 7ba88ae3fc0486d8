"""Child process that tries a converted model that came with a Keras file, before another process runs it.

    python -m digits.models.trial MODEL.tflite

LiteRT checks the form of such a file and not every number in it, so that one from a stranger can end its process or
fill the memory. Here it does so within limits. Exit code 0 for a model that gives ten probabilities, and that the
programs can look into.
"""

import sys
from pathlib import Path

import numpy as np

from digits.drawing import digit_templates, ink
from digits.models.explanations import feature_maps
from digits.recognition.classifier import Classifier, Interpreter
from digits.recognition.features import FeatureReader
from digits.system.child_processes import limit

MAX_MEMORY = 4_000_000_000  # bytes of address space, of which NumPy's threads take a part on a machine of many cores
MAX_SECONDS = 10  # of the processor


def main(argv: list[str]) -> int:
    """Try one file; return the exit code."""
    limit(MAX_MEMORY, MAX_SECONDS)
    try:
        answers = _answers(Path(argv[0]))
    except Exception:  # whatever it is, the model is converted anew
        return 1
    return 0 if answers.shape == (1, 10) and np.isfinite(answers).all() else 1


def _answers(path: Path) -> np.ndarray:
    """Return the probabilities (1, 10) of a digit, after all else that programs do with a model."""
    classifier, picture = Classifier(path), digit_templates.pictures(1)[0][0]
    FeatureReader(classifier)(picture)
    feature_maps(classifier.content, picture)
    return Interpreter(classifier.content)(ink.network_input(picture))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
