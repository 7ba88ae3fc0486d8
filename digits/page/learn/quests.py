"""The quests: what to try out, how it is noticed that somebody did, and what there is to learn from it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from digits.classroom import styles
from digits.drawing import ink
from digits.recognition.classifier import Answer
from digits.recognition.labels import DIGITS

VERY_SURE = 0.99
SMALL = 6.0  # cells of 28, the longest side of a drawing
AT_THE_BORDER = 0.25  # probability of each of two digits
DOUBTFUL = 0.5  # confidence
WHOLE_PAGE = 5  # digits


class Deed(NamedTuple):
    """What a visitor did: strokes in cells, the answers to them, and what the visitor said that they were.

    strokes: none of what came from a picture. label: None where nothing was said. may_grow: it is on the pad, where the
    next stroke may make a digit of it.
    """

    answers: Sequence[Answer]
    strokes: Sequence[ink.Stroke] = ()
    label: str | None = None
    may_grow: bool = False


class Quest(NamedTuple):
    """A thing to try: its name in the log, what to do, what it shows, in which tab, and what tells that it is done."""

    name: str
    title: str
    task: str
    lesson: str
    tab: str
    is_done: Callable[[Deed], bool]


def is_clear(deed: Deed) -> bool:
    """Tell whether it is very sure of a digit."""
    return any(answer.is_sure and answer.confidence >= VERY_SURE for answer in _drawn(deed))


def is_small(deed: Deed) -> bool:
    """Tell whether it is sure of a digit that was drawn small."""
    return any(answer.is_sure and ink.extent(deed.strokes) <= SMALL for answer in _drawn(deed))


def is_barred_seven(deed: Deed) -> bool:
    """Tell whether it is sure of a 7, of which two strokes cross."""
    return any(answer.is_sure and answer.text == "7" for answer in _drawn(deed)) and styles.is_crossed(deed.strokes)


def is_at_border(deed: Deed) -> bool:
    """Tell whether a 4 and a 9 are both likely."""
    return any(min(answer.probabilities[4], answer.probabilities[9]) >= AT_THE_BORDER for answer in _drawn(deed))


def is_doubted(deed: Deed) -> bool:
    """Tell whether it doubts that a drawing is a digit at all."""
    return not deed.may_grow and any(not answer.is_sure and answer.confidence < DOUBTFUL for answer in _drawn(deed))


def is_fooled(deed: Deed) -> bool:
    """Tell whether it was sure of a digit, and the visitor said that it was another one."""
    return deed.label in DIGITS and any(answer.is_sure and answer.text != deed.label for answer in deed.answers)


def is_taught_one(deed: Deed) -> bool:
    """Tell whether the visitor said that a drawing was a 1."""
    return deed.label == "1" and bool(_drawn(deed))


def is_page(deed: Deed) -> bool:
    """Tell whether a picture with several digits was read."""
    return not deed.strokes and len(deed.answers) >= WHOLE_PAGE


def _drawn(deed: Deed) -> Sequence[Answer]:
    """Return the answer to one drawn digit; none to a number or a picture."""
    return deed.answers if deed.strokes and len(deed.answers) == 1 else ()


QUESTS = (
    Quest(
        "clear",
        "Loud and clear",
        "Draw a digit so clearly that the network is at least 99 % sure of it.",
        "The ten bars always add up to 100 %: what one digit gains, the others lose.",
        "Draw",
        is_clear,
    ),
    Quest(
        "small",
        "As small as you can",
        "Draw a tiny digit in a corner of the pad, and get a sure answer.",
        "Every drawing is scaled to one size and centred before the network sees it. It never learns where you drew.",
        "Draw",
        is_small,
    ),
    Quest(
        "bar",
        "A 7 with a bar",
        "Draw a 7 with a bar through it, as many people write it, and have it read as a 7.",
        "Its examples came from America, where sevens have no bar, so sevens with a bar were drawn for it as well.",
        "Draw",
        is_barred_seven,
    ),
    Quest(
        "border",
        "The border between 4 and 9",
        "Draw a 4 whose top nearly closes, until the network gives at least 25 % to the 4 and to the 9.",
        "There is no sharp line between two digits. Near the border, a tiny change of the ink flips the answer.",
        "Draw",
        is_at_border,
    ),
    Quest(
        "doubt",
        "No digit at all",
        "Draw something that is no digit, such as a star or a face, and have the network doubt it.",
        "It knows only ten answers. To say “I am not sure”, it had to be taught with thousands of scribbles.",
        "Draw",
        is_doubted,
    ),
    Quest(
        "fooled",
        "Fool it",
        "Draw a digit that you can read but the network confidently takes for another. Then tell it what it was.",
        "Being sure is not being right: it goes by what its examples had in common, not by what digits mean.",
        "Draw",
        is_fooled,
    ),
    Quest(
        "taught",
        "Teach it your 1",
        "Draw a 1 as you write it, and tell the network that it was a 1. Then draw it once more.",
        "It keeps your drawing and compares. A drawing much like it gets the same answer: it has learned your hand.",
        "Draw",
        is_taught_one,
    ),
    Quest(
        "page",
        "A whole page",
        f"Have a picture read that shows at least {WHOLE_PAGE} digits: a photo of your own, or a sample sheet.",
        "First the ink is separated from the paper and cut into digits; only then does the network read each of them.",
        "Images",
        is_page,
    ),
)
