"""A hand: what a classifier was taught of one person's writing. This is what window, page and command line call.

    hand = open_hand(classifier, folder, "Ada")           of a collection's folder; or Hand(classifier, VisitStore())
    answer = hand.classify(picture)                       in place of classifier.classify
    name = hand.remember(picture, "3", answer, strokes)   "it was a 3", and also "right, remember it"
    hand.correct(name, "8")                               it was an 8 after all
    hand.forget(name)
    hand.undo()                                           takes the last of these back
    hand.is_on = False                                    shows what the classifier alone answers

All take effect with the next answer. Where the answer goes by a remembered drawing, `answer.source` is its name, and
`hand.drawing(answer.source).picture` shows it. What other programs change in the folder counts too, at once.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from digits.drawing import ink
from digits.recognition import archive, collection, hand_cache
from digits.recognition.calibration import odds
from digits.recognition.classifier import Answer, Classifier
from digits.recognition.features import reader_of
from digits.recognition.labels import checked
from digits.recognition.memory import Memory, Weighed
from digits.recognition.records import DigitRecord
from digits.recognition.stores import FolderStore, Stamp, Store
from digits.system.files import UserError

MOST_UNDONE = 100  # steps


class Remembered(NamedTuple):
    """A remembered drawing: its name, label and picture uint8 (28, 28)."""

    name: str
    label: str
    picture: np.ndarray


class Imported(NamedTuple):
    """How many drawings of a ZIP were added, were there already, and were damaged."""

    added: int
    known: int
    damaged: int


class Hand:
    """Answers pictures with a classifier and what it was taught; callable from any thread.

    store: of the drawings. cache: a file to which what is computed from them is saved, and read from.
    problem: why the store could not be read last time, empty if it could; what was known before still counts.
    """

    def __init__(
        self, classifier: Classifier, store: Store, cache: Path | None = None, clock: Callable[[], float] = time.time
    ):
        self.is_on = True
        self.damaged = 0  # drawings that cannot be read
        self.problem = ""
        self._classifier = classifier
        self._store = store
        self._clock = clock
        self._cache = cache
        self._lock = threading.RLock()
        self._reader = reader_of(classifier)
        self._drawings: dict[str, Remembered] = {}
        self._stamps: dict[str, Stamp] = {}
        self._names: dict[bytes, str] = {}  # of the drawings, by their pictures
        self._version: int | None = None  # of the store, when it was last read
        self._undo: list[dict[str, DigitRecord | None]] = []  # what was there before each step, by name
        self._open(cache)

    def __len__(self) -> int:
        return len(self._drawings)

    def __getstate__(self) -> dict:
        """Return what another process needs to give the same answers."""
        return {**vars(self), "_lock": None, "_undo": []}

    def __setstate__(self, state: dict) -> None:
        """Be a copy in another process."""
        vars(self).update(state, _lock=threading.RLock())

    def with_classifier(self, classifier: Classifier) -> "Hand":
        """Return a hand that was taught the same, for another model."""
        return Hand(classifier, self._store, self._cache, self._clock)

    def classify(self, picture: np.ndarray) -> Answer:
        """Return the answer to one picture, uint8 (28, 28)."""
        with self._lock:
            self.refresh()
            if not self.is_on or not self._drawings:
                return self._classifier.classify(picture)
            seen = self._reader(picture)
            weighed = self._memory.weigh(*seen)
        alone = self._classifier.answer(seen.probabilities)
        return alone if weighed is None else combined(alone, weighed, self._classifier.least_odds)

    def remember(
        self,
        picture: np.ndarray,
        label: str | int,
        answer: Answer,
        strokes: Sequence[ink.Stroke] = (),
        name: str | None = None,
    ) -> str:
        """Remember what a drawing is, and return its name; with the `name` of an earlier call it replaces that one.

        picture: uint8 (28, 28), as it was answered. strokes: of the drawing, in cells; none of what came from an image.
        Raises UserError for a label that is none, and where it cannot be kept.
        """
        now = self._clock()
        record = DigitRecord(now, answer, strokes, checked(label), None if len(strokes) else np.array(picture))
        with self._lock:
            name = name or collection.new_name(now)
            self._change({name: record}, picture)
        return name

    def correct(self, name: str, label: str | int) -> None:
        """Give a remembered drawing another label; raises UserError."""
        self.relabel([name], label)

    def relabel(self, names: Sequence[str], label: str | int) -> None:
        """Give remembered drawings another label, in one step; raises UserError."""
        label = checked(label)
        with self._lock:
            records = {name: self._store.read(name) for name in names}
            if None in records.values():
                raise UserError("That drawing is no longer there; it was forgotten elsewhere.")
            self._change({name: record._replace(label=label) for name, record in records.items() if record})

    def forget(self, *names: str) -> None:
        """Forget remembered drawings, those that are there, in one step; raises UserError."""
        with self._lock:
            self._change(dict.fromkeys(names))

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._undo)

    def undo(self) -> bool:
        """Take back the last step that is not taken back yet; return whether there was one. Raises UserError."""
        with self._lock:
            if not self._undo:
                return False
            for name, before in self._undo[-1].items():
                self._put(name, before)
            self._undo.pop()
        return True

    def drawing(self, name: str | None) -> Remembered | None:
        """Return a remembered drawing; None if it has been forgotten."""
        return self._drawings.get(name or "")

    def find(self, picture: np.ndarray) -> Remembered | None:
        """Return the remembered drawing that is this very picture, uint8 (28, 28); None if it is not remembered."""
        return self.drawing(self._names.get(picture.tobytes()))

    def drawings(self) -> list[Remembered]:
        """Return all remembered drawings, newest first."""
        with self._lock:
            self.refresh()
            return [self._drawings[name] for name in sorted(self._drawings, reverse=True)]

    def records(self) -> list[tuple[str, DigitRecord]]:
        """Return all remembered drawings as they are kept, by name, oldest first."""
        read = [(name, self._store.read(name)) for name in sorted(self._drawings)]
        return [(name, record) for name, record in read if record is not None]

    def export(self) -> bytes:
        """Return all remembered drawings as a ZIP."""
        return archive.pack(self.records())

    def import_zip(self, content: bytes) -> Imported:
        """Remember the drawings of a ZIP that are not known yet; raises UserError, and keeps what it has added."""
        found = archive.unpack(content)
        with self._lock:
            self.refresh()
            new = {name: record for name, record in found.records.items() if name not in self._drawings}
            self._change(new)
        return Imported(len(new), len(found.records) - len(new), found.damaged)

    def refresh(self) -> None:
        """Take notice of what other programs changed. Where that cannot be read, `problem` says why."""
        with self._lock:
            try:
                version = self._store.version()
                if version is not None and version == self._version:
                    return
                stamps = self._store.stamps()
            except UserError as error:
                self._version, self.problem = None, str(error)
                return
            self._version, self.problem = version, ""
            for name in self._stamps.keys() - stamps.keys():
                self._take(name, None, None)
            for name, stamp in stamps.items():
                if self._stamps.get(name) != stamp:
                    self._take(name, self._store.read(name), stamp)
            self.damaged = len(self._stamps) - len(self._drawings)

    def _open(self, cache: Path | None) -> None:
        """Read the drawings, from the cache where they are the same as they were."""
        saved = hand_cache.load(cache, self._reader.identity) if cache else None
        if saved:
            self._memory = Memory(saved.strangers)
            self._memory.put_all(saved.names, saved.labels, saved.vectors)
            rows = zip(saved.names, saved.labels, saved.pictures, strict=True)
            self._drawings = {name: Remembered(name, label, picture) for name, label, picture in rows}
            self._stamps = dict(zip(saved.names, map(tuple, saved.stamps.tolist()), strict=True))
            self._names = {drawing.picture.tobytes(): drawing.name for drawing in self._drawings.values()}
        else:
            self._memory = Memory(self._reader.strangers)
        before = dict(self._stamps)
        self.refresh()
        if cache and before != {name: self._stamps[name] for name in self._drawings}:
            self._save(cache)

    def _save(self, cache: Path) -> None:
        names, labels, vectors = self._memory.contents()
        pictures = np.array([self._drawings[name].picture for name in names], np.uint8).reshape(-1, ink.SIZE, ink.SIZE)
        stamps = np.array([self._stamps[name] for name in names], np.int64).reshape(-1, 2)
        saved = hand_cache.Saved(names, labels, stamps, pictures, vectors, self._memory.strangers)
        hand_cache.save(cache, self._reader.identity, saved)

    def _change(self, records: Mapping[str, DigitRecord | None], picture: np.ndarray | None = None) -> None:
        """Keep drawings, or forget those without a record, in one step; undo takes back as much of it as was done."""
        before: dict[str, DigitRecord | None] = {}
        try:
            for name, record in records.items():
                old = self._store.read(name)
                self._put(name, record, picture)
                before[name] = old
        finally:
            if before:
                self._undo = [*self._undo, before][-MOST_UNDONE:]

    def _put(self, name: str, record: DigitRecord | None, picture: np.ndarray | None = None) -> None:
        if record is None:
            self._store.delete(name)
            self._take(name, None, None)
        else:
            self._take(name, record, self._store.write(name, record), picture)

    def _take(
        self, name: str, record: DigitRecord | None, stamp: Stamp | None, picture: np.ndarray | None = None
    ) -> None:
        """Let a drawing count as the store has it now: no record is a damaged one or, without a stamp, none."""
        if stamp is None:
            self._stamps.pop(name, None)
        else:
            self._stamps[name] = stamp
        if record is None or record.label is None:
            if self._drawings.pop(name, None):
                self._memory.discard(name)
            return
        picture = record.picture if picture is None else np.array(picture)
        self._drawings[name] = Remembered(name, record.label, picture)
        self._names[picture.tobytes()] = name
        self._memory.put(name, record.label, self._reader(picture).vector)


def combined(alone: Answer, weighed: Weighed, least_odds: float) -> Answer:
    """Return the classifier's answer with what the memory says, and its source where that changes something."""
    shares = np.array([*weighed.probabilities, *(share for _, share in weighed.signs)])
    digit, is_sure = int(weighed.probabilities.argmax()), bool(odds(shares) >= least_odds)
    answer = Answer(digit, float(shares.max()), tuple(weighed.probabilities.tolist()), is_sure, weighed.signs)
    is_taught = answer.text != alone.text or (is_sure and not alone.is_sure)
    return answer._replace(source=weighed.source if is_taught else None)


def open_hand(classifier: Classifier, folder: Path | None = None, name: str | None = None) -> Hand:
    """Return the hand of that name in a collection's folder, by default this computer's user in the user's collection.

    Raises UserError for a name that is none or a folder that cannot be read.
    """
    return open_folder(classifier, collection.hand_folder(folder or collection.default_folder(), name))


def open_folder(classifier: Classifier, folder: Path) -> Hand:
    """Return the hand whose drawings lie in a folder, which need not exist yet; raises UserError."""
    hand = Hand(classifier, FolderStore(folder), hand_cache.place_of(folder))
    if hand.problem:
        raise UserError(hand.problem)
    return hand
