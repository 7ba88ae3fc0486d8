"""Background tasks of the window: what takes longer than a frame, in threads that report by events."""

import gc
from collections.abc import Callable
from pathlib import Path

from digits.recognition.classifier import Classifier, Recognizer
from digits.recognition.hands import Hands
from digits.system.files import UserError
from digits.window.display import HAND_OPENED, IMAGE_READ, MODEL_FAILED, MODEL_LOADED, MODEL_LOADING, NOTE, post

LONGEST_TEXT = 24  # characters of what is written on a picture that are repeated in a note
Loader = Callable[[Callable[[], None]], Recognizer]


def load_model(load: Loader, hands: Hands | None = None) -> None:
    """Load the classifier and tell the window, then open the hand that is used at first.

    load: called with what to call before a lengthy conversion; it may raise UserError.
    """
    classifier = None
    try:
        classifier = load(lambda: post(MODEL_LOADING))
        post(MODEL_LOADED, classifier=classifier)
        card = getattr(classifier, "card", None)
        if card and card.warning:
            post(NOTE, text=card.warning, is_error=True)
    except UserError as error:
        post(MODEL_FAILED, sentence=str(error))
    except Exception as error:  # a thread that ends in silence would leave the user waiting
        post(MODEL_FAILED, sentence=f"The model cannot be used here ({error}); install requirements.txt again.")
    if hands is not None and isinstance(classifier, Classifier):
        open_hand(classifier, hands)  # after the model: that is not waited for
    gc.freeze()  # what is loaded by now stays; to look through all of it would hold up the ink for 10 ms


def open_hand(classifier: Classifier, hands: Hands, after: str | None = None) -> None:
    """Open the hand that is used at first, or the next one `after` that of a name, and tell the window."""
    owner = ""
    try:
        owner = hands.first_name() if after is None else hands.after(after)
        hand = hands.open(classifier, owner)
    except UserError as error:
        post(HAND_OPENED, hand=None, owner=owner, problem=str(error))
    except Exception as error:  # silence would leave the user waiting
        post(HAND_OPENED, hand=None, owner=owner, problem=f"What was taught cannot be used here ({error}).")
    else:
        post(HAND_OPENED, hand=hand, owner=owner, problem="")


def read_image(path: str, classifier: Recognizer | None = None) -> None:
    """Read an image file and tell the window: one digit is shown, several are named in a sentence.

    classifier: the model in use; before it is loaded, the shipped model tells what belongs to one digit.
    """
    from digits.models import loading
    from digits.sheets import reading  # late: Pillow and SciPy are no use to those who draw

    name = Path(path).name
    try:
        digits = (sheet := reading.read(Path(path), path, classifier or loading.load())).digits
        if len(digits) == 1:
            post(IMAGE_READ, picture=digits[0].picture, name=name)
        else:
            written = " / ".join(sheet.text.splitlines())
            shows = f"{len(digits)} digits" + (f": {written}" if len(written) <= LONGEST_TEXT else "")
            post(NOTE, text=f"{name} shows {shows}. Open it on the page to see them boxed.", is_error=False)
    except UserError as error:
        post(NOTE, text=str(error), is_error=True)
    except Exception as error:  # silence would leave the user waiting
        sentence = f"{name} cannot be read here ({error}); install requirements.txt again."
        post(NOTE, text=sentence, is_error=True)


def copy_drawing(strokes: list, widths: list, columns: int) -> None:
    """Copy a drawing as a picture and tell the window."""
    from digits.drawing import export

    nowhere = "This computer has no clipboard for pictures; install xclip or wl-clipboard, or save with S."
    post(NOTE, text="Copied." if export.copy(strokes, widths=widths, columns=columns) else nowhere, is_error=False)
