"""Watching a training: when it is recorded, what the record says, and that it waits, steps and stops as told."""

from types import SimpleNamespace

import numpy as np
import pytest

from digits.system.json_lines import append_record, read_records
from digits.training.configuration import Configuration
from digits.training.live import watching
from digits.training.live.control import Control
from digits.training.live.probes import Probes
from digits.training.live.watching import WATCHED, Watch
from digits.training.progress import Progress

EPOCHS, BATCHES = 2, 8
STEP = 0.125  # seconds, exact in binary
RESULTS = {"loss": 2.0, "accuracy": 0.25}


class Clock:
    """Stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Model:
    """Says that every picture is of the digit that its first pixel is; an answer takes time."""

    def __init__(self, clock: Clock, answering: float = 0.0):
        self.weights = [np.arange(18.0).reshape(3, 3, 1, 2)]
        self.optimizer = SimpleNamespace(learning_rate=0.05)
        self.shapes = set()
        self._clock, self._answering = clock, answering

    def predict_on_batch(self, x, /):
        self.shapes.add(x.shape)
        self._clock.now += self._answering
        return np.eye(10)[np.round(x[:, 0, 0, 0] * 255).astype(int)]


def pictures(labels) -> np.ndarray:
    found = np.zeros((len(labels), 28, 28), np.uint8)
    found[:, 0, 0] = labels
    return found


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """A training of batches that take STEP, and its files."""
    monkeypatch.setattr(watching, "_array", np.asarray)
    files = {name: tmp_path / name for name in ("progress", "control", "probes.npz")}
    clock, labels = Clock(), np.arange(600) % 10
    said = SimpleNamespace(**{name.split(".")[0]: path for name, path in files.items()}, clock=clock, on_wait=[])

    def sleep(seconds: float) -> None:
        clock.now += STEP
        said.on_wait.pop(0)()

    watch = Watch(Progress(said.progress), Control(said.control, sleep), Probes(said.probes), clock)
    said.model = Model(clock)
    watch.begin(said.model, pictures(np.where(labels == 3, 5, labels)), labels, Configuration(EPOCHS, network="small"))

    def learn(epochs: int = EPOCHS, on_batch=lambda batch: None) -> list[dict]:
        for number in range(1, epochs + 1):
            watch.draw_epoch(number)
            clock.now += 3.0
            watch.start_epoch(BATCHES)
            for batch in range(1, BATCHES + 1):
                clock.now += STEP
                on_batch(batch)
                if not watch.after_batch(batch, RESULTS):
                    break
        return [record for record in read_records(said.progress) if record["event"] == "batch"]

    said.watch, said.learn = watch, learn
    return said


def tell(watched, command: str) -> None:
    append_record(watched.control, {"command": command})


def test_it_is_recorded_twice_a_second_and_at_both_ends_of_an_epoch(watched):
    records = watched.learn()
    assert [(each["epoch"], each["batch"]) for each in records] == [
        (epoch, batch) for epoch in (1, 2) for batch in (0, 4, 8)
    ]
    assert {each["batches"] for each in records} == {BATCHES}
    phases = [record["phase"] for record in read_records(watched.progress) if record["event"] == "phase"]
    assert phases == ["drawing", "learning"] * 2


def test_a_record_says_how_the_network_answers_now(watched):
    np.savez(watched.probes, pictures=pictures([7, 2]))
    first, second, *_ = watched.learn(1)
    assert (first["loss"], first["accuracy"]) == (None, None)
    assert (second["loss"], second["accuracy"]) == (2.0, 0.25)
    assert second["validation_accuracy"] == pytest.approx(0.9)  # every 3 is called a 5
    assert second["probes"] == np.eye(10)[[7, 2]].tolist()
    assert second["kernels"] == [list(range(0, 18, 2)), list(range(1, 18, 2))]
    assert (second["rate"], second["is_paused"]) == (0.05, False)


def test_what_is_answered_always_has_the_same_shape(watched):
    """Another one would be compiled anew."""
    watched.learn(1, lambda batch: np.savez(watched.probes, pictures=pictures(range(batch % 4))))
    assert watched.model.shapes == {(500, 28, 28, 1)}
    assert WATCHED["small"] <= 500


def test_answering_takes_no_more_than_a_fifth_of_the_time(watched):
    watched.model._answering = 0.25
    assert [record["batch"] for record in watched.learn(1)] == [0, 8]


def test_the_remaining_time_counts_drawing_and_batches_but_not_the_first_one(watched):
    """The first compiles the network."""

    def compile_first(batch: int) -> None:
        watched.clock.now += 20 if watched.clock.now < 10 else 0

    left = [record["seconds_left"] for record in watched.learn(on_batch=compile_first)]
    assert left[0] is None
    assert left[-3:] == [1.0, 0.5, 0.0]
    assert left[3] == 3.0 + BATCHES * STEP


def test_numbers_that_json_lacks_are_left_out(watched):
    watched.model.optimizer.learning_rate = np.inf
    watched.model.weights[0][0, 0, 0, 0] = np.nan
    record = watched.learn(1)[-1]
    assert record["rate"] is None
    assert record["kernels"][0][0] == 0


def test_a_pause_and_a_step_are_recorded_at_once_and_take_no_time(watched):
    watched.on_wait = [
        lambda: np.savez(watched.probes, pictures=pictures([4])),
        lambda: tell(watched, "step"),
        lambda: tell(watched, "continue"),
    ]
    records = watched.learn(1, lambda batch: tell(watched, "pause") if batch == 2 else None)
    assert [(each["batch"], each["is_paused"]) for each in records] == [
        *((0, False), (2, True), (2, True), (3, True)),
        *((6, False), (8, False)),  # the next record half a second after the last
    ]
    paused, changed, stepped = records[1:4]
    assert (paused["loss"], changed["loss"], stepped["loss"]) == (2.0, None, 2.0)
    assert [each["probes"] for each in (paused, changed)] == [[], np.eye(10)[[4]].tolist()]
    assert watched.on_wait == []
    assert stepped["seconds_left"] == pytest.approx(5 * STEP + 3.0 + BATCHES * STEP, abs=0.05)


def test_a_training_can_begin_with_a_pause(watched):
    tell(watched, "pause")
    watched.on_wait = [lambda: tell(watched, "continue")]
    records = watched.learn(1)
    assert [(each["batch"], each["is_paused"]) for each in records[:2]] == [(0, False), (0, True)]


def test_a_stop_ends_the_epoch_after_its_batch(watched):
    watched.learn(1, lambda batch: tell(watched, "stop") if batch == 4 else None)
    assert watched.watch.is_cut_short
    with pytest.raises(KeyboardInterrupt):
        watched.watch.start_epoch(BATCHES)


def test_a_stop_at_the_last_batch_leaves_the_epoch_whole(watched):
    watched.learn(1, lambda batch: tell(watched, "stop") if batch == BATCHES else None)
    assert not watched.watch.is_cut_short
