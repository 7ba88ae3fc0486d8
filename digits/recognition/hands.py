"""The hands of a collection, of which a program uses one at a time. A guest's remembers nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from digits.recognition.classifier import Classifier

if TYPE_CHECKING:  # imported in the background, once the window is there
    from digits.recognition.hand import Hand

GUEST = ""


class Hands(NamedTuple):
    """The hands in a collection's folder, and whose is used at first; by default this computer's user's own."""

    folder: Path | None = None
    first: str | None = None

    def first_name(self) -> str:
        """Return the name of the hand that is used at first."""
        from digits.recognition import collection

        if self.first == GUEST:
            return GUEST
        return collection.default_hand() if self.first is None else collection.hand_name(self.first)

    def open(self, classifier: Classifier, name: str) -> "Hand | None":
        """Return the hand of that name, None for a guest; raises UserError."""
        from digits.recognition import hand

        return None if name == GUEST else hand.open_hand(classifier, self.folder, name)

    def after(self, name: str) -> str:
        """Return whose turn it is after that of a name: all who have drawings, in order, then a guest's."""
        from digits.recognition import collection

        names = collection.hands(self.folder or collection.default_folder())
        names = [*dict.fromkeys([*names, self.first_name()])]
        names = [*(each for each in names if each != GUEST), GUEST]
        return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
