"""The memory: what it changes, what it leaves alone, and that it forgets."""

import numpy as np
import pytest

from digits.recognition.labels import DIGITS
from digits.recognition.memory import Memory


def direction(degrees: float) -> np.ndarray:
    """Return a vector of length 1: the product of two is the cosine of the angle between them."""
    angle = np.deg2rad(degrees)
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


STRANGERS = np.tile(direction(-62), (200, 1))


def probabilities(**shares: float) -> np.ndarray:
    rest = (1 - sum(shares.values())) / (10 - len(shares))
    return np.array([shares.get(f"p{digit}", rest) for digit in DIGITS])


DOUBTFUL = probabilities(p7=0.6, p1=0.39)
CERTAIN = probabilities(p7=1 - 1e-6)


def answered(memory: Memory, shares: np.ndarray, vector: np.ndarray) -> str:
    """Return the likeliest label, "unchanged" where the memory has nothing to say."""
    weighed = memory.weigh(shares, vector)
    if weighed is None:
        return "unchanged"
    return max([*zip(DIGITS, weighed.probabilities, strict=True), *weighed.signs], key=lambda each: each[1])[0]


@pytest.mark.parametrize(
    ("shares", "angle", "expected"),
    [
        (DOUBTFUL, 0, "1"),
        (DOUBTFUL, 25, "1"),
        (DOUBTFUL, 60, "unchanged"),
        (CERTAIN, 0, "7"),  # one drawing does not outweigh a certain answer
        (CERTAIN, 25, "7"),
    ],
)
def test_a_doubtful_answer_is_corrected_by_a_similar_drawing(shares, angle, expected):
    memory = Memory(STRANGERS)
    memory.put("a", "1", direction(0))
    assert answered(memory, shares, direction(angle)) == expected


@pytest.mark.parametrize(("label", "expected"), [("1", "1"), ("7", "unchanged")])
def test_a_drawing_that_is_like_digits_of_another_label_counts_from_nearer(label, expected):
    strangers = np.zeros((200, 2), np.float32)
    strangers[int(label) :: 10] = direction(15)
    memory = Memory(strangers)
    memory.put("a", "1", direction(0))
    assert answered(memory, DOUBTFUL, direction(25)) == expected
    assert answered(memory, DOUBTFUL, direction(1)) == "1"


def test_several_that_are_nearly_the_same_correct_a_certain_answer():
    memory = Memory(STRANGERS)
    for name, angle in zip("abcdef", [50, 0, 50, 0, 50, 0], strict=True):
        memory.put(name, "1", direction(angle))
    assert answered(memory, CERTAIN, direction(5)) == "1"


def test_what_was_read_right_speaks_for_its_digit():
    memory = Memory(STRANGERS)
    memory.put("wrong", "1", direction(0))
    memory.put("right", "7", direction(20))
    assert answered(memory, DOUBTFUL, direction(1)) == "1"
    assert answered(memory, DOUBTFUL, direction(19)) == "7"


def test_a_sign_is_answered_once_it_is_taught():
    memory = Memory(STRANGERS)
    flat = np.full(10, 0.1)
    memory.put("a", "+", direction(0))
    assert answered(memory, flat, direction(40)) == "+"
    assert answered(memory, CERTAIN, direction(40)) == "7"
    weighed = memory.weigh(flat, direction(90))
    assert weighed is not None
    assert weighed.signs == (("+", 0.0),)
    np.testing.assert_allclose(weighed.probabilities, flat)
    memory.discard("a")
    assert memory.weigh(flat, direction(10)) is None


def test_the_answer_names_the_most_similar_drawing_of_its_label():
    memory = Memory(STRANGERS)
    for name, angle in {"far": 30, "near": 4, "other": 10}.items():
        memory.put(name, "1" if name != "other" else "7", direction(angle))
    weighed = memory.weigh(DOUBTFUL, direction(5))
    assert weighed is not None
    assert weighed.source == "near"


def test_probabilities_sum_to_1():
    memory = Memory(STRANGERS)
    memory.put("a", "+", direction(0))
    memory.put("b", "1", direction(9))
    weighed = memory.weigh(DOUBTFUL, direction(3))
    assert weighed is not None
    assert weighed.probabilities.sum() + sum(share for _, share in weighed.signs) == pytest.approx(1)


def test_it_is_the_same_whatever_was_put_and_discarded_before():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(500, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors, strangers = vectors[:300], vectors[300:]
    labels = [str(label) for label in rng.integers(0, 10, 300)]
    memory, plain = Memory(strangers), Memory(strangers)
    for place in range(300):
        memory.put(f"{place}", "heart", vectors[place])
        memory.put(f"{place}", labels[place], vectors[place])
    for place in range(0, 300, 3):
        memory.discard(f"{place}")
    kept = [place for place in range(300) if place % 3]
    plain.put_all([f"{place}" for place in kept], [labels[place] for place in kept], vectors[kept])
    assert len(memory) == len(plain) == 200
    for vector in vectors[:50]:
        one, other = memory.weigh(DOUBTFUL, vector), plain.weigh(DOUBTFUL, vector)
        assert (one is None) == (other is None)
        if one and other:
            np.testing.assert_allclose(one.probabilities, other.probabilities, rtol=1e-5)
            assert (one.source, one.signs) == (other.source, ())
    names, contents, rows = memory.contents()
    assert all(contents[i] == labels[int(name)] for i, name in enumerate(names))
    np.testing.assert_array_equal(rows, vectors[[int(name) for name in names]])
