"""Trainings of a server: one at a time, followed, stopped, listed and deleted. The trainer is a stand-in."""

import sys
import time

import pytest

from benchmarks.support.screens import wait_until
from digits.page import training_jobs
from digits.page.training_jobs import Status, TrainingHost, View, Wish
from digits.system.files import UserError

TRAINER = """
import json, pathlib, sys, threading
model, progress = pathlib.Path(sys.argv[1]), sys.argv[sys.argv.index("--progress") + 1]
mode = sys.argv[sys.argv.index("--epochs") + 1]
def tell(**record):
    with open(progress, "a") as file: file.write(json.dumps(record) + "\\n")
def save(status):
    model.write_bytes(b"model")
    model.with_suffix(".json").write_text("{}")
    tell(event="end", status=status, saved=[str(model)], test_accuracy=0.5)
if mode == "9":
    print("handwriting.py: There is no data file x; give one.", file=sys.stderr)
    sys.exit(2)
tell(event="start")
tell(event="epoch", epoch=1, loss=1.0, accuracy=0.5, validation_loss=1.0, validation_accuracy=0.5, seconds=2.0)
if mode == "3":
    sys.stdin.read()
    save("interrupted")
    sys.exit(130)
if mode == "7":
    sys.exit(1)
save("finished")
"""


@pytest.fixture
def host(tmp_path, monkeypatch):
    script = tmp_path / "handwriting.py"
    script.write_text(TRAINER)
    monkeypatch.setattr(training_jobs, "ROOT", tmp_path)
    made = TrainingHost(tmp_path / "data" / "models", clock=lambda: 1780000000.0)
    yield made
    made.stop()


def ended(host: TrainingHost) -> View:
    return wait_until(lambda: not (view := host.look()).alive and view, 20)


def test_nothing_was_trained_at_first(host):
    assert host.look() == View()
    assert host.models() == []


def test_a_training_is_followed_to_its_end_and_leaves_its_model(host):
    assert host.start(Wish(epochs=1))
    view = ended(host)
    assert view.status is Status.FINISHED
    assert [epoch["epoch"] for epoch in view.epochs] == [1]
    assert view.test_accuracy == 0.5
    (model,) = host.models()
    assert model.name == view.model
    assert sorted(path.suffix for path in model.parent.iterdir()) == [".h5", ".json"]
    assert host.look() == view


def test_one_training_at_a_time_and_stopping_keeps_the_best(host):
    assert host.start(Wish(epochs=3))
    view = wait_until(lambda: (view := host.look()).epochs and view, 20)
    assert (view.status, view.share_done, view.seconds_left) == (Status.RUNNING, 1 / 3, 4.0)
    assert not host.start(Wish(epochs=1))
    host.stop()
    host.stop()
    view = ended(host)
    assert (view.status, view.wish.epochs, len(host.models())) == (Status.STOPPED, 3, 1)


def test_a_training_that_cannot_begin_says_why(host):
    host.start(Wish(epochs=9))
    view = ended(host)
    assert view.status is Status.FAILED
    assert view.failure.sentence == "There is no data file x; give one."
    assert host.look().failure == view.failure
    assert host.models() == []


def test_a_training_that_breaks_is_told(host):
    host.start(Wish(epochs=7))
    view = ended(host)
    assert (view.status, view.failure.sentence) == (Status.FAILED, "The training ended unexpectedly (exit code 1).")


def test_a_model_is_deleted_with_all_that_belongs_to_it_and_nothing_else(host, tmp_path):
    host.start(Wish(epochs=1))
    ended(host)
    other = host.folder / "other.h5"
    other.write_bytes(b"")
    outside = tmp_path / "mine.h5"
    outside.write_bytes(b"")
    host.delete(host.models()[0])
    host.delete(outside)
    assert list(host.folder.iterdir()) == [other]
    assert outside.exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="Models cannot be kept in"):
        TrainingHost(tmp_path / "file" / "models").start(Wish())


def test_a_wish_becomes_the_trainers_command(tmp_path):
    command = Wish(4, 64, 0.05, 9, 700, " ~/m.npz ").command(tmp_path / "a.h5", tmp_path / "p")
    assert command[:3] == [sys.executable, str(training_jobs.ROOT / "handwriting.py"), str(tmp_path / "a.h5")]
    told = dict(zip(command[3:-1:2], command[4:-1:2], strict=True))
    assert told["--epochs"] == "4"
    assert (told["--batch-size"], told["--learning-rate"], told["--seed"]) == ("64", "0.05", "9")
    assert told["--digits"] == "700"
    assert told["--data"].endswith("/m.npz")
    assert "~" not in told["--data"]
    assert command[-1] == "--parent-pipe"
    assert not {"--data", "--digits"} & set(Wish().command(tmp_path / "a.h5", tmp_path / "p"))


def test_models_are_named_by_when_they_were_begun(host):
    assert host._new_name().stem == time.strftime("%Y-%m-%d %H.%M.%S", time.localtime(1780000000.0))
