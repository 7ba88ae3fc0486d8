"""What a browser is shown of the network: the numbers are the network's own, and nothing that is sent is trusted."""

import base64
from functools import partial

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.drawing.pad_content import UNREADABLE
from digits.models import loading
from digits.models.inside import network
from digits.models.inside.network import Normalisation
from digits.models.inside.other_network import OtherNetwork
from digits.page.inside import looks, words

STROKES = [(np.asarray(stroke) + 3).tolist() for stroke in template_digits.strokes(4)]
FOUR = {"version": 7, "columns": 28, "strokes": STROKES}
BLANK = {"version": 1, "picture": base64.b64encode(bytes(784)).decode()}
CONVOLUTION, POOLING, VOTE = 3, 4, 12  # places of stages


@pytest.fixture(scope="module")
def model():
    return network.load(loading.SHIPPED, loading.load())


@pytest.fixture(scope="module")
def other():
    return OtherNetwork(loading.load())


def asked(**what):
    return {**FOUR, "asked": what}


def floats(text, *shape):
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(shape)


def maps_of(strongest):
    return [index for index, _ in strongest["maps"]]


def test_every_stage_shows_its_strongest_maps_and_the_last_the_answer(model):
    reply = looks.answer(FOUR, model)
    assert (reply["version"], reply["answer"]["text"], reply["answer"]["is_sure"]) == (7, "4", True)
    assert len(reply["stages"]) == len(words.stages(model)) - 2
    seen = model.run(np.frombuffer(base64.b64decode(reply["picture"]), np.uint8).reshape(28, 28))
    for strongest, maps in zip(reply["stages"], seen.maps[1:-1], strict=True):
        assert len(set(maps_of(strongest))) == 8
        index, pixels = strongest["maps"][0]
        shades = np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(maps.shape[1:3])
        np.testing.assert_allclose(shades / 255, (maps[0, ..., index] / maps.max()) ** looks.CONTRAST, atol=0.003)


def test_the_numbers_of_a_map_add_up_to_it(model):
    detail = looks.answer(asked(stage=CONVOLUTION, map=5), model)["detail"]
    height, width, count = model.shapes[CONVOLUTION - 1]
    before, after = floats(detail["before"], height, width, count), floats(detail["after"], 28, 28)
    kernel = floats(detail["kernel"], detail["side"], detail["side"], count)
    padded = np.pad(before, ((detail["padding"],) * 2,) * 2 + ((0, 0),))
    normalisation, rectified = detail["steps"]
    assert rectified == {"kind": "relu"}
    numbers = [normalisation[name] for name in ("mean", "variance", "gamma", "beta")]
    for row, column in ((0, 0), (12, 9), (27, 27)):
        total = (padded[row : row + 3, column : column + 3] * kernel).sum()
        value = Normalisation(*map(np.array, numbers), epsilon=normalisation["epsilon"])(total)
        assert after[row, column] == pytest.approx(max(0, float(value)), abs=1e-4)


def test_the_stage_before_shows_the_maps_that_a_map_looks_at_most(model):
    index = 31 - maps_of(looks.answer(FOUR, model)["stages"][CONVOLUTION - 1])[0]
    reply = looks.answer(asked(stage=CONVOLUTION, map=index), model)
    detail, (height, width, count) = reply["detail"], model.shapes[CONVOLUTION - 1]
    y, x = np.unravel_index(floats(detail["after"], height, width).argmax(), (height, width))
    padded = np.pad(floats(detail["before"], height, width, count), ((1, 1), (1, 1), (0, 0)))
    added = (padded[y : y + 3, x : x + 3] * floats(detail["kernel"], 3, 3, count)).sum(axis=(0, 1))
    assert maps_of(reply["stages"][CONVOLUTION - 2]) == np.abs(added).argsort()[::-1][:8].tolist()
    assert maps_of(reply["stages"][CONVOLUTION - 1])[0] == index
    pooled = looks.answer(asked(stage=POOLING, map=index), model)["stages"]
    assert [maps_of(stage)[0] for stage in pooled[POOLING - 2 : POOLING]] == [index, index]
    votes = looks.answer(asked(stage=VOTE, map=4), model)
    strength = np.abs(floats(votes["detail"]["votes"], votes["detail"]["maps"], 10)[:, 4])
    assert maps_of(votes["stages"][-1]) == strength.argsort()[::-1][:8].tolist()


def test_a_pooled_map_shows_the_map_before_it(model):
    detail = looks.answer(asked(stage=POOLING, map=2), model)["detail"]
    before, after = floats(detail["before"], 28, 28), floats(detail["after"], 14, 14)
    np.testing.assert_array_equal(before.reshape(14, 2, 14, 2).max(axis=(1, 3)), after)


def test_the_votes_of_the_last_stage_add_up(model):
    detail = looks.answer(asked(stage=VOTE, map=4), model)["detail"]
    votes = floats(detail["votes"], detail["maps"], 10)
    np.testing.assert_allclose(votes.sum(axis=0) + detail["bias"], detail["logits"], atol=1e-3)
    assert detail["temperature"] == model.temperature


def test_all_maps_of_a_stage_come_with_the_digits_that_move_them(model):
    detail = looks.answer(asked(stage=VOTE - 1), model)["detail"]
    assert len(detail["maps"]) == len(detail["favourites"]) == model.shapes[VOTE - 1][2]
    assert all(len(set(two)) == 2 and set(two) <= set(range(10)) for two in detail["favourites"])


def test_a_pixel_is_shown_with_those_who_react_most_there(model):
    everywhere, there = (looks.answer(question, model) for question in (FOUR, asked(x=12, y=9)))
    assert there["detail"]["regions"][:3] == [[12, 9, 12, 9], [11, 8, 13, 10], [10, 7, 14, 11]]
    assert maps_of(there["stages"][0]) != maps_of(everywhere["stages"][0])
    picture = np.frombuffer(base64.b64decode(there["picture"]), np.uint8).reshape(28, 28)
    first = model.run(picture).maps[1][0, 8:11, 11:14]
    assert maps_of(there["stages"][0])[0] == first.max(axis=(0, 1)).argmax()


@pytest.mark.parametrize("shown", [FOUR, BLANK])
def test_the_questions_are_answered_for_ink_and_for_paper(model, shown):
    ask = partial(looks.answer, model=model)
    change, seen, ink = (ask({**shown, "asked": {"question": each, "digit": 4}})["detail"] for each in looks.QUESTIONS)
    assert bool(change["changes"]) == ("strokes" in shown)
    assert all(each["answer"]["digit"] != change["digit"] for each in change["changes"])
    assert len(seen["digits"]) == looks.MOST_SEEN
    assert ink["picture"].startswith("data:image/png")
    if "strokes" in shown:
        assert [each["label"] for each in seen["digits"]].count(4) > looks.MOST_SEEN / 2


def test_one_digit_of_a_number_is_looked_at(model):
    shifted = [[[x + 40, y] for x, y in stroke] for stroke in STROKES]
    number = {"version": 1, "columns": 84, "strokes": [*STROKES, *shifted]}
    for place in (0, 1):
        reply = looks.answer({**number, "digit": place}, model)
        assert (reply["digits"], reply["place"], reply["answer"]["text"]) == (["4", "4"], place, "4")
    assert looks.answer({**number, "digit": "x"}, model)["digits"] == ["4", "4"]


def test_a_network_of_another_structure_shows_maps_without_arithmetic(other):
    told = words.stages(other)
    reply = looks.answer(asked(stage=1, map=3), other)
    assert reply["detail"]["kind"] == "map"
    assert len(reply["stages"]) == len(told) - 2
    assert told[1]["name"] == "Convolution 1"
    assert looks.answer(asked(stage=1), other)["detail"]["favourites"] == []
    assert looks.answer(asked(x=1, y=1), other)["error"] == UNREADABLE


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        {"version": 1},
        {**FOUR, "strokes": [[[1, 2, 3]]]},
        {**BLANK, "picture": "not base64!"},
        {**BLANK, "picture": base64.b64encode(bytes(783)).decode()},
        {**FOUR, "asked": 3},
        asked(stage=13),
        asked(stage=-1, map=0),
        asked(stage=True),
        asked(stage=3, map=32),
        asked(stage=3, map=1.0),
        asked(x=28, y=0),
        asked(x=0),
        asked(question="why", digit=1),
        asked(question=[], digit=1),
        asked(question="ink", digit=10),
        asked(question="ink"),
    ],
)
def test_what_is_no_question_gets_a_sentence(model, payload):
    assert looks.answer(payload, model)["error"] == UNREADABLE


def test_every_term_in_a_sentence_is_explained_and_every_stage_has_one(model, other):
    known = {term.lower() for term in words.GLOSSARY}
    for stage in [*words.stages(model), *words.stages(other)]:
        terms = [piece.split("]")[0].lower() for piece in stage["sentence"].split("[")[1:]]
        assert set(terms) <= known
        assert stage["sentence"].endswith(".")
    assert [stage["kind"] for stage in words.stages(model)].count("convolution") == 9
