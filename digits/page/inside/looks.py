"""What a browser asks of the network, and what it is shown: the strongest maps of every stage, and one thing in detail.

A question: {version, columns, strokes} as the pad sends it, or {version, picture} with the base64 of 784 pixels;
"digit", the place of one in a number; and "asked", at most one of
    {stage, map}        the numbers by which a map is computed, or by which the last stage's digits are voted for
    {stage}             all maps of a stage
    {x, y}              who looks at a pixel
    {question, digit}   "change", "seen" or "ink": what would change its mind, what it has seen, which ink counts
Arrays are base64: maps of uint8, 0 for none to 255 for the stage's strongest, and in a detail little-endian float32.
What comes from a browser may come from anybody, so nothing is trusted before it is checked.
"""

import base64
import binascii
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from digits.drawing import ink
from digits.drawing.pad_content import UNREADABLE, PadContent, parse
from digits.models import explanations
from digits.models.inside import change_of_mind, network, receptive_field
from digits.models.inside.network import Normalisation, Pass
from digits.page import drawing_views
from digits.page.inside import seen_digits
from digits.page.inside.viewers import AnyNetwork
from digits.recognition.classifier import Answer, percent
from digits.recognition.segmentation import read_number
from digits.system.files import UserError

MOST_MAPS = 8  # of a stage that are shown at once
MOST_SEEN = 8  # digits of the training set
CONTRAST = 0.7  # exponent of the shades, below 1 so that weak activations show
SAMPLE_OF_EACH = 4  # digits by which maps are named
QUESTIONS = ("change", "seen", "ink")


class Looked(NamedTuple):
    """What is looked at: a picture uint8 (28, 28), its strokes where known, and its place among a number's digits."""

    picture: np.ndarray
    strokes: list[ink.Stroke]
    digits: list[str]
    place: int


def answer(payload: object, model: AnyNetwork) -> dict:
    """Return what the browser is to show (see the module); {"error": ...} for a question that is none."""
    version = payload.get("version") if isinstance(payload, dict) else None
    try:
        looked = _looked_at(payload, model)
        asked = _asked(payload, model)
    except UserError as error:
        return {"version": version, "error": str(error)}
    seen = model.run(looked.picture)
    said = model.classifier.answer(seen.probabilities)
    reply = {
        "version": version,
        "picture": _base64(looked.picture),
        "digits": looked.digits,
        "place": looked.place,
        "answer": _in_words(said),
        "probabilities": [round(float(share), 5) for share in seen.probabilities],
        "stages": [_strongest(maps[0]) for maps in seen.maps[1:-1]],
    }
    if asked:
        _add_detail(reply, asked, model, seen, looked, said)
    return reply


def _add_detail(reply: dict, asked: dict, model: AnyNetwork, seen: Pass, looked: Looked, said: Answer) -> None:
    """Add what is asked for."""
    if "question" in asked:
        reply["detail"] = _ANSWERS[asked["question"]](asked, model, looked, said)
    elif "map" in asked and not model.stages:
        reply["detail"] = {"kind": "map", "after": _floats(seen.maps[asked["stage"]][0][..., asked["map"]])}
    elif "x" in asked:
        reply["detail"], reply["stages"] = _pixel(asked, model, seen, looked.picture)
    elif "map" in asked:
        reply["detail"] = _unit(asked["stage"], asked["map"], model, seen)
        _show_what_feeds(reply["stages"], asked["stage"], asked["map"], model, seen)
    else:
        reply["detail"] = _all_maps(asked["stage"], model, seen)
    reply["asked"] = asked


# What is asked


def _looked_at(payload: object, model: AnyNetwork) -> Looked:
    if isinstance(payload, dict) and isinstance(payload.get("picture"), str):
        try:
            pixels = base64.b64decode(payload["picture"], validate=True)
        except binascii.Error as error:
            raise UserError(UNREADABLE) from error
        if len(pixels) != ink.SIZE**2:
            raise UserError(UNREADABLE)
        return Looked(np.frombuffer(pixels, np.uint8).reshape(ink.SIZE, ink.SIZE), [], [], 0)
    content = parse(payload)
    if content.is_number and content.strokes:
        return _digit_of(content, payload["digit"] if isinstance(payload, dict) and "digit" in payload else None, model)
    return Looked(ink.normalize(content.strokes), content.strokes, [], 0)


def _digit_of(content: PadContent, wanted: object, model: AnyNetwork) -> Looked:
    """Return one digit of a number: the one in a place, or the least sure one."""
    readings = read_number(content.strokes, model.classifier.classify)
    if not readings:
        return Looked(ink.normalize(content.strokes), content.strokes, [], 0)
    least = min(range(len(readings)), key=lambda place: readings[place].answer.confidence)
    place = wanted if type(wanted) is int and 0 <= wanted < len(readings) else least
    strokes = [content.strokes[index] for index in readings[place].strokes]
    return Looked(ink.normalize(strokes), strokes, [reading.answer.text for reading in readings], place)


def _asked(payload: object, model: AnyNetwork) -> dict | None:
    """Return the one thing that is asked for, checked."""
    asked = payload.get("asked") if isinstance(payload, dict) else None
    if asked is None:
        return None
    if not isinstance(asked, dict):
        raise UserError(UNREADABLE)
    if "question" in asked:
        _check_within(asked, digit=10)
        if asked["question"] not in QUESTIONS:
            raise UserError(UNREADABLE)
        return {name: asked[name] for name in ("question", "digit")}
    if "x" in asked and model.stages:
        _check_within(asked, x=ink.SIZE, y=ink.SIZE)
        return {name: asked[name] for name in ("x", "y")}
    _check_within(asked, stage=len(model.shapes))
    if "map" in asked:
        _check_within(asked, map=model.shapes[asked["stage"]][2])
    return {name: asked[name] for name in ("stage", "map") if name in asked}


def _check_within(asked: dict, **most: int) -> None:
    """Raise UserError unless each of these is a whole number from 0 to below its limit."""
    for name, limit in most.items():
        if type(asked.get(name)) is not int or not 0 <= asked[name] < limit:
            raise UserError(UNREADABLE)


# What is shown


def _in_words(said: Answer) -> dict:
    """Return the answer as it is said."""
    return {
        "text": said.text if said.is_sure else said.doubt.capitalize(),
        "is_sure": said.is_sure,
        "digit": said.digit,
        "share": percent(said.confidence),
        "bars": [percent(share) for share in said.probabilities],
    }


def _strongest(maps: np.ndarray, strength: np.ndarray | None = None, first: int | None = None) -> dict:
    """Return the maps (h, w, maps) of the greatest strength, by default those that ink moves most.

    first: a map that is among them in any case.
    """
    flat = maps.reshape(-1, maps.shape[2])
    strength = _above_paper(flat) if strength is None else strength
    if first is not None:
        strength = np.where(np.arange(len(strength)) == first, np.inf, strength)
    order = np.argsort(-strength, kind="stable")[:MOST_MAPS]
    most = float(flat.max())
    return {"maps": [[int(index), _base64(_shades(maps[..., index], most))] for index in order], "most": round(most, 4)}


def _above_paper(flat: np.ndarray) -> np.ndarray:
    """Return how far each map (places, maps) rises above what it makes of paper: its median, as most is paper."""
    return flat.max(axis=0) - np.median(flat, axis=0) if len(flat) > 1 else flat[0]


def _shades(values: np.ndarray, most: float) -> np.ndarray:
    return np.round(255 * np.clip(values / max(most, 1e-9), 0, 1) ** CONTRAST).astype(np.uint8)


def _unit(place: int, index: int, model: AnyNetwork, seen: Pass) -> dict:
    """Return the numbers of one map of a stage; place 0 is the picture, which has none."""
    if place == 0:
        return {"kind": "input"}
    stage = model.stages[place - 1]
    before, after = seen.maps[place - 1][0], seen.maps[place][0]
    if place == len(model.stages):
        return {"kind": "vote", "digit": index, **_votes(model, seen)}
    detail = {
        "kind": stage.kind,
        "after": _floats(after[..., index]),
        "steps": [_step(step, index) for step in stage.steps],
    }
    if stage.kernel is None:
        return {**detail, "before": _floats(before[..., index]), "size": stage.size}
    bias = 0.0 if stage.bias is None else float(stage.bias[index])
    if stage.kind == "dense":
        return {**detail, "contributions": network.inputs(stage, before, after, index).tolist(), "bias": bias}
    kernel = stage.kernel[..., index]
    padding = (kernel.shape[0] - 1) // 2 if stage.is_padded else 0
    return {
        **detail,
        "before": _floats(before),
        "kernel": _floats(kernel),
        "side": kernel.shape[0],
        "padding": padding,
    } | {"bias": None if stage.bias is None else bias}


def _show_what_feeds(stages: list[dict], place: int, index: int, model: AnyNetwork, seen: Pass) -> None:
    """Have one map among those of its stage that are shown, and before it the maps that it looks at most."""
    stage, before, after = model.stages[place - 1], seen.maps[place - 1][0], seen.maps[place][0]
    if place > 1 and stage.kernel is None:
        stages[place - 2] = _strongest(before, first=index)  # the only one
    elif place > 1:
        stages[place - 2] = _strongest(before, np.abs(network.inputs(stage, before, after, index)))
    if 0 < place < len(model.stages):
        stages[place - 1] = _strongest(after, first=index)


def _step(step: object, index: int) -> dict:
    """Return a step after the sum, of one map: its numbers, or nothing but its name."""
    if not isinstance(step, Normalisation):
        return {"kind": "relu"}
    numbers = {name: float(getattr(step, name)[index]) for name in ("mean", "variance", "gamma", "beta")}
    return {"kind": "normalisation", **numbers, "epsilon": step.epsilon}


def _votes(model: AnyNetwork, seen: Pass) -> dict:
    assert isinstance(model, network.Network)
    by_map, bias = network.votes(model, seen)
    return {
        "votes": _floats(by_map),
        "maps": len(by_map),
        "bias": bias.astype(float).tolist(),
        "logits": seen.logits.astype(float).tolist(),
        "temperature": model.temperature,
    }


def _all_maps(place: int, model: AnyNetwork, seen: Pass) -> dict:
    """Return all maps of a stage, and for which digits each is strongest."""
    maps = seen.maps[place][0]
    most = float(maps.max())
    pictures = [_base64(_shades(maps[..., index], most)) for index in range(maps.shape[2])]
    favourites = _favourites(model)[place].tolist() if model.stages else []
    return {"kind": "all", "maps": pictures, "favourites": favourites}


@lru_cache(maxsize=4)
def _favourites(model: AnyNetwork) -> list[np.ndarray]:
    """Return the two digits that move each map of every stage most, int (maps, 2), by digits of the training set."""
    strengths = []  # of each digit, of every stage's maps
    for pictures in seen_digits.by_digit(SAMPLE_OF_EACH):
        passes = [model.run(picture).maps for picture in pictures]
        strengths.append([np.mean([_strength(maps) for maps in stage], axis=0) for stage in zip(*passes, strict=True)])
    return [np.argsort(-np.array(stage).T, axis=1, kind="stable")[:, :2] for stage in zip(*strengths, strict=True)]


def _strength(maps: np.ndarray) -> np.ndarray:
    return maps.reshape(-1, maps.shape[-1]).mean(axis=0)


def _pixel(asked: dict, model: AnyNetwork, seen: Pass, picture: np.ndarray) -> tuple[dict, list[dict]]:
    """Return which units look at a pixel, and the maps of each stage that react most there."""
    x, y = asked["x"], asked["y"]
    regions = receptive_field.regions(model.stages, model.shapes, x, y)
    stages = []
    for maps, region in zip(seen.maps[1:-1], regions[1:], strict=False):
        strength = maps[0][region.slices].max(axis=(0, 1))
        stages.append(_strongest(maps[0], strength) | {"there": round(float(strength.max()), 2)})
    value = round(float(picture[y, x]) / 255, 2)
    return {"kind": "pixel", "x": x, "y": y, "value": value, "regions": [list(region) for region in regions]}, stages


# The questions


def _change(asked: dict, model: AnyNetwork, looked: Looked, said: Answer) -> dict:
    drawing: change_of_mind.Drawing
    if looked.strokes:
        drawing = change_of_mind.StrokeDrawing(looked.strokes)
    else:
        drawing = change_of_mind.PictureDrawing(looked.picture)
    found = change_of_mind.find(drawing, model.classifier.classify, said) if looked.picture.any() else []
    changes = [
        {
            "kind": change.kind,
            "points": change.points.round(2).tolist(),
            "radius": round(change.radius, 2),
            "percent": max(1, round(100 * change.length)),
            "picture": _url(change.picture),
            "answer": _in_words(change.answer),
        }
        for change in found
    ]
    strokes = [np.round(stroke, 2).tolist() for stroke in looked.strokes]
    return {"kind": "change", "changes": changes, "strokes": strokes, "digit": said.digit}


def _seen(asked: dict, model: AnyNetwork, looked: Looked, said: Answer) -> dict:
    found = seen_digits.nearest(model.classifier, looked.picture, MOST_SEEN)
    digits = [{"picture": _url(each.picture), "label": each.label, "similarity": each.similarity} for each in found]
    return {"kind": "seen", "digits": digits}


def _ink(asked: dict, model: AnyNetwork, looked: Looked, said: Answer) -> dict:
    values = explanations.occlusion(model.classifier.classify, looked.picture)
    heat = explanations.heatmap(values[asked["digit"]], looked.picture, float(np.abs(values).max()) or None)
    return {"kind": "ink", "digit": asked["digit"], "picture": _url(heat)}


_ANSWERS = {"change": _change, "seen": _seen, "ink": _ink}


def _base64(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode()


def _floats(values: np.ndarray) -> str:
    return _base64(values.astype("<f4"))


def _url(picture: np.ndarray) -> str:
    return drawing_views.data_url(drawing_views.png(picture))
