"""The window's errands: what takes longer than a frame, in threads of their own that tell the window how it went."""

import gc
from collections.abc import Callable
from pathlib import Path

from digits.recognition.classifier import Recognizer
from digits.system.files import UserError
from digits.window.display import COUNTED, IMAGE_READ, MODEL_FAILED, MODEL_LOADED, MODEL_LOADING, NOTE, post

Loader = Callable[[Callable[[], None]], Recognizer]


def load_model(load: Loader, count: Callable[[], int | None]) -> None:
    """Load the classifier and tell the window, then how many drawings the user's collection has.

    load: called with what to call before a lengthy conversion; it may raise UserError.
    """
    try:
        post(MODEL_LOADED, classifier=load(lambda: post(MODEL_LOADING)))
    except UserError as error:
        post(MODEL_FAILED, sentence=str(error))
    except Exception as error:  # a thread that ends in silence would leave the user waiting
        post(MODEL_FAILED, sentence=f"The model cannot be used here ({error}); install requirements.txt again.")
    gc.freeze()  # what is loaded by now stays; to look through all of it would hold up the ink for 10 ms
    post(COUNTED, count=count())  # after the model: that is not waited for


def read_image(path: str) -> None:
    """Read an image file and tell the window."""
    from digits.images import single_digit  # late: Pillow and SciPy are no use to those who draw

    try:
        post(IMAGE_READ, picture=single_digit.read_picture(Path(path)), name=Path(path).name)
    except UserError as error:
        post(NOTE, text=str(error), is_error=True)
    except Exception as error:  # silence would leave the user waiting
        sentence = f"{Path(path).name} cannot be read here ({error}); install requirements.txt again."
        post(NOTE, text=sentence, is_error=True)


def copy_drawing(strokes: list, widths: list, columns: int) -> None:
    """Copy a drawing as a picture and tell the window."""
    from digits.drawing import export

    nowhere = "This computer has no clipboard for pictures; install xclip or wl-clipboard, or save with S."
    post(NOTE, text="Copied." if export.copy(strokes, widths=widths, columns=columns) else nowhere, is_error=False)
