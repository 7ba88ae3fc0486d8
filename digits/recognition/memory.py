"""The memory: remembered drawings correct the network's answers to drawings that are like them.

Each label's logarithm of probability grows by what the remembered drawings of that label say: nothing, until one is
much more alike than strangers' digits of other labels are to it; at most WEIGHT, from one that is the same. So a
doubtful answer is corrected by a drawing that is similar, a confident one only by several that are nearly the same,
and the answers to everything else stay as they are. Remembered drawings that were read right speak for their digit in
the same way.

The numbers were chosen on pen digits of two countries, those that serve both (`python -m benchmarks.learned_hand`).
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from digits.recognition.labels import DIGITS

BY_CHANCE = 10  # the stranger of another label, in order of similarity, that is like a drawing by chance alone
NEAR = 0.2  # of the way from that one's similarity to sameness: where a drawing begins to count
NEAREST = 0.99  # at most: to some models all digits are much the same
WEIGHT = 12.0  # in natural logarithms, of a drawing that is the same
OF_NEXT = (1.0, 0.7, 0.5)  # weights of the most similar drawing of a label, the second and the third
UNTAUGHT = -6.0  # natural logarithm of the probability of a sign before a similar one speaks for it


class Weighed(NamedTuple):
    """Probabilities of the ten digits, float64 (10,), and of each sign that was taught, and who decided.

    source: the name of the most similar remembered drawing of the likeliest label; None where nothing similar has it.
    """

    probabilities: np.ndarray
    signs: tuple[tuple[str, float], ...]
    source: str | None


class Memory:
    """Remembered drawings by name: a label and a vector float32 of length 1 for each.

    strangers: vectors float32 (n, d) of digits 0 to 9 in turn (`FeatureReader.strangers`).
    """

    def __init__(self, strangers: np.ndarray):
        self.strangers = strangers
        self._vectors = np.empty((0, strangers.shape[1]), np.float32)  # with room for more
        self._codes = np.empty(0, np.intp)  # of each label: its place in `_labels`
        self._near = np.empty(0, np.float32)  # the similarity from which each drawing counts
        self._names: list[str] = []
        self._places: dict[str, int] = {}
        self._labels = list(DIGITS)
        self._counts: Counter[int] = Counter()  # drawings of each code

    def __len__(self) -> int:
        return len(self._names)

    def put(self, name: str, label: str, vector: np.ndarray) -> None:
        """Remember a drawing, in place of the one of that name if there is one."""
        place = self._places.setdefault(name, len(self._names))
        if place == len(self._names):
            self._names.append(name)
            self._make_room()
        else:
            self._counts[int(self._codes[place])] -= 1
        self._vectors[place], self._codes[place] = vector, self._code(label)
        self._near[place] = self._near_to(self._codes[place : place + 1], vector[None])[0]
        self._counts[int(self._codes[place])] += 1

    def put_all(self, names: Sequence[str], labels: Sequence[str], vectors: np.ndarray) -> None:
        """Remember many drawings, vectors float32 (n, d), in place of all that there were."""
        self._names, self._places = list(names), {name: place for place, name in enumerate(names)}
        self._vectors = np.array(vectors, np.float32)
        self._codes = np.array([self._code(label) for label in labels], np.intp)
        self._near = self._near_to(self._codes, self._vectors)
        self._counts = Counter(self._codes.tolist())

    def contents(self) -> tuple[list[str], list[str], np.ndarray]:
        """Return the names, labels and vectors float32 (n, d) of all remembered drawings."""
        count = len(self._names)
        labels = [self._labels[code] for code in self._codes[:count].tolist()]
        return list(self._names), labels, self._vectors[:count]

    def discard(self, name: str) -> None:
        """Forget a drawing."""
        place = self._places.pop(name)
        self._counts[int(self._codes[place])] -= 1
        last = self._names.pop()
        if last != name:
            end = len(self._names)
            self._names[place], self._places[last] = last, place
            for rows in (self._vectors, self._codes, self._near):
                rows[place] = rows[end]

    def weigh(self, probabilities: np.ndarray, vector: np.ndarray) -> Weighed | None:
        """Return the probabilities with what is remembered; None where nothing remembered is similar.

        probabilities: calibrated, float64 (10,). vector: float32 (d,).
        """
        count = len(self._names)
        similarities = self._vectors[:count] @ vector if count else np.empty(0, np.float32)
        near = np.flatnonzero(similarities > self._near[:count])
        signs = [code for code in range(len(DIGITS), len(self._labels)) if self._counts[code]]
        if not len(near) and not signs:
            return None
        scores = np.full(len(self._labels), -np.inf)
        scores[: len(DIGITS)] = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
        codes, least = self._codes[near], self._near[near]
        strengths = WEIGHT * (similarities[near] - least) / (1 - least)
        for code in np.unique(codes):
            strongest = np.sort(strengths[codes == code])[::-1][: len(OF_NEXT)]
            scores[code] = max(scores[code], UNTAUGHT) if code >= len(DIGITS) else scores[code]
            scores[code] += strongest @ OF_NEXT[: len(strongest)]
        return self._weighed(scores, signs, near, similarities)

    def _weighed(self, scores: np.ndarray, signs: list[int], near: np.ndarray, similarities: np.ndarray) -> Weighed:
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        deciding = near[self._codes[near] == shares.argmax()]
        source = self._names[deciding[similarities[deciding].argmax()]] if len(deciding) else None
        taught = sorted((self._labels[code], float(shares[code])) for code in signs)
        return Weighed(shares[: len(DIGITS)], tuple(taught), source)

    def _near_to(self, codes: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Return the similarities from which drawings count: codes (n,), vectors (n, d) -> float32 (n,)."""
        similarities = vectors @ self.strangers.T
        similarities[codes[:, None] == np.arange(len(self.strangers)) % len(DIGITS)] = -1
        chance = np.partition(similarities, -BY_CHANCE, axis=1)[:, -BY_CHANCE]
        return np.minimum(chance + NEAR * (1 - chance), NEAREST)

    def _code(self, label: str) -> int:
        if label not in self._labels:
            self._labels.append(label)
        return self._labels.index(label)

    def _make_room(self) -> None:
        count = len(self._names)
        if count > len(self._vectors):
            more = max(64, count)
            self._vectors = np.pad(self._vectors, [(0, more), (0, 0)])
            self._codes, self._near = (np.pad(rows, (0, more)) for rows in (self._codes, self._near))
