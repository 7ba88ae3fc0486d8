"""Ways of writing ones and sevens, kept apart: a one's flag is steep or short, a seven's bar flat and long.

Each public function is a template (`template_shapes.Template`).
"""

import numpy as np

from digits.drawing import ink
from digits.drawing.template_shapes import beside, smooth


def _stem(rng: np.random.Generator) -> np.ndarray:
    """The stem of a one, straight or bent, upright or leaning, from the top at the origin to the foot, 1 below."""
    bend, foot = rng.normal(0, 0.03), rng.choice([rng.normal(0, 0.05), rng.uniform(-0.3, 0.05)])
    return np.array([(0, 0), (foot / 2 + bend, 0.5), (foot, 1)])


def _flag(rng: np.random.Generator) -> np.ndarray:
    """Points of the up-stroke to a one's top at the origin: long where it is steep, short where it lies flat: (n, 2).

    It may sag or arch, and begin with a hook, down or up.
    """
    angle = rng.choice([rng.uniform(28, 50), rng.uniform(40, 65), rng.uniform(15, 65), rng.uniform(15, 90)])
    longest = np.interp(angle, [40, 62, 90], [0.95, 0.72, 0.2])  # the angle: degrees from the vertical
    length = rng.choice([rng.uniform(0.12, longest), rng.uniform(0.5 * longest, longest)])
    along = np.array([-np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))])
    start, across = length * along, np.array([along[1], -along[0]])
    bend = start * rng.uniform(0.35, 0.65) + rng.normal(0, 0.1 * length) * across
    hook = [start + rng.uniform((-0.06, 0.03), (0.08, 0.14)) * [1, rng.choice([1, 1, -1])]]
    return np.array([*(hook if rng.random() < 0.45 else []), start, bend, (0, 0)])


def _retraced_flag(rng: np.random.Generator) -> np.ndarray:
    """Points of an up-stroke close beside the stem, which it may cross: a loop too narrow for a nine's: (n, 2)."""
    length = rng.uniform(0.15, 0.6)
    start = np.array([rng.uniform(-0.1, 0.06), length])
    return np.array([start, (rng.uniform(-0.12, -0.03), 0.4 * length), (0, 0)])


def _upper(rng: np.random.Generator, roundness: float = 0) -> np.ndarray:
    """The flag of a one and the stem under it, as one line: (n, 2); roundness: the share of round tops."""
    flag, stem = _retraced_flag(rng) if rng.random() < 0.12 else _flag(rng), _stem(rng)
    return smooth(np.concatenate([flag, stem[1:] if rng.random() < roundness else stem]))  # the top twice: sharp


def flagged_one(rng: np.random.Generator) -> list[ink.Stroke]:
    """A one with a flag."""
    return [_upper(rng, roundness=0.35)]


def one_on_a_base(rng: np.random.Generator) -> list[ink.Stroke]:
    """A one on a base line, which is a stroke of its own, joined to the stem by a corner or a loop, or a mere hook."""
    upper = _upper(rng) if rng.random() < 0.75 else smooth(_stem(rng))
    foot = upper[-1]
    left, right = (beside(foot, side * rng.uniform(0.12, 0.5), rng.normal(0, 0.04)) for side in (-1, 1))
    joint = rng.integers(5)
    if joint <= 1:
        parts = np.split(upper, [len(upper) - 16]) if rng.random() < 0.2 and len(upper) > 16 else [upper]
        return [*parts, np.array([left, right])]  # a flag that is a stroke of its own
    if joint == 2:
        return [np.concatenate([upper, [left, right]])]
    if joint == 3:
        height = rng.uniform(0.05, 0.18)
        return [np.concatenate([upper, smooth(np.array([foot, left, (left + foot) / 2 - [0, height], right]))])]
    hook = [beside(foot, rng.choice([-1, 1]) * rng.uniform(0.1, 0.35), -rng.uniform(-0.05, 0.15))]
    return [np.concatenate([upper, hook])]


def swung_one(rng: np.random.Generator) -> list[ink.Stroke]:
    """A one whose stem ends in a bend to the left, flat or curled up, with a small flag or none."""
    stem = _stem(rng)
    foot = stem[-1]
    end = beside(foot, -rng.uniform(0.15, 0.45), rng.normal(0, 0.06))
    curl = [beside(end, rng.uniform(-0.08, 0.08), -rng.uniform(0.05, 0.15))] if rng.random() < 0.3 else []
    flag = _retraced_flag(rng) if rng.random() < 0.5 else _flag(rng) * rng.uniform(0.2, 0.6)
    corners = [foot] * rng.integers(1, 3)  # twice: sharp
    return [smooth(np.array([*(flag if rng.random() < 0.8 else []), *stem[:-1], *corners, end, *curl]))]


def ticked_one(rng: np.random.Generator) -> list[ink.Stroke]:
    """A one that ends in a short stroke back up, mostly to the left, with or without a flag."""
    stem = _stem(rng)
    angle = np.deg2rad(rng.uniform(5, 40))  # from the vertical
    length = rng.uniform(0.12, 0.45)
    tick = stem[-1] + length * np.array([rng.choice([-1, -1, -1, 1]) * np.sin(angle), -np.cos(angle)])
    flag = [np.array([(-rng.uniform(0.05, 0.3), rng.uniform(0.05, 0.3))])] if rng.random() < 0.25 else []
    return [np.concatenate([*flag, smooth(stem), [tick]])]


def crossed_seven(rng: np.random.Generator) -> list[ink.Stroke]:
    """A seven with a bar through its stem, its corner sharp or round, the bar joined to the foot or not."""
    corner = np.array([rng.uniform(0.6, 0.95), rng.uniform(0, 0.1)])
    left = np.array([0, rng.uniform(0, 0.16)])
    serif = [beside(left, rng.normal(0, 0.04), rng.uniform(0.08, 0.22))] if rng.random() < 0.4 else []
    wave = (left + corner) / 2 + [0, rng.normal(0, 0.05)]
    foot = np.array([corner[0] - rng.uniform(0.1, 0.65), 1.0])
    bend = (corner + foot) / 2 + [rng.uniform(-0.12, 0.05), 0]
    corners = [corner] * rng.integers(1, 3)  # twice: sharp
    top, stem = smooth(np.array([*serif, left, wave, corner])), smooth(np.array([*corners, bend, foot]))
    strokes = _crossed(top, stem, rng.choice([rng.uniform(0.35, 0.7), rng.uniform(0.6, 0.9)]), rng)
    return [np.concatenate(strokes)] if rng.random() < 0.15 else strokes


def arched_seven(rng: np.random.Generator) -> list[ink.Stroke]:
    """A crossed seven whose top is an arch, as a two's is: only the bar, clear of the foot, tells them apart."""
    width = rng.uniform(0.35, 0.85)
    left, peak = np.array([0, rng.uniform(0.06, 0.32)]), np.array([width * rng.uniform(0.35, 0.65), 0])
    shoulder = np.array([width, rng.uniform(0.08, 0.35)])
    foot = np.array([width * rng.uniform(0.0, 0.95), 1.0])
    knee = (shoulder + foot) / 2 + [rng.uniform(-0.05, 0.12), rng.uniform(-0.08, 0.08)]
    hook = [beside(left, *rng.uniform((0, 0.03), (0.12, 0.12)))] if rng.random() < 0.3 else []
    top, stem = smooth(np.array([*hook, left, peak, shoulder])), smooth(np.array([shoulder, knee, foot]))
    return _crossed(top, stem, rng.uniform(0.5, 0.88), rng)


def _crossed(top: np.ndarray, stem: np.ndarray, height: float, rng: np.random.Generator) -> list[ink.Stroke]:
    """Return the strokes of a seven with a bar at that height, level or tilted, bent or hooked."""
    middle = stem[np.abs(stem[:, 1] - height).argmin()]
    tilt = rng.normal(0.05, 0.22)
    left, right = middle + [[-rng.uniform(0.1, 0.42)], [rng.uniform(0.1, 0.55)]] * np.array([1, -tilt])
    hook = [beside(left, *rng.uniform((-0.1, -0.03), (0.08, 0.2)))] if rng.random() < 0.6 else []
    tail = [right + rng.normal(0, 0.07, 2)] if rng.random() < 0.3 else []
    return [np.concatenate([top, stem]), smooth(np.array([*hook, left, middle + rng.normal(0, 0.03, 2), right, *tail]))]


def curled_seven(rng: np.random.Generator) -> list[ink.Stroke]:
    """A seven whose bar begins with a hook, deep or curled inwards, and whose corner is round or sharp."""
    left = np.array([0, rng.uniform(0, 0.16)])
    if rng.random() < 0.5:
        hook = [beside(left, rng.uniform(-0.02, 0.14), rng.uniform(0.14, 0.32))]
    else:
        hook = [beside(left, rng.uniform(0.12, 0.4), rng.uniform(0.02, 0.16)), beside(left, 0.04, 0.08)]
    corner = np.array([rng.uniform(0.45, 0.95), rng.uniform(-0.05, 0.1)])
    wave = beside((left + corner) / 2, 0, rng.uniform(-0.06, 0.09))
    foot = np.array([corner[0] - rng.uniform(0.1, 0.6), 1.0])
    bend = beside((corner + foot) / 2, rng.uniform(-0.08, 0.08), 0)
    corners = [corner] * rng.integers(1, 3)  # twice: sharp
    return [smooth(np.array([*hook, left, wave, *corners, bend, foot]))]


def sloped_seven(rng: np.random.Generator) -> list[ink.Stroke]:
    """A seven whose bar rises to its corner, from 68 degrees off the vertical to beyond level, but is long."""
    angle = np.deg2rad(np.clip(rng.normal(83, 10), 68, 105))
    length = rng.uniform(np.interp(np.rad2deg(angle), [68, 80], [0.75, 0.45]), 1.0)
    left = length * np.array([-np.sin(angle), np.cos(angle)])
    foot = np.array([rng.uniform(-0.5, 0.08), 1.0])
    bends = [left / 2 + rng.normal(0, 0.04, 2), foot / 2 + rng.normal(0, 0.05, 2)]
    serif = [beside(left, rng.normal(0, 0.03), rng.uniform(0.05, 0.15))] if rng.random() < 0.2 else []
    return [smooth(np.array([*serif, left, bends[0], (0, 0), (0, 0), bends[1], foot]))]


def ticked_seven(rng: np.random.Generator) -> list[ink.Stroke]:
    """A seven whose pen rises from the foot to the right, instead of a bar or on its way to one."""
    corner = np.array([rng.uniform(0.35, 0.85), rng.uniform(-0.05, 0.08)])
    foot = np.array([corner[0] - rng.uniform(0, 0.45), 1.0])
    left, bend = np.array([0, rng.uniform(0, 0.2)]), beside((corner + foot) / 2, rng.normal(0, 0.04), 0)
    serif = [beside(left, rng.uniform(-0.02, 0.1), rng.uniform(0.05, 0.15))] if rng.random() < 0.4 else []
    angle = np.deg2rad(rng.uniform(20, 65))  # from the vertical
    tick = foot + rng.uniform(0.25, 0.6) * np.array([np.sin(angle), -np.cos(angle)])
    return [smooth(np.array([*serif, left, (left + corner) / 2, corner, corner, bend, foot, foot, tick]))]
