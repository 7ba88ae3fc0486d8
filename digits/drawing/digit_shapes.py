"""Ways of writing a digit that vary in more than their points: which stroke is how long, begins where, bends how.

Each function is a template (`template_shapes.Template`). What tells two digits apart is kept apart: a one's flag is
steep or short, a seven's bar flat and long.
"""

import numpy as np

from digits.drawing import ink
from digits.drawing.template_shapes import smooth


def _beside(point: np.ndarray, right: float, down: float) -> np.ndarray:
    return point + np.array([right, down])


def oval_zero(rng: np.random.Generator) -> list[ink.Stroke]:
    """A zero: narrow, round or flat, begun somewhere above, closed, overlapping, spiralling or left open, with ends."""
    sweep = np.deg2rad(rng.choice([rng.uniform(300, 350), rng.uniform(350, 380), rng.uniform(380, 450)]))
    angle = np.deg2rad(rng.normal(-75, 60)) + rng.choice([-1, -1, -1, 1]) * np.linspace(0, sweep, 40)
    radius = np.linspace(1 + rng.normal(0, 0.2), 1 + rng.normal(0, 0.2), 40)
    width = rng.choice([rng.uniform(0.25, 0.6), rng.uniform(0.25, 0.6), rng.uniform(0.6, 1.0)])
    ring = 0.5 + radius[:, None] * np.stack([width * np.cos(angle), 0.5 * np.sin(angle)], axis=1)
    lead, trail = (end + rng.uniform(-0.25, 0.25, (1, 2)) for end in (ring[:1], ring[-1:]))
    has_lead, has_trail = rng.random(2) < 0.25
    return [np.concatenate([*([lead] if has_lead else []), ring, *([trail] if has_trail else [])])]


def slashed_zero(rng: np.random.Generator) -> list[ink.Stroke]:
    """A zero with a line through it, at any slope but mostly rising, short or long."""
    (ring,) = oval_zero(rng)
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
    length = rng.uniform(0.12, np.interp(angle, [40, 60, 90], [1.05, 0.62, 0.2]))
    start = length * np.array([-np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))])
    bend = start / 2 + rng.normal(0, 0.1 * length, 2)
    dip = [start + rng.uniform((-0.02, 0.04), (0.06, 0.14))] if rng.random() < 0.3 else []
    return smooth(np.array([*dip, start, bend, (0, 0)]))


def flagged_one(rng: np.random.Generator) -> list[ink.Stroke]:
    """A one with a flag."""
    return [np.concatenate([_flag(rng), smooth(_stem(rng))])]


def one_on_a_base(rng: np.random.Generator) -> list[ink.Stroke]:
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


def ticked_one(rng: np.random.Generator) -> list[ink.Stroke]:
    """A one that ends in a short stroke back up, mostly to the left, with or without a flag."""
    stem = _stem(rng)
    angle = np.deg2rad(rng.uniform(5, 40))  # from the vertical
    length = rng.uniform(0.12, 0.45)
    tick = stem[-1] + length * np.array([rng.choice([-1, -1, -1, 1]) * np.sin(angle), -np.cos(angle)])
    flag = [np.array([(-rng.uniform(0.05, 0.3), rng.uniform(0.05, 0.3))])] if rng.random() < 0.25 else []
    return [np.concatenate([*flag, smooth(stem), [tick]])]


def _nine_stem(top: np.ndarray, rng: np.random.Generator, has_foot: bool = True) -> ink.Stroke:
    """The stem of a nine, from its loop down to y = 1: straight, curved or S-shaped, with a hook, a foot or none."""
    foot = np.array([top[0] + rng.uniform(-0.35, 0.08), 1.0])
    swing = rng.choice([0.0, rng.uniform(-0.06, 0.14)])
    first, second = top + (foot - top) * [[0.35], [0.7]] + [[swing, 0], [-swing * rng.choice([-0.5, 1]), 0]]
    end = rng.integers(5) if has_foot else None
    if end == 0:
        tail = [_beside(foot, -0.15, 0.03), _beside(foot, -0.35, -0.08)]
    elif end == 1:
        tail = [_beside(foot, -rng.uniform(0.15, 0.45), rng.normal(0, 0.04))]
    elif end == 2:  # to the right, and short, or the nine would be a two
        tail = [_beside(foot, rng.uniform(0.05, 0.18), -rng.uniform(0, 0.08))]
    else:
        tail = []
    return smooth(np.array([top, first, second, foot, *tail]))


def loop_and_stem_nine(rng: np.random.Generator) -> list[ink.Stroke]:
    """A nine whose loop, of any size, open or closed, begins at the right and turns to the left."""
    size, openness = rng.uniform(0.1, 0.34), rng.uniform(-0.4, 0.8)
    angle = np.linspace(-openness, -2 * np.pi, 20)
    x = 0.6 - size + size * np.cos(angle)
    y = size + size * rng.uniform(0.15, 1.1) * np.sin(angle) - rng.uniform(-0.3, 0.6) * (x - 0.6)
    loop = np.stack([x, y], axis=1)
    return [np.concatenate([loop, _nine_stem(loop[-1], rng)])]


def nine_from_the_left(rng: np.random.Generator) -> list[ink.Stroke]:
    """A nine that begins at or below the left of its loop and turns to the right, open below or nearly closed."""
    size = np.array([rng.uniform(0.16, 0.38), rng.uniform(0.16, 0.3)])
    begin = np.deg2rad(
        rng.choice([rng.uniform(0, 60), rng.uniform(0, 60), rng.uniform(60, 115)])
    )  # 0: right, 90: below
    angle = np.linspace(begin, np.deg2rad(rng.uniform(355, 385)), 20)
    loop = size * np.stack([np.cos(angle), 1 + np.sin(angle)], axis=1)
    lead = [loop[:1] + rng.uniform((-0.12, 0), (0.12, 0.16))] if rng.random() < 0.25 else []
    is_closed = begin < np.deg2rad(60)  # or with a hook at its foot it would be a three
    return [np.concatenate([*lead, loop, _nine_stem(loop[-1], rng, has_foot=is_closed)])]


def one_stroke_four(rng: np.random.Generator) -> list[ink.Stroke]:
    """A four without lifting the pen: down, across, and up or round to the stem, which begins high or at the bar."""
    bar = rng.choice([rng.uniform(0.4, 0.72), rng.uniform(0.4, 0.72), rng.uniform(0.65, 0.85)])
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


def looped_four(rng: np.random.Generator) -> list[ink.Stroke]:
    """A four in one stroke whose stem begins with a loop at the right of the bar."""
    bar = rng.uniform(0.4, 0.65)
    start = np.array([rng.uniform(0.05, 0.3), rng.uniform(-0.05, 0.15)])
    corner = np.array([rng.uniform(-0.05, 0.12), bar - 0.08])
    return _round_loop(np.array([start, corner, (corner[0] + 0.12, bar)]), rng)


def looped_nine(rng: np.random.Generator) -> list[ink.Stroke]:
    """A nine that comes in from the left along the bottom of its loop."""
    bar = rng.uniform(0.35, 0.55)
    return _round_loop(np.array([(rng.uniform(0, 0.2), bar + rng.normal(0, 0.04)), (0.25, bar)]), rng)


def crossed_seven(rng: np.random.Generator) -> list[ink.Stroke]:
    """A seven with a bar through its stem: level or tilted, bent, hooked, low, or joined to the stem's foot."""
    corner = np.array([rng.uniform(0.6, 0.95), rng.uniform(0, 0.1)])
    left = np.array([0, rng.uniform(0, 0.16)])
    serif = [_beside(left, rng.normal(0, 0.04), rng.uniform(0.08, 0.22))] if rng.random() < 0.4 else []
    wave = (left + corner) / 2 + [0, rng.normal(0, 0.05)]
    foot = np.array([corner[0] - rng.uniform(0.1, 0.65), 1.0])
    bend = (corner + foot) / 2 + [rng.uniform(-0.12, 0.05), 0]
    corners = [corner] * rng.integers(1, 3)  # twice: sharp
    stem = smooth(np.array([*corners, bend, foot]))
    height = rng.choice([rng.uniform(0.35, 0.75), rng.uniform(0.35, 0.75), rng.uniform(0.7, 0.92)])
    middle = stem[np.abs(stem[:, 1] - height).argmin()]
    tilt = rng.normal(0, 0.2)
    ends = middle + rng.uniform(0.1, 0.42, (2, 1)) * [(-1, tilt), (1, -tilt)]
    seven = np.concatenate([smooth(np.array([*serif, left, wave, corner])), stem])
    if rng.random() < 0.2:
        return [np.concatenate([seven, ends])]
    hooks = ends + rng.normal(0, 0.07, (2, 2))
    at_start, at_end = (hooks[[side]] if rng.random() < 0.3 else np.empty((0, 2)) for side in range(2))
    dent = middle[None] + rng.normal(0, 0.03, 2)
    return [seven, smooth(np.concatenate([at_start, ends[:1], dent, ends[1:], at_end]))]


def curled_seven(rng: np.random.Generator) -> list[ink.Stroke]:
    """A seven whose bar begins with a deep hook, and whose corner is round or sharp."""
    left = np.array([0, rng.uniform(0, 0.12)])
    hook = _beside(left, rng.uniform(-0.02, 0.14), rng.uniform(0.14, 0.32))
    corner = np.array([rng.uniform(0.45, 0.85), rng.uniform(0, 0.1)])
    wave = _beside((left + corner) / 2, 0, rng.uniform(-0.04, 0.09))
    foot = np.array([corner[0] - rng.uniform(0.1, 0.6), 1.0])
    bend = _beside((corner + foot) / 2, rng.uniform(-0.08, 0.08), 0)
    corners = [corner] * rng.integers(1, 3)  # twice: sharp
    return [smooth(np.array([hook, left, wave, *corners, bend, foot]))]


def sloped_seven(rng: np.random.Generator) -> list[ink.Stroke]:
    """A seven whose bar rises to its corner, from 60 degrees off the vertical to beyond level, but is long."""
    angle = np.deg2rad(rng.uniform(60, 100))
    length = rng.uniform(np.interp(np.rad2deg(angle), [60, 80], [0.8, 0.5]), 1.0)
    left = length * np.array([-np.sin(angle), np.cos(angle)])
    foot = np.array([rng.uniform(-0.5, 0.08), 1.0])
    bends = [left / 2 + rng.normal(0, 0.04, 2), foot / 2 + rng.normal(0, 0.05, 2)]
    serif = [_beside(left, rng.normal(0, 0.03), rng.uniform(0.05, 0.15))] if rng.random() < 0.2 else []
    return [smooth(np.array([*serif, left, bends[0], (0, 0), (0, 0), bends[1], foot]))]


def eight_from_anywhere(rng: np.random.Generator) -> list[ink.Stroke]:
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


def tailed_zero(rng: np.random.Generator) -> list[ink.Stroke]:
    """A zero that leaves its ring at the top with a level or falling tail, outwards or across the ring."""
    width = rng.uniform(0.3, 0.5)
    turn = rng.choice([-1, 1])  # -1: begins by going to the left
    angle = np.deg2rad(-90 + rng.normal(0, 20) + turn * np.linspace(0, rng.uniform(345, 385), 36))
    ring = np.stack([width * np.cos(angle), 0.5 * np.sin(angle)], axis=1)
    end = ring[-1] + [-turn * -rng.uniform(0.15, 0.5), rng.uniform(-0.08, 0.15)]
    return [np.concatenate([ring, smooth(np.array([ring[-1], (ring[-1] + end) / 2 + [0, 0.02], end]))])]
