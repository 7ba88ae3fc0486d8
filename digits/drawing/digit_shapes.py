"""Ways of writing the other digits that vary in more than their points: zeros, threes, fives and eights.

Each function is a template (`template_shapes.Template`).
"""

import numpy as np

from digits.drawing import ink
from digits.drawing.template_shapes import beside, smooth


def oval_zero(rng: np.random.Generator) -> list[ink.Stroke]:
    """A zero: narrow, round or flat, leaning or not, begun anywhere, closed, overlapping, spiralling or left open."""
    sweep = np.deg2rad(rng.choice([rng.uniform(300, 350), rng.uniform(350, 380), rng.uniform(380, 450)]))
    begin = rng.choice([rng.normal(-75, 40), rng.normal(-75, 40), rng.uniform(-180, 180)])
    angle = np.deg2rad(begin) + rng.choice([-1, -1, -1, 1]) * np.linspace(0, sweep, 40)
    radius = np.linspace(1 + rng.normal(0, 0.2), 1 + rng.normal(0, 0.2), 40)
    width = rng.choice([rng.uniform(0.25, 0.6), rng.uniform(0.25, 0.6), rng.uniform(0.6, 1.0)])
    ring = radius[:, None] * np.stack([width * np.cos(angle), 0.5 * np.sin(angle)], axis=1)
    lean = np.deg2rad(rng.choice([0, rng.normal(0, 25)]))
    ring = 0.5 + ring @ np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
    lead, trail = (end + rng.uniform(-0.25, 0.25, (1, 2)) for end in (ring[:1], ring[-1:]))
    has_lead, has_trail = rng.random(2) < (0.25, 0.15)
    return [np.concatenate([*([lead] if has_lead else []), ring, *([trail] if has_trail else [])])]


def slashed_zero(rng: np.random.Generator) -> list[ink.Stroke]:
    """A zero with a line through it, at any slope but mostly rising, short or long, longest where it is steep."""
    (ring,) = oval_zero(rng)
    angle = rng.choice([rng.uniform(30, 75), rng.uniform(30, 75), rng.uniform(-60, 120)])
    low, high = ring.min(axis=0), ring.max(axis=0)
    along = np.array([np.cos(np.deg2rad(angle)), -np.sin(np.deg2rad(angle))])
    radius = 1 / np.hypot(*(2 * along / (high - low)))  # of the zero, as an ellipse
    middle = (low + high) / 2 + rng.normal(0, 0.05, 2)
    longest = 2.6 if 60 < angle < 100 and rng.random() < 0.3 else 1.9
    reach = radius * rng.uniform(longest - 1.2, longest, 2)
    return [ring, np.array([middle - reach[0] * along, middle + reach[1] * along])]


def tailed_zero(rng: np.random.Generator) -> list[ink.Stroke]:
    """A zero that leaves its ring at the top with a level or falling tail, outwards or across the ring."""
    width = rng.uniform(0.3, 0.5)
    turn = rng.choice([-1, 1])  # -1: begins by going to the left
    angle = np.deg2rad(-90 + rng.normal(0, 20) + turn * np.linspace(0, rng.uniform(345, 385), 36))
    ring = np.stack([width * np.cos(angle), 0.5 * np.sin(angle)], axis=1)
    end = ring[-1] + [turn * rng.uniform(0.15, 0.5), rng.uniform(-0.08, 0.15)]
    return [np.concatenate([ring, smooth(np.array([ring[-1], (ring[-1] + end) / 2 + [0, 0.02], end]))])]


def horned_zero(rng: np.random.Generator) -> list[ink.Stroke]:
    """A zero whose two ends cross at the top and stand out, by less than an eight's upper loop would."""
    width = rng.uniform(0.3, 0.5)
    crossing = rng.normal(0, 15)  # degrees from the top
    angle = np.deg2rad(np.linspace(-90 - crossing, -450 - crossing, 36))
    ring = np.stack([width * np.cos(angle), 0.5 * np.sin(angle)], axis=1)
    start, end = ring[0] + rng.uniform((0, -0.25), (0.3, 0)), ring[-1] + rng.uniform((-0.3, -0.2), (0, 0))
    return [smooth(np.concatenate([[start], ring[2:-2:4], [end]]))]


def looped_three(rng: np.random.Generator) -> list[ink.Stroke]:
    """A three that may begin with a curl, has a loop, a point or a bend at its waist, and may end across its line."""
    waist, inset = rng.uniform(0.38, 0.52), rng.uniform(-0.1, 0.2)
    curl = (
        [(rng.uniform(0.1, 0.4), rng.uniform(0.15, 0.26)), (0.04, rng.uniform(0.15, 0.24))]
        if rng.random() < 0.4
        else []
    )
    top = [*curl, (0, rng.uniform(0.05, 0.2)), (0.3, 0), (rng.uniform(0.5, 0.7), 0.2)]
    knot = [(0.35, waist), (0.25 + inset, waist + rng.uniform(0, 0.06)), (0.35, waist + 0.02)]
    belly, foot = (rng.uniform(0.5, 0.8), rng.uniform(0.65, 0.78)), (0.25, 1)
    tail = [(-0.02, 0.88), (0.1, 0.8), (rng.uniform(0.7, 1.1), rng.uniform(0.6, 0.9))]
    end = tail if rng.random() < 0.4 else [(rng.uniform(-0.2, 0.05), rng.uniform(0.8, 1.0))]
    points = np.array([*top, *knot, belly, foot, *end])
    return [smooth(points + rng.normal(0, 0.03, points.shape))]


def barred_five(rng: np.random.Generator) -> list[ink.Stroke]:
    """A five whose bar is a stroke of its own: level or rising, at the neck, above it or away from it."""
    neck = np.array([rng.uniform(0.1, 0.3), rng.uniform(0, 0.15)])
    waist = np.array([neck[0] - rng.uniform(-0.02, 0.15), rng.uniform(0.32, 0.48)])
    belly, low = (rng.uniform(0.55, 0.85), rng.uniform(0.58, 0.75)), (rng.uniform(0.3, 0.5), 1)
    end = (rng.uniform(-0.15, 0.1), rng.uniform(0.82, 1.0))
    corners = [waist] * rng.integers(1, 3)  # twice: sharp
    body = smooth(np.array([neck, *corners, beside(waist, 0.3, -rng.uniform(0, 0.1)), belly, low, end]))
    left = beside(neck, *rng.uniform((-0.05, -0.2), (0.25, 0.08)))
    right = beside(left, rng.uniform(0.35, 0.8), -rng.uniform(-0.06, 0.25))
    return [body, smooth(np.array([left, (left + right) / 2 + [0, rng.normal(0, 0.03)], right]))]


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
