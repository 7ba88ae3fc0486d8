"""What remembered drawings do to the answers: for their writer, for others, for signs, and how long they take.

    python -m benchmarks.recognition.learned_hand --strokes FILE.npz [--seed 0] [--model M.h5] [--trained 2]

Every recorded digit is drawn on the window's canvas, anywhere and in any size, and answered writer by writer in the
order written. Whatever a writer's hand answers wrong is corrected, and so remembered from the next digit on:
    again_before, again_after    mistakes that their writer had met before: the same digit, read as the same other one
    right_before, right_after    shares of right answers, suspect digits included
    mended, broken               digits that are right, or wrong, with the memory alone
before: the network alone. `every_digit` remembers the right ones too; `others` are digits of other writers, answered
with each writer's corrections; `after_five` remembers five of each digit per writer and answers the rest. For as many
writers as --trained says, chosen at random, `after_training` trains the model further on the same five (`handwriting.py
--start`, a minute each). `signs` are taught with five drawings each. `time` is what an answer takes more than the
network's, in milliseconds. `benchmarks/support/pen_strokes.py` describes the file.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as window and page have it

import numpy as np

from benchmarks.recognition import sign_templates, signs
from benchmarks.support import measures, on_canvas, pen_strokes
from benchmarks.support.harness import report
from digits.drawing import ink
from digits.models import loading
from digits.models.keras_allowlist import check_container
from digits.recognition import collection
from digits.recognition.classifier import Answer, Classifier
from digits.recognition.features import FeatureReader, Seen, reader_of
from digits.recognition.hand import Hand, combined
from digits.recognition.labels import DIGITS
from digits.recognition.memory import Memory
from digits.recognition.records import DigitRecord
from digits.recognition.stores import FolderStore
from digits.system.paths import ROOT

OTHERS = 500  # digits of other writers that are answered with the corrections of one
FIVE, LEAST_OF_EACH = 5, 12  # drawings of each digit that are remembered; that a writer must have
SIGNS = {
    "+": sign_templates.SYMBOLS["+"],
    "x": sign_templates.LETTERS["X"],
    "A": sign_templates.LETTERS["A"],
    "heart": sign_templates.SYMBOLS["heart"],
    "star": sign_templates.SYMBOLS["star"],
}
TAUGHT, ASKED = 5, 50  # drawings of each sign
SIZES = (1_000, 10_000)  # remembered drawings
TIMED = 300  # answers


class Digits(NamedTuple):
    """Pen digits in the order written: pictures uint8 (n, 28, 28), labels and writers (n,), what each looks like."""

    pictures: np.ndarray
    labels: np.ndarray
    writers: np.ndarray
    seen: list[Seen]
    alone: list[Answer]

    def of_writers(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield each writer and the places of their digits."""
        for writer in np.unique(self.writers):
            yield str(writer), np.flatnonzero(self.writers == writer)


class Judge:
    """Answers digits with a memory, as a hand does."""

    def __init__(self, digits: Digits, strangers: np.ndarray, least_odds: float):
        self.digits = digits
        self._strangers = strangers
        self._least_odds = least_odds

    def memory(self, places: np.ndarray | list[int] = ()) -> Memory:  # pyright: ignore[reportArgumentType]
        """Return a memory of some digits."""
        made = Memory(self._strangers)
        for place in places:
            self.remember(made, int(place))
        return made

    def remember(self, memory: Memory, place: int) -> None:
        """Add a digit to a memory."""
        memory.put(str(place), str(self.digits.labels[place]), self.digits.seen[place].vector)

    def answer(self, memory: Memory, place: int) -> Answer:
        """Return the answer to a digit."""
        alone, weighed = self.digits.alone[place], memory.weigh(*self.digits.seen[place])
        return alone if weighed is None else combined(alone, weighed, self._least_odds)


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="learned_hand", description="Measure what remembered drawings change.")
    parser.add_argument("--strokes", type=Path, required=True, metavar="FILE.npz", help="recorded pen strokes")
    parser.add_argument("--seed", type=int, default=0, help="of the places and the signs (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    trained_help = "writers for whom the model is trained further (default: %(default)s)"
    parser.add_argument("--trained", type=int, default=2, metavar="N", help=trained_help)
    arguments = parser.parse_args(argv)
    return report("learned_hand", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures."""
    check_container(arguments.model)
    strokes = pen_strokes.read(arguments.strokes, in_order=True)
    classifier = loading.load(arguments.model)
    reader = reader_of(classifier)
    rng = np.random.default_rng(arguments.seed)
    digits = look(strokes, classifier, reader, rng)
    judge = Judge(digits, reader.strangers, classifier.least_odds)
    corrected, corrections = in_order(judge, everything=False)
    everything, _ = in_order(judge, everything=True)
    figures = {
        **corrected,
        "every_digit": everything,
        "others": others(judge, corrections, rng),
        "after_five": after_five(judge),
        "signs": taught_signs(judge, reader, classifier, rng),
        **timed(classifier, strokes, digits),
    }
    if arguments.trained > 0:
        figures["after_training"] = after_training(arguments.model, classifier, strokes, digits, arguments.trained, rng)
    return {"seed": arguments.seed, "digits": len(digits.labels), **figures, "goals": goals(figures)}


def look(
    strokes: pen_strokes.PenDigits, classifier: Classifier, reader: FeatureReader, rng: np.random.Generator
) -> Digits:
    """Return the digits as they are seen when they are drawn on the canvas."""
    placed = [pen_strokes.place(digit, on_canvas.SIDE, "anywhere", rng) for digit in strokes.digits]
    drawn = [on_canvas.draw(digit).picture() for digit in placed]
    seen = [reader(picture) for picture in drawn]
    alone = [classifier.answer(each.probabilities) for each in seen]
    return Digits(np.array(drawn), strokes.labels, strokes.writers, seen, alone)


def in_order(judge: Judge, everything: bool) -> tuple[dict, dict[str, list[int]]]:
    """Return the figures of digits answered in order, and the places that each writer's hand remembers at the end.

    everything: right digits are remembered too.
    """
    digits = judge.digits
    answers, remembered = list(digits.alone), {}
    for writer, places in digits.of_writers():
        memory, kept = judge.memory(), []
        for place in places.tolist():
            answers[place] = judge.answer(memory, place)
            if everything or answers[place].text != str(digits.labels[place]):
                judge.remember(memory, place)
                kept.append(place)
        remembered[writer] = kept
    return compared(digits, answers), remembered


def compared(digits: Digits, answers: list[Answer]) -> dict:
    """Return what the answers do better and worse than the network alone, and how honest their confidence is."""
    before, after = (right(digits, given) for given in (digits.alone, answers))
    confidences = np.array([answer.confidence for answer in answers])
    return {
        "again_before": again(digits, digits.alone),
        "again_after": again(digits, answers),
        "right_before": share(before),
        "right_after": share(after),
        "mended": int((after & ~before).sum()),
        "broken": int((before & ~after).sum()),
        "calibration_error": round(measures.expected_calibration_error(confidences, after), 4),
        "not_sure": share(np.array([not answer.is_sure for answer in answers])),
    }


def right(digits: Digits, answers: list[Answer]) -> np.ndarray:
    """Return which answers are right, bool (n,)."""
    return np.array([answer.text for answer in answers]) == digits.labels.astype(str)


def again(digits: Digits, answers: list[Answer]) -> int:
    """Return how many mistakes their writer had met before."""
    wrong = np.flatnonzero(~right(digits, answers)).tolist()
    kinds = Counter((digits.writers[place], digits.labels[place], answers[place].text) for place in wrong)
    return sum(count - 1 for count in kinds.values())


def others(judge: Judge, corrections: dict[str, list[int]], rng: np.random.Generator) -> dict:
    """Return how many answers to other writers' digits the corrections of one change."""
    digits, changed = judge.digits, []
    for writer, kept in corrections.items():
        if kept:
            memory, theirs = judge.memory(kept), np.flatnonzero(digits.writers != writer)
            for place in rng.choice(theirs, min(OTHERS, len(theirs)), replace=False).tolist():
                before, after, true = digits.alone[place].text, judge.answer(memory, place).text, digits.labels[place]
                changed.append((before != after, after == str(true) != before, before == str(true) != after))
    counts = np.array(changed, bool).reshape(-1, 3)
    mended, broken = counts[:, 1:].sum(axis=0).tolist()
    return {"answers": len(counts), "changed": share(counts[:, 0], 5), "mended": mended, "broken": broken}


def after_five(judge: Judge) -> dict:
    """Return the error on a writer's other digits when five of each are remembered, over writers who have enough."""
    digits, before, after = judge.digits, [], []
    divided = divided_writers(digits)
    for remembered, rest in divided:
        memory = judge.memory(remembered)
        before += wrong(digits, rest, [digits.alone[place] for place in rest])
        after += wrong(digits, rest, [judge.answer(memory, place) for place in rest])
    return errors(len(divided), before, after)


def after_training(
    model: Path,
    classifier: Classifier,
    strokes: pen_strokes.PenDigits,
    digits: Digits,
    num_writers: int,
    rng: np.random.Generator,
) -> dict:
    """Return the same as `after_five` for a model trained further on the five of each digit, for some writers."""
    divided, before, after, kept = divided_writers(digits), [], [], 0
    chosen = rng.permutation(len(divided))[:num_writers].tolist()
    for learned, rest in (divided[place] for place in chosen):
        with TemporaryDirectory() as folder:
            write_collection(Path(folder, "mine"), strokes, digits, learned)
            options = ["--start", str(model), "--collection", str(Path(folder, "mine"))]
            command = [sys.executable, str(ROOT / "handwriting.py"), str(Path(folder, "mine.h5")), *options]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            is_kept = Path(folder, "mine.h5").exists()
            trained = loading.load(Path(folder, "mine.h5")) if is_kept else classifier
        kept += is_kept
        before += wrong(digits, rest, [digits.alone[place] for place in rest])
        after += wrong(digits, rest, [trained.classify(digits.pictures[place]) for place in rest])
    return {**errors(len(chosen), before, after), "models_kept": kept}


def divided_writers(digits: Digits) -> list[tuple[list[int], list[int]]]:
    """Return the places of the first five of each digit, and of the others, of writers who have enough."""
    divided = []
    for _, places in digits.of_writers():
        of_each = [places[digits.labels[places] == digit] for digit in range(10)]
        if min(map(len, of_each)) >= LEAST_OF_EACH:
            first, rest = ([each[:FIVE] for each in of_each], [each[FIVE:] for each in of_each])
            divided.append((np.concatenate(first).tolist(), np.concatenate(rest).tolist()))
    return divided


def wrong(digits: Digits, places: list[int], answers: list[Answer]) -> list[bool]:
    """Return which answers to some digits are wrong."""
    return [answer.text != str(digits.labels[place]) for place, answer in zip(places, answers, strict=True)]


def errors(num_writers: int, before: list[bool], after: list[bool]) -> dict:
    """Return the shares of wrong answers."""
    shares = {"error_before": share(np.array(before), 5), "error_after": share(np.array(after), 5)}
    return {"writers": num_writers, "digits": len(before), **shares}


def taught_signs(judge: Judge, reader: FeatureReader, classifier: Classifier, rng: np.random.Generator) -> dict:
    """Return how often taught signs are answered, and how many answers to digits change."""
    memory, asked = judge.memory(), []
    for label, template in SIGNS.items():
        drawn = [ink.normalize(signs.drawn(template, rng)) for _ in range(TAUGHT + ASKED)]
        seen = [reader(picture) for picture in drawn]
        for place, each in enumerate(seen[:TAUGHT]):
            memory.put(f"{label} {place}", label, each.vector)
        asked += [(label, each) for each in seen[TAUGHT:]]
    texts = []
    for _, each in asked:
        alone, weighed = classifier.answer(each.probabilities), memory.weigh(*each)
        texts.append(alone.text if weighed is None else combined(alone, weighed, classifier.least_odds).text)
    found = np.array([text == label for text, (label, _) in zip(texts, asked, strict=True)]).reshape(len(SIGNS), -1)
    places = range(len(judge.digits.labels))
    changed = np.array([judge.answer(memory, place).text != judge.digits.alone[place].text for place in places])
    per_sign = dict(zip(SIGNS, map(share, found), strict=True))
    return {"right": share(found), "right_per_sign": per_sign, "digits_changed": share(changed, 5)}


def timed(classifier: Classifier, strokes: pen_strokes.PenDigits, digits: Digits) -> dict:
    """Return what an answer takes more with many remembered drawings, and how long the most take to open."""
    added, opened = {}, 0.0
    for size in SIZES:
        with TemporaryDirectory() as folder:
            write_collection(Path(folder, "mine"), strokes, digits, np.resize(range(len(digits.labels)), size).tolist())
            store, cache = FolderStore(Path(folder, "mine")), Path(folder, "cache.npz")
            Hand(classifier, store, cache)
            began = time.perf_counter()
            hand = Hand(classifier, store, cache)
            opened = time.perf_counter() - began
            added[str(size)] = round(added_milliseconds(classifier, hand, digits.pictures[:TIMED]), 3)
    return {"time": added, "seconds_to_open": round(opened, 3)}


def write_collection(folder: Path, strokes: pen_strokes.PenDigits, digits: Digits, places: list[int]) -> None:
    """Write digits as drawings with their labels."""
    folder.mkdir()
    for number, place in enumerate(places):
        drawn = pen_strokes.fit(strokes.digits[place], on_canvas.SIDE, 0.7, 0.5)
        cells = [(stroke + 0.5) / on_canvas.CELL for stroke in drawn]
        record = DigitRecord(1e9 + number, digits.alone[place], cells, DIGITS[digits.labels[place]])
        (folder / collection.new_name(record.time)).write_text(json.dumps(record.to_json()))


def added_milliseconds(classifier: Classifier, hand: Hand, pictures: np.ndarray) -> float:
    """Return by how much the median answer of a hand is later than the classifier's."""
    seconds = np.zeros((len(pictures), 2))
    for row, picture in enumerate(pictures):
        for column, classify in enumerate((classifier.classify, hand.classify)):
            began = time.perf_counter()
            classify(picture)
            seconds[row, column] = time.perf_counter() - began
    alone, taught = np.median(seconds, axis=0)
    return float(1000 * (taught - alone))


def goals(figures: dict) -> dict:
    """Return the figures that have a goal, beside it."""
    mended, broken = figures["mended"], figures["broken"]
    five, signs_taught, milliseconds = figures["after_five"], figures["signs"], figures["time"]
    return {
        "again": measures.at_most(figures["again_after"] / max(figures["again_before"], 1), round(2 / 11, 4)),
        "mended_to_broken": measures.at_least(mended / max(broken, 1), 5),
        "right": measures.at_least(figures["right_after"], 0.9945),
        "right_every_digit": measures.at_least(figures["every_digit"]["right_after"], 0.996),
        "others_changed": measures.at_most(figures["others"]["changed"], 0.001),
        "error_after_five": measures.at_most(five["error_after"] / max(five["error_before"], 1e-9), 0.5),
        "signs": measures.at_least(signs_taught["right"], 0.95),
        "signs_digits_changed": measures.at_most(signs_taught["digits_changed"], 0.001),
        "calibration_error": measures.at_most(
            max(figures["calibration_error"], figures["every_digit"]["calibration_error"]), 0.01
        ),
        "milliseconds_1000": measures.at_most(milliseconds["1000"], 0.3),
        "milliseconds_10000": measures.at_most(milliseconds["10000"], 2),
        "seconds_to_open_10000": measures.at_most(figures["seconds_to_open"], 1),
    }


def share(values: np.ndarray, places: int = 4) -> float:
    """Return the mean of bool values, 0 of none."""
    return round(float(values.mean()), places) if values.size else 0.0


if __name__ == "__main__":
    raise SystemExit(main())
