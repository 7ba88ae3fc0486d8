"""Ways of writing fours and nines: in how many strokes, where they begin and join, and how the stem bends.

Each public function is a template (`template_shapes.Template`).
"""

import numpy as np

from digits.drawing import ink
from digits.drawing.template_shapes import beside, smooth


def two_stroke_four(rng: np.random.Generator) -> list[ink.Stroke]:
    """A four whose bar lies anywhere, even at the foot; its stem is tall or short, across the bar or beside it."""
    bar = rng.choice([rng.uniform(0.2, 0.6), rng.uniform(0.5, 0.9), rng.uniform(0.65, 0.9)])
    start, corner = np.array([rng.uniform(0.05, 0.45), 0]), np.array([rng.uniform(0, 0.15), bar])
    end = beside(corner, rng.uniform(0.25, 0.7), rng.normal(0, 0.05))
    corners = [corner] * rng.integers(1, 3)  # twice: sharp
    top = rng.choice([rng.uniform(-0.1, bar - 0.1), bar - rng.uniform(0.08, 0.35)])
    stem = np.array([end[0] + rng.uniform(-0.25, 0.18), top])
    foot = np.array([stem[0] - rng.uniform(-0.08, 0.3), 1.0])
    left = smooth(np.array([start, (start + corner) / 2 + rng.normal(0, 0.03, 2), *corners, end]))
    return [left, smooth(np.array([stem, (stem + foot) / 2 + [rng.normal(0, 0.02), 0], foot]))]


def closed_four(rng: np.random.Generator) -> list[ink.Stroke]:
    """A four whose two strokes meet at the top: its loop is pointed, where a nine's is round."""
    top, left = np.array([rng.uniform(0.45, 0.85), 0]), np.array([0, rng.uniform(0.3, 0.62)])
    right = np.array([top[0] + rng.uniform(-0.05, 0.25), left[1] + rng.uniform(-0.1, 0.1)])
    start = beside(top, *rng.uniform((-0.04, -0.1), (0.12, 0.1)))
    foot = np.array([top[0] - rng.uniform(-0.05, 0.5), 1.0])
    bend = (top + left) / 2 + rng.normal(0, 0.03, 2)
    return [smooth(np.array([top, bend, left, left, right])), np.array([start, foot])]


def joined_four(rng: np.random.Generator) -> list[ink.Stroke]:
    """A four without lifting the pen whose bar, level or rising, turns straight down into the stem."""
    bar = rng.choice([rng.uniform(0.35, 0.7), rng.uniform(0.6, 0.88)])
    corner = np.array([rng.uniform(0, 0.15), bar])
    is_round = rng.random() < 0.4
    rise = min(0.12 if is_round else 0.3, bar - 0.2)  # a round bottom and a high crest would be a six's
    crest = beside(corner, rng.uniform(0.25, 0.6), -rng.uniform(-0.05, rise))
    start = np.array([rng.uniform(0.05, crest[0] - 0.12), 0])
    foot = np.array([crest[0] + rng.uniform(-0.3, 0.08), 1.0 + 0.15 * (bar > 0.75)])
    left = beside(start, *((corner - start) * [0.6, 0.5] + rng.normal(0, 0.03, 2)))
    corners, crests = [corner] * (1 if is_round else 2), [crest] * rng.integers(1, 3)  # twice: sharp
    return [smooth(np.array([start, left, *corners, *crests, (crest + foot) / 2 + rng.normal(0, 0.03, 2), foot]))]


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
        left = [beside(corner, 0.02, 0.06), beside(corner, -0.1, 0.02), beside(corner, 0.02, -0.07)]
    right = [turn, (turn + top) / 2 + [rng.uniform(0.02, 0.14), 0]] if is_looped else [turn, turn]
    peak = [top] if is_looped else [top, top]
    return [smooth(np.array([start, (start + corner) / 2 + rng.normal(0, 0.03, 2), *left, *right, *peak, foot]))]


def _round_loop(left: np.ndarray, rng: np.random.Generator) -> list[ink.Stroke]:
    """The stroke of a pen that comes from the left, loops up, over and back, and goes down through its own line."""
    bar = left[-1, 1]
    size = rng.uniform(0.1, 0.26)
    middle = np.array([left[-1, 0] + rng.uniform(0.2, 0.5), bar - size * rng.uniform(0.9, 1.6)])
    angle = np.deg2rad(np.linspace(80, rng.uniform(-200, -150), 9))  # from below, over the right, to the left
    loop = middle + np.stack([size * np.cos(angle), (bar - middle[1]) * np.sin(angle)], axis=1)
    foot = np.array([loop[-1, 0] + rng.uniform(-0.15, 0.25), 1.0])
    return [smooth(np.array([*left, *loop, (loop[-1] + foot) / 2 + rng.normal(0, 0.02, 2), foot]))]


def looped_four(rng: np.random.Generator) -> list[ink.Stroke]:
    """A four in one stroke whose stem begins with a loop at the right of the bar."""
    bar = rng.uniform(0.35, 0.7)
    start = np.array([rng.uniform(0.05, 0.35), rng.uniform(-0.1, 0.15)])
    corner = np.array([rng.uniform(-0.05, 0.12), bar - 0.08])
    return _round_loop(np.array([start, corner, (corner[0] + 0.12, bar)]), rng)


def looped_nine(rng: np.random.Generator) -> list[ink.Stroke]:
    """A nine that comes in from the left along the bottom of its loop."""
    bar = rng.uniform(0.35, 0.55)
    return _round_loop(np.array([(rng.uniform(0, 0.2), bar + rng.normal(0, 0.04)), (0.25, bar)]), rng)


def _nine_stem(top: np.ndarray, rng: np.random.Generator, has_foot: bool = True) -> ink.Stroke:
    """The stem of a nine, from its loop down to y = 1: straight, curved or S-shaped, with a hook, a foot or none."""
    foot = np.array([top[0] + rng.uniform(-0.35, 0.08), 1.0])
    swing = rng.choice([0.0, rng.uniform(-0.06, 0.2 if has_foot else 0.1)])
    first, second = top + (foot - top) * [[0.35], [0.7]] + [[swing, 0], [-swing * rng.choice([-0.5, 1]), 0]]
    return smooth(np.array([top, first, second, foot, *(_tail(foot, rng) if has_foot else [])]))


def _tail(foot: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Where the pen goes from a nine's foot: back up to the left, flat to the left, a little to the right, nowhere."""
    end = rng.integers(5)
    if end == 0:
        return [beside(foot, -0.15, 0.03), beside(foot, -0.35, -0.08)]
    if end == 1:
        return [beside(foot, -rng.uniform(0.15, 0.5), rng.normal(0, 0.04))]
    if end == 2:  # short, or the nine would be a two
        return [beside(foot, rng.uniform(0.05, 0.18), -rng.uniform(0, 0.08))]
    return []


def loop_and_stem_nine(rng: np.random.Generator) -> list[ink.Stroke]:
    """A nine whose loop, of any size, open or closed, begins at the right and turns to the left."""
    size, openness = rng.uniform(0.1, 0.34), rng.uniform(-0.4, 0.8)
    angle = np.linspace(-openness, -2 * np.pi, 20)
    x = 0.6 - size + size * np.cos(angle)
    y = size + size * rng.uniform(0.15, 0.9) * np.sin(angle) - rng.uniform(-0.3, 0.6) * (x - 0.6)
    loop = np.stack([x, y], axis=1)
    return [np.concatenate([loop, _nine_stem(loop[-1], rng)])]


def nine_from_the_left(rng: np.random.Generator) -> list[ink.Stroke]:
    """A nine that begins at or below the left of its loop and turns to the right, open below or nearly closed."""
    size = np.array([rng.uniform(0.12, 0.38), rng.uniform(0.12, 0.3)])
    begin = np.deg2rad(
        rng.choice([rng.uniform(0, 60), rng.uniform(0, 60), rng.uniform(60, 115)])
    )  # 0: right, 90: below
    angle = np.linspace(begin, np.deg2rad(rng.uniform(355, 385)), 20)
    loop = size * np.stack([np.cos(angle), 1 + np.sin(angle)], axis=1)
    lead = [loop[:1] + rng.uniform((-0.12, 0), (0.12, 0.16))] if rng.random() < 0.25 else []
    is_closed = begin < np.deg2rad(60)  # or with a hook at its foot it would be a three
    return [np.concatenate([*lead, loop, _nine_stem(loop[-1], rng, has_foot=is_closed)])]


def s_stem_nine(rng: np.random.Generator) -> list[ink.Stroke]:
    """A nine whose stem leaves the left or the bottom of a small loop, swings out to the right and ends at the left."""
    size = np.array([rng.uniform(0.1, 0.28), rng.uniform(0.1, 0.2)])
    end = np.deg2rad(-rng.uniform(190, 270))  # 0: right, -180: left, -270: below
    turns = np.linspace(np.deg2rad(rng.choice([rng.uniform(300, 400), rng.uniform(360, 640)])), 0, 28)
    growth = np.linspace(1 + rng.normal(0, 0.2), 1, 28)[:, None]  # it may be wound more than once
    loop = size * growth * np.stack([np.cos(end + turns), np.sin(end + turns)], axis=1)
    belly = np.array([rng.uniform(0.05, 0.38), size[1] + rng.uniform(0.2, 0.42)])
    foot = np.array([rng.uniform(-0.3, 0.1), 1 - size[1]])
    flat = [beside(foot, -rng.uniform(0.1, 0.4), rng.normal(0, 0.04))] if rng.random() < 0.6 else []
    return [np.concatenate([loop, smooth(np.array([loop[-1], belly, foot, *flat]))])]
