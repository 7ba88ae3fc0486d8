"""Templates of digits: the ways of writing that schools and habits teach, those of many countries among them.

A way of writing that varies in more than its points is a function; the others are lists of points. What tells two
digits apart is kept apart: a one's flag is steep or short, a seven's bar is flat and long.
"""

import numpy as np

from digits.drawing import ink
from digits.training.template_shapes import Template, block, smooth, through


def _beside(point: np.ndarray, right: float, down: float) -> np.ndarray:
    return point + np.array([right, down])


def _oval(rng: np.random.Generator) -> list[ink.Stroke]:
    """A zero: narrow, round or flat, begun somewhere above, closed, overlapping, spiralling or left open, with ends."""
    sweep = np.deg2rad(rng.choice([rng.uniform(300, 350), rng.uniform(350, 380), rng.uniform(380, 450)]))
    angle = np.deg2rad(rng.normal(-75, 60)) + rng.choice([-1, -1, -1, 1]) * np.linspace(0, sweep, 40)
    radius = np.linspace(1 + rng.normal(0, 0.2), 1 + rng.normal(0, 0.2), 40)
    width = rng.choice([rng.uniform(0.25, 0.6), rng.uniform(0.25, 0.6), rng.uniform(0.6, 1.0)])
    ring = 0.5 + radius[:, None] * np.stack([width * np.cos(angle), 0.5 * np.sin(angle)], axis=1)
    lead, trail = (end + rng.uniform(-0.25, 0.25, (1, 2)) for end in (ring[:1], ring[-1:]))
    has_lead, has_trail = rng.random(2) < 0.25
    return [np.concatenate([*([lead] if has_lead else []), ring, *([trail] if has_trail else [])])]


def _slashed(rng: np.random.Generator) -> list[ink.Stroke]:
    """A zero with a line through it, at any slope but mostly rising, short or long."""
    (ring,) = _oval(rng)
    angle = np.deg2rad(rng.choice([rng.uniform(30, 75), rng.uniform(30, 75), rng.uniform(-60, 120)]))
    low, high = ring.min(axis=0), ring.max(axis=0)
    along = np.array([np.cos(angle), -np.sin(angle)])
    radius = 1 / np.hypot(*(2 * along / (high - low)))  # of the zero, as an ellipse
    middle = (low + high) / 2 + rng.normal(0, 0.05, 2)
    reach = radius * rng.uniform(0.7, 1.9, 2)
    return [ring, np.array([middle - reach[0] * along, middle + reach[1] * along])]


def _stem(rng: np.random.Generator) -> np.ndarray:
    """The stem of a one, straight or bent, from the top at the origin to the foot, one unit below: (3, 2)."""
    bend, foot = rng.normal(0, 0.03), rng.normal(0, 0.05)
    return np.array([(0, 0), (foot / 2 + bend, 0.5), (foot, 1)])


def _flag(rng: np.random.Generator) -> np.ndarray:
    """The up-stroke to a one's top at the origin: long where it is steep, short where it lies flat: (n, 2)."""
    angle = rng.choice([rng.uniform(15, 65), rng.uniform(15, 65), rng.uniform(15, 90)])  # degrees from the vertical
    length = rng.uniform(0.12, np.interp(angle, [40, 60, 90], [1.05, 0.5, 0.2]))
    start = length * np.array([-np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))])
    bend = start / 2 + rng.normal(0, 0.1 * length, 2)
    dip = [start + rng.uniform((-0.02, 0.04), (0.06, 0.14))] if rng.random() < 0.3 else []
    return smooth(np.array([*dip, start, bend, (0, 0)]))


def _flagged(rng: np.random.Generator) -> list[ink.Stroke]:
    """A one with a flag."""
    return [np.concatenate([_flag(rng), smooth(_stem(rng))])]


def _based(rng: np.random.Generator) -> list[ink.Stroke]:
    """A one on a base line, which is a stroke of its own, joined to the stem by a corner or a loop, or a mere hook."""
    flag, stem = _flag(rng), smooth(_stem(rng))
    foot = stem[-1]
    left, right = (_beside(foot, side * rng.uniform(0.12, 0.5), rng.normal(0, 0.04)) for side in (-1, 1))
    upper = [flag, stem] if rng.random() < 0.75 else [stem]
    joint = rng.integers(4)
    if joint == 0:
        return [np.concatenate(upper), np.array([left, right])]
    if joint == 1:
        return [np.concatenate([*upper, [left, right]])]
    if joint == 2:
        height = rng.uniform(0.05, 0.18)
        return [np.concatenate([*upper, smooth(np.array([foot, left, (left + foot) / 2 - [0, height], right]))])]
    hook = [_beside(foot, rng.choice([-1, 1]) * rng.uniform(0.1, 0.35), -rng.uniform(-0.05, 0.15))]
    return [np.concatenate([*upper, hook])]


def _ticked(rng: np.random.Generator) -> list[ink.Stroke]:
    """A one that ends in a short stroke back up, mostly to the left, with or without a flag."""
    stem = _stem(rng)
    angle = np.deg2rad(rng.uniform(5, 40))  # from the vertical
    length = rng.uniform(0.12, 0.45)
    tick = stem[-1] + length * np.array([rng.choice([-1, -1, -1, 1]) * np.sin(angle), -np.cos(angle)])
    flag = [np.array([(-rng.uniform(0.05, 0.3), rng.uniform(0.05, 0.3))])] if rng.random() < 0.25 else []
    return [np.concatenate([*flag, smooth(stem), [tick]])]


def _nine_stem(top: np.ndarray, rng: np.random.Generator) -> ink.Stroke:
    """The stem of a nine, from its loop down to y = 1: straight, curved or S-shaped, with a hook, a foot or none."""
    foot = np.array([top[0] + rng.uniform(-0.35, 0.08), 1.0])
    swing = rng.choice([0.0, rng.uniform(-0.06, 0.14)])
    first, second = top + (foot - top) * [[0.35], [0.7]] + [[swing, 0], [-swing * rng.choice([-0.5, 1]), 0]]
    end = rng.integers(5)
    if end == 0:
        tail = [_beside(foot, -0.15, 0.03), _beside(foot, -0.35, -0.08)]
    elif end == 1:
        tail = [_beside(foot, -rng.uniform(0.15, 0.45), rng.normal(0, 0.04))]
    elif end == 2:  # to the right, and short, or the nine would be a two
        tail = [_beside(foot, rng.uniform(0.05, 0.18), -rng.uniform(0, 0.08))]
    else:
        tail = []
    return smooth(np.array([top, first, second, foot, *tail]))


def _loop_and_stem(rng: np.random.Generator) -> list[ink.Stroke]:
    """A nine whose loop, of any size, open or closed, begins at the right and turns to the left."""
    size, openness = rng.uniform(0.14, 0.34), rng.uniform(-0.4, 0.5)
    angle = np.linspace(-openness, -2 * np.pi, 20)
    x = 0.6 - size + size * np.cos(angle)
    y = size + size * rng.uniform(0.15, 1.1) * np.sin(angle) - rng.uniform(-0.3, 0.6) * (x - 0.6)
    loop = np.stack([x, y], axis=1)
    return [np.concatenate([loop, _nine_stem(loop[-1], rng)])]


def _nine_from_the_left(rng: np.random.Generator) -> list[ink.Stroke]:
    """A nine that begins at or below the left of its loop and turns to the right, open below or nearly closed."""
    size = np.array([rng.uniform(0.16, 0.38), rng.uniform(0.16, 0.3)])
    begin = np.deg2rad(rng.choice([rng.uniform(0, 90), rng.uniform(90, 155)]))  # 0: right, 90: below, 180: left
    angle = np.linspace(begin, np.deg2rad(rng.uniform(355, 385)), 20)
    loop = size * np.stack([np.cos(angle), 1 + np.sin(angle)], axis=1)
    lead = [loop[:1] + rng.uniform((-0.12, 0), (0.12, 0.16))] if rng.random() < 0.25 else []
    return [np.concatenate([*lead, loop, _nine_stem(loop[-1], rng)])]


def _one_stroke_four(rng: np.random.Generator) -> list[ink.Stroke]:
    """A four without lifting the pen: down, across, and up or round to the stem, which begins high or at the bar."""
    bar = rng.uniform(0.4, 0.72)
    start = np.array([rng.uniform(0.15, 0.5), rng.uniform(0, 0.2)])
    corner = np.array([rng.uniform(0, 0.2), bar])
    turn = np.array([rng.uniform(0.6, 1.0), bar + rng.normal(0, 0.08)])
    gap = rng.uniform(0.2, 0.55)
    top = np.array([start[0] + gap, rng.uniform(-0.1, bar - 0.12)])
    foot = np.array([top[0] + rng.uniform(-0.25, 0.1), 1.0])
    is_looped, is_round = rng.random(2) < [0.3, 0.35]
    # At the left: a bend, a corner, or a small loop. At the right: a corner, or a loop over the bar into the stem.
    left = [corner] if is_round else [corner, corner]
    if rng.random() < 0.2:
        left = [_beside(corner, 0.02, 0.06), _beside(corner, -0.1, 0.02), _beside(corner, 0.02, -0.07)]
    right = [turn, (turn + top) / 2 + [rng.uniform(0.02, 0.14), 0]] if is_looped else [turn, turn]
    peak = [top] if is_looped else [top, top]
    return [smooth(np.array([start, (start + corner) / 2 + rng.normal(0, 0.03, 2), *left, *right, *peak, foot]))]


def _round_loop(left: np.ndarray, rng: np.random.Generator) -> list[ink.Stroke]:
    """The stroke of a pen that comes from the left, loops up, over and back, and goes down through its own line."""
    bar = left[-1, 1]
    size = rng.uniform(0.12, 0.26)
    middle = np.array([left[-1, 0] + rng.uniform(0.25, 0.5), bar - size * rng.uniform(0.9, 1.6)])
    angle = np.deg2rad(np.linspace(80, rng.uniform(-190, -150), 9))  # from below, over the right, to the left
    loop = middle + np.stack([size * np.cos(angle), (bar - middle[1]) * np.sin(angle)], axis=1)
    foot = np.array([loop[-1, 0] + rng.uniform(-0.15, 0.25), 1.0])
    return [smooth(np.array([*left, *loop, (loop[-1] + foot) / 2 + rng.normal(0, 0.02, 2), foot]))]


def _looped_four(rng: np.random.Generator) -> list[ink.Stroke]:
    """A four in one stroke whose stem begins with a loop at the right of the bar."""
    bar = rng.uniform(0.4, 0.65)
    start = np.array([rng.uniform(0.05, 0.3), rng.uniform(-0.05, 0.15)])
    corner = np.array([rng.uniform(-0.05, 0.12), bar - 0.08])
    return _round_loop(np.array([start, corner, (corner[0] + 0.12, bar)]), rng)


def _looped_nine(rng: np.random.Generator) -> list[ink.Stroke]:
    """A nine that comes in from the left along the bottom of its loop."""
    bar = rng.uniform(0.35, 0.55)
    return _round_loop(np.array([(rng.uniform(0, 0.2), bar + rng.normal(0, 0.04)), (0.25, bar)]), rng)


def _crossed_seven(rng: np.random.Generator) -> list[ink.Stroke]:
    """A seven with a bar through its stem: level or tilted, bent, hooked, low, or joined to the stem's foot."""
    corner = np.array([rng.uniform(0.6, 0.95), rng.uniform(0, 0.1)])
    left = np.array([0, rng.uniform(0, 0.16)])
    serif = [_beside(left, rng.normal(0, 0.04), rng.uniform(0.08, 0.22))] if rng.random() < 0.4 else []
    wave = (left + corner) / 2 + [0, rng.normal(0, 0.05)]
    foot = np.array([corner[0] - rng.uniform(0.1, 0.65), 1.0])
    bend = (corner + foot) / 2 + [rng.uniform(-0.12, 0.05), 0]
    corners = [corner] * rng.integers(1, 3)  # twice: sharp
    stem = smooth(np.array([*corners, bend, foot]))
    middle = stem[np.abs(stem[:, 1] - rng.uniform(0.35, 0.75)).argmin()]
    tilt = rng.normal(0, 0.2)
    ends = middle + rng.uniform(0.1, 0.42, (2, 1)) * [(-1, tilt), (1, -tilt)]
    seven = np.concatenate([smooth(np.array([*serif, left, wave, corner])), stem])
    if rng.random() < 0.2:
        return [np.concatenate([seven, ends])]
    hooks = ends + rng.normal(0, 0.07, (2, 2))
    at_start, at_end = (hooks[[side]] if rng.random() < 0.3 else np.empty((0, 2)) for side in range(2))
    dent = middle[None] + rng.normal(0, 0.03, 2)
    return [seven, smooth(np.concatenate([at_start, ends[:1], dent, ends[1:], at_end]))]


def _sloped_seven(rng: np.random.Generator) -> list[ink.Stroke]:
    """A seven whose bar rises to its corner, from 60 degrees off the vertical to beyond level, but is long."""
    angle = np.deg2rad(rng.uniform(60, 100))
    length = rng.uniform(np.interp(np.rad2deg(angle), [60, 80], [0.68, 0.5]), 1.0)
    left = length * np.array([-np.sin(angle), np.cos(angle)])
    foot = np.array([rng.uniform(-0.5, 0.08), 1.0])
    bends = [left / 2 + rng.normal(0, 0.04, 2), foot / 2 + rng.normal(0, 0.05, 2)]
    serif = [_beside(left, rng.normal(0, 0.03), rng.uniform(0.05, 0.15))] if rng.random() < 0.2 else []
    return [smooth(np.array([*serif, left, bends[0], (0, 0), (0, 0), bends[1], foot]))]


def _eight_from_anywhere(rng: np.random.Generator) -> list[ink.Stroke]:
    """An eight in one stroke, begun anywhere, its loops of two sizes, closed, overlapping or left open."""
    sweep = rng.uniform(0.86, 1.08)
    begin = rng.choice([rng.uniform(0, 1), rng.normal(0.25, 0.06), rng.normal(0.75, 0.06)])
    angle = 2 * np.pi * (begin + np.linspace(0, sweep, 48))
    y = (1 - np.cos(angle)) / 2
    widths = np.where(y < 0.5, rng.uniform(0.2, 0.45), rng.uniform(0.25, 0.5))
    x = rng.choice([-1, 1]) * widths * np.sin(2 * angle) + rng.normal(0, 0.05) * (y - 0.5)
    share = rng.uniform(0.4, 0.6)  # of the height, where the loops meet
    y = np.interp(y, [0, 0.5, 1], [0, share, 1])
    return [np.stack([x, y], axis=1)]


def _tailed_zero(rng: np.random.Generator) -> list[ink.Stroke]:
    """A zero that leaves its ring at the top with a level or falling tail, outwards or across the ring."""
    width = rng.uniform(0.3, 0.5)
    turn = rng.choice([-1, 1])  # -1: begins by going to the left
    angle = np.deg2rad(-90 + rng.normal(0, 20) + turn * np.linspace(0, rng.uniform(345, 385), 36))
    ring = np.stack([width * np.cos(angle), 0.5 * np.sin(angle)], axis=1)
    end = ring[-1] + [-turn * -rng.uniform(0.15, 0.5), rng.uniform(-0.08, 0.15)]
    return [np.concatenate([ring, smooth(np.array([ring[-1], (ring[-1] + end) / 2 + [0, 0.02], end]))])]


TEMPLATES: dict[int, list[tuple[float, Template]]] = {  # of each digit: weight and template
    0: [
        (5, _oval),
        (4, _slashed),
        (1, _tailed_zero),
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
        (8, _flagged),
        (5, _ticked),
        (4, _based),
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
        (6, _one_stroke_four),
        (1.5, _looped_four),
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
        (4, _crossed_seven),
        (3, _sloped_seven),
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
        (4, _eight_from_anywhere),
        (1, block("0,50 0,0 100,0 100,100 0,100 0,50 100,50", roundest=0.2)),
        (0.5, block("0,0 100,0 100,100 0,100 0,0", "0,50 100,50", roundest=0.1)),
    ],
    9: [
        (4, _loop_and_stem),
        (2, through("72,14 40,0 16,26 44,48 72,16! 70,60 60,100")),
        (2, through("74,16 44,0 18,26 46,46 74,12! 74,66 50,98 14,88")),
        (1, through("66,8 22,18 30,42 68,12! 50,60 40,100")),
        (1, through("74,6 26,4 22,42 72,38", "76,2 72,100")),
        (6, _nine_from_the_left),
        (1.5, _looped_nine),
        (1, block("100,50 0,50 0,0 100,0 100,100 0,100")),
        (0.5, block("100,50 0,50 0,0 100,0 100,100")),
    ],
}
