"""What API and bulk are compared with: a loop of the classifier in one process, with nothing around it."""

import time
from collections.abc import Sequence

from digits.models import loading
from digits.sheets.classification import classify


def bare_loop(files: Sequence[bytes]) -> tuple[float, list[int]]:
    """Return how many image files a loop classifies in a second, and their digits."""
    classifier = loading.load()
    classify(files[0], "first", classifier)
    began = time.monotonic()
    digits = [classify(file, "picture", classifier).digit for file in files]
    return len(files) / (time.monotonic() - began), digits
