"""Labels: what a drawing is said to be. A digit "0" to "9", or any other short text, such as "+", "A" or a heart."""

import unicodedata

from digits.system.files import UserError

DIGITS = tuple("0123456789")
MOST_CHARACTERS = 12
JOINER = "\N{ZERO WIDTH JOINER}"  # within an emoji of several parts


def checked(text: object) -> str:
    """Return a label without spaces around it and in one form of Unicode; raises UserError where it is none."""
    label = unicodedata.normalize("NFC", str(text).strip())
    if not 1 <= len(label) <= MOST_CHARACTERS:
        raise UserError(f"A label has 1 to {MOST_CHARACTERS} characters, such as 7, + or heart.")
    if not label.replace(JOINER, "").isprintable():
        raise UserError("A label is text that can be seen: letters, digits and signs.")
    return label
