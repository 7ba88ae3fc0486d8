"""Classification: the answer to an image file that shows one digit.

Most programs that send or store single digits have them in MNIST's own layout, 28x28 pixels. Such a picture is what the
network reads and goes to it as it is: a fortieth of the time that the way through `digits.sheets.reading` takes.
"""

from pathlib import Path

import numpy as np

from digits.drawing import ink
from digits.images.decoding import decode
from digits.images.mnist_layout import is_laid_out
from digits.images.pdf_pages import is_pdf
from digits.recognition.classifier import Answer, Recognizer
from digits.sheets.reading import read
from digits.system.files import UserError

GREY = ("1", "L")  # Pillow's modes


def classify(source: Path | bytes, name: str, classifier: Recognizer) -> Answer:
    """Return the answer to the one digit in an image file, given by its path or its content.

    Raises UserError, which calls the file by `name`, also where it shows several digits.
    """
    picture = network_picture(source, name)
    if picture is not None:
        return classifier.classify(picture)
    sheet = read(source, name, classifier)
    if len(sheet.digits) > 1:
        raise UserError(f"The image {name} shows {len(sheet.digits)} digits; have it read as a number or a sheet.")
    return sheet.digits[0].answer


def network_picture(source: Path | bytes, name: str) -> np.ndarray | None:
    """Return the picture uint8 (28, 28) in an image file in MNIST's layout; None for any other image.

    Raises UserError for a file that cannot be decoded.
    """
    if is_pdf(source):
        return None
    image = decode(source, name).picture
    if image.size != (ink.SIZE, ink.SIZE) or image.mode not in GREY:
        return None
    picture = np.asarray(image.convert("L"))
    return picture if is_laid_out(picture) else None
