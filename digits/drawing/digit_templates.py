"""Templates of digits, as strokes: the ways of writing that schools and habits teach, in many countries.

MNIST was written by Americans in the 1990s; a zero with a slash, a one with a foot or a four in one stroke is rare
there. A template is a few strokes through points in a unit square, x to the right and y down, that differ a little
from drawing to drawing. Each drawing is then bent, slanted and stretched as a whole, and the pen trembles.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np

from digits.drawing import digit_shapes, fours_and_nines, ink, ones_and_sevens
from digits.drawing.template_shapes import Template, block, through

SLANT = (0.12, 0.16)  # horizontal shift per unit of height, to the right at the top: mean and standard deviation
ASPECT = 0.2  # natural logarithm of the change of width: standard deviation
BEND = 0.025  # of the height, standard deviation of each of ...
WAVES = 3  # ... the waves that bend a drawing as a whole
WAVELENGTHS = (0.8, 3.0)  # heights
TREMBLING = (0.2, 0.01)  # share of the drawings in which the pen trembles; by so much of the height
COARSE = (0.06, 9, 25)  # share of the drawings by a coarse pointer, which has so many places in the height
STEP = 0.04  # of the height, between the points that are moved


def strokes(templates: Sequence[tuple[float, Template]], rng: np.random.Generator) -> list[ink.Stroke]:
    """Return a drawing of one of the templates, each taken as often as its weight says."""
    weights, choices = zip(*templates, strict=True)
    drawn = choices[rng.choice(len(choices), p=np.array(weights) / sum(weights))](rng)
    return vary(drawn, rng)


@cache
def pictures(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return digits that models are judged by, the same each time: uint8 (n, 28, 28); labels (n,), all ten in turn."""
    rng = np.random.default_rng(0)
    labels = np.arange(count) % 10
    drawn = np.array([ink.normalize(strokes(TEMPLATES[label], rng)) for label in labels.tolist()])
    for array in (drawn, labels):
        array.flags.writeable = False  # whoever asks next gets the same
    return drawn, labels


def vary(drawn: list[ink.Stroke], rng: np.random.Generator) -> list[ink.Stroke]:
    """Return a drawing, about 1 high, as another hand would make it: bent, slanted, stretched, its lines unsteady."""
    dense = [_dense(stroke) for stroke in drawn]
    bent = [stroke + shift for stroke, shift in zip(dense, _bends(dense, rng), strict=True)]
    slanted = np.array([[1, 0], [-rng.normal(*SLANT), 1]])
    stretch = [np.exp(np.clip(rng.normal(0, ASPECT), -2 * ASPECT, 2 * ASPECT)), 1]
    made = [stroke @ slanted * stretch for stroke in bent]
    is_trembling, is_coarse = rng.random(2) < (TREMBLING[0], COARSE[0])
    if is_trembling:
        made = [stroke + rng.normal(0, TREMBLING[1], stroke.shape) for stroke in made]
    places = rng.uniform(*COARSE[1:])
    return [np.round(stroke * places) / places for stroke in made] if is_coarse else made


def _dense(stroke: ink.Stroke) -> ink.Stroke:
    """Return the stroke with points at most STEP apart beside its own."""
    along = np.append(0, np.cumsum(np.hypot(*np.diff(stroke, axis=0).T)))
    places = np.union1d(along, np.arange(0, along[-1], STEP))
    return np.stack([np.interp(places, along, axis) for axis in stroke.T], axis=1)


def _bends(drawn: list[ink.Stroke], rng: np.random.Generator) -> list[np.ndarray]:
    """Return how far the points of the strokes move when long waves bend the paper: (n, 2) for each."""
    directions = rng.uniform(0, 2 * np.pi, WAVES)
    waves = 2 * np.pi / rng.uniform(*WAVELENGTHS, WAVES) * np.stack([np.cos(directions), np.sin(directions)])
    phases, heights = rng.uniform(0, 2 * np.pi, WAVES), rng.normal(0, BEND, (WAVES, 2))
    return [np.sin(stroke @ waves + phases) @ heights for stroke in drawn]


TEMPLATES: dict[int, list[tuple[float, Template]]] = {  # of each digit: weight and template
    0: [
        (5, digit_shapes.oval_zero),
        (4, digit_shapes.slashed_zero),
        (1, digit_shapes.tailed_zero),
        (1, digit_shapes.horned_zero),
        (1, block("0,0 100,0 100,100 0,100 0,0")),
        (0.5, block("50,0 100,0 100,100 0,100 0,0 60,0")),
    ],
    1: [
        (1, through("50,0 50,100")),
        (1, through("10,30 30,16 52,0! 46,100")),
        (2, through("20,32 50,0! 50,100", "22,100 78,100")),
        (1, through("12,24 52,0! 44,100", "14,100 90,100")),
        (1, through("24,10 48,2! 50,98! 20,100")),
        (1, through("35,12 50,0! 50,100! 30,100! 72,98")),
        (1, through("10,62 30,35 50,0! 50,100")),
        (10, ones_and_sevens.flagged_one),
        (2, ones_and_sevens.swung_one),
        (4, ones_and_sevens.ticked_one),
        (4, ones_and_sevens.one_on_a_base),
        (1, through("52,0 46,60 52,92 66,96")),
    ],
    2: [
        (3, through("12,26 35,2 74,10 72,38 40,72 8,100! 92,99")),
        (3, through("12,26 35,2 74,10 70,40 35,82 12,96 16,80 36,84 60,98 94,92")),
        (1, through("10,12 50,0 86,6! 60,45 10,100! 90,100")),
        (1, through("25,40 18,15 45,0 72,14 62,46 26,86 8,92 14,78 34,86 62,100 96,84")),
        (1, through("14,6 60,2 78,20 52,58 16,96! 60,90 88,98")),
        (1, block("0,0 100,0 100,50 0,50 0,100 100,100")),
        (0.5, block("0,20 0,0 100,0 100,50 0,50 0,100 100,100")),
        (0.5, block("0,0 100,0 100,45 0,100 100,100")),
    ],
    3: [
        (3, through("12,12 45,0 74,18 42,46! 80,66 52,100 8,90")),
        (2, through("12,2 80,2! 42,42! 82,66 52,100 8,90")),
        (1, through("14,14 50,0 76,20 48,48 36,46 46,42 82,66 50,100 10,86")),
        (1, through("8,6 72,4 40,44! 76,56 74,90 40,100 4,92")),
        (1, through("8,8 45,0 66,14 44,40! 68,58 60,88 20,100")),
        (1, through("10,4 60,2 64,20 38,38! 62,54 50,84 24,96 2,92")),
        (3, digit_shapes.looped_three),
        (1, block("0,0 100,0 100,100 0,100", "20,50 100,50")),
        (1, block("0,0 100,0 100,50 20,50 100,50 100,100 0,100")),
    ],
    4: [
        (3, through("35,0 12,60! 92,58", "64,25 60,100")),
        (2, through("18,0 12,50 28,60 88,52", "74,0 68,100")),
        (2, through("60,0 8,66! 95,64", "62,2 60,100")),
        (1, through("66,100 68,4! 8,64! 94,62")),
        (1, through("14,4 12,46 40,54 72,42! 76,2! 68,100")),
        (1, through("58,4 30,34 8,66! 60,60 92,58! 70,24! 58,100")),
        (1, through("84,58 10,62 46,14 66,0! 62,100")),
        (2, through("56,0 16,58! 88,62 86,46 62,44 54,100")),
        (1, through("40,0 18,56! 84,50 60,36 46,100")),
        (2, through("16,4 20,36 46,42 70,36!", "74,0 62,100")),
        (4, fours_and_nines.one_stroke_four),
        (5, fours_and_nines.joined_four),
        (5, fours_and_nines.two_stroke_four),
        (2, fours_and_nines.closed_four),
        (2, fours_and_nines.looped_four),
        (1, block("0,0 0,55 100,55", "90,0 90,100")),
        (0.5, block("0,0 0,55 85,55", "85,0 85,100")),
    ],
    5: [
        (3, through("22,4 18,44! 52,36 82,62 60,96 10,94", "22,4 84,2")),
        (2, through("84,2 24,4! 18,46! 54,36 82,64 56,98 10,92")),
        (1, through("80,8 40,4 22,28 62,46 76,74 46,98 8,90")),
        (1, through("78,0 30,2! 26,44! 76,50 74,92 14,98")),
        (1, through("20,10 18,44! 52,38 80,64 56,98 10,94", "34,4 96,-4")),
        (1, through("84,4 36,6 26,32 68,52 66,90 30,100 8,86")),
        (1, through("80,2 46,4! 28,38! 66,46 70,84 38,100 8,92")),
        (1, through("24,0 20,42 50,36 78,60 56,96 12,92", "24,2 88,6")),
        (3, digit_shapes.barred_five),
        (1, block("100,0 0,0 0,50 100,50 100,100 0,100")),
        (0.5, block("0,0 0,50 100,50 100,100 0,100", "0,0 100,0")),
    ],
    6: [
        (3, through("66,2 28,30 14,72 44,100 76,78 56,54 18,70")),
        (2, through("40,0 16,50 22,92 58,98 70,72 46,58 20,76")),
        (1, through("78,6 50,2 20,40 14,78 44,100 78,80 62,56 22,66")),
        (1, through("56,0 18,60 26,96 60,94 60,70 38,66 22,84")),
        (1, through("46,0 22,34 14,72 44,100 78,74 62,42 26,56")),
        (1, through("52,0 24,30 18,74 46,100 74,72 52,36 30,50")),
        (1, through("34,0 12,60 30,98 60,90 78,44 58,54 38,78")),
        (1, block("100,0 0,0 0,100 100,100 100,50 0,50")),
        (0.5, block("0,0 0,100 100,100 100,50 0,50")),
    ],
    7: [
        (2, through("10,4 86,2! 40,100")),
        (2, through("10,4 86,2! 40,100", "32,50 80,48")),
        (1, through("12,20 12,4! 84,2! 58,46 48,100")),
        (1, through("12,20 14,4! 84,2! 56,46 44,100", "30,52 82,48")),
        (1, through("6,12 26,2 52,10 84,2! 46,100")),
        (2, through("8,10 30,2 84,4! 40,100! 62,80")),
        (2, through("10,8 40,2 76,8! 38,100! 74,58")),
        (2, through("8,26 34,6 78,6 62,50 44,100", "26,52 84,50")),
        (1, through("6,20 30,4 70,10 58,54 30,100", "22,54 94,66")),
        (1, through("8,20 30,4 76,8 70,40 46,72 40,100")),
        (1, through("14,6 84,6! 36,100! 18,96")),
        (2, through("26,8 72,2! 46,100")),
        (3, ones_and_sevens.crossed_seven),
        (7, ones_and_sevens.arched_seven),
        (3, ones_and_sevens.sloped_seven),
        (4, ones_and_sevens.curled_seven),
        (1.5, ones_and_sevens.ticked_seven),
        (1, block("0,0 100,0 100,100")),
        (0.5, block("0,25 0,0 100,0 100,100")),
    ],
    8: [
        (3, through("74,14 44,0 22,24 54,46 80,74 48,100 16,78 44,50 74,26 72,10")),
        (1, through("50,48 22,26 46,0 74,22 50,48 22,76 48,100 78,76 52,48")),
        (1, through("50,0 24,22 50,46 74,22 50,0", "50,46 18,74 50,100 80,74 50,46")),
        (2, through("84,6 48,2 24,24 56,48 78,76 46,100 18,78 50,46 88,4")),
        (1, through("26,4 50,44 76,80 48,100 20,80 50,46 76,6")),
        (3, through("20,2 28,30 66,48 78,80 46,100 16,80 46,48 80,6")),
        (1, through("28,0 24,26 44,42 70,26 66,2! 70,26 44,44 20,76 50,100 78,78 52,46")),
        (1, through("78,4 34,8 30,34 70,52 78,82 46,100 18,80 40,54 66,40")),
        (1, through("70,22 46,0 22,24 54,46 80,74 48,100 16,78 44,50 62,34")),
        (4, digit_shapes.eight_from_anywhere),
        (1, block("0,50 0,0 100,0 100,100 0,100 0,50 100,50", roundest=0.2)),
        (0.5, block("0,0 100,0 100,100 0,100 0,0", "0,50 100,50", roundest=0.1)),
    ],
    9: [
        (4, fours_and_nines.loop_and_stem_nine),
        (2, through("72,14 40,0 16,26 44,48 72,16! 70,60 60,100")),
        (2, through("74,16 44,0 18,26 46,46 74,12! 74,66 50,98 14,88")),
        (1, through("66,8 22,18 30,42 68,12! 50,60 40,100")),
        (1, through("74,6 26,4 22,42 72,38", "76,2 72,100")),
        (1.5, through("76,24 64,2 34,16 8,44! 40,42 74,14! 60,60 50,100")),
        (1.5, through("68,4 34,20 10,42 30,46 64,24 72,2! 60,60 48,100")),
        (5, fours_and_nines.nine_from_the_left),
        (4, fours_and_nines.s_stem_nine),
        (1.5, fours_and_nines.looped_nine),
        (1, block("100,50 0,50 0,0 100,0 100,100 0,100")),
        (0.5, block("100,50 0,50 0,0 100,0 100,100")),
    ],
}
