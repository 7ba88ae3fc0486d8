"""Trainings of a server: one at a time, followed, stopped, listed and deleted. The trainer is a stand-in."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.support.screens import wait_until
from digits.page.jobs import training_files, training_jobs, training_process
from digits.page.jobs.runs import Point
from digits.page.jobs.training_jobs import TrainingHost
from digits.page.jobs.training_process import OwnDigits, TrainingSnapshot, TrainingStatus
from digits.system.child_processes import Failure
from digits.system.files import UserError
from digits.training.configuration import LESSON, Configuration

TRAINER = """
import json, os, pathlib, sys, threading, time
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
tell(event="phase", phase="waking")
tell(event="start")
tell(event="phase", phase="learning")
if mode in ("4", "5"):
    control = pathlib.Path(sys.argv[sys.argv.index("--control") + 1])
    def batch(number, is_paused=False):
        tell(event="batch", epoch=1, batch=number, batches=4, loss=1.0, accuracy=None if not number else 0.5, rate=0.1,
             validation_accuracy=0.25 * number, seconds_left=6.0, is_paused=is_paused, probes=[[0.1] * 10], kernels=[])
    tell(event="batch", epoch=1)  # a damaged one
    batch(0)
    if mode == "5":
        batch(1)
        print("handwriting.py: The loss is not a number.", file=sys.stderr)
        sys.exit(2)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    done, obeyed = 0, 0
    while True:
        lines = control.read_text().splitlines() if control.exists() else []
        for line in lines[obeyed:]:
            command = json.loads(line)["command"]
            done += command == "step"
            if command == "stop":
                save("interrupted")
                sys.exit(130)
            batch(done, command != "continue")
        obeyed = len(lines)
        time.sleep(0.02)
tell(event="epoch", epoch=1, loss=1.0, accuracy=0.5, validation_loss=1.0, validation_accuracy=0.5, seconds=2.0)
if mode == "3":
    sys.stdin.read()
    save("interrupted")
    sys.exit(130)
if mode == "7":
    sys.exit(1)
if "--collection" in sys.argv:
    tell(event="own digits", is_better=False)
save("finished")
"""


@pytest.fixture
def host(tmp_path, monkeypatch):
    script = tmp_path / "handwriting.py"
    script.write_text(TRAINER)
    monkeypatch.setattr(training_process, "ROOT", tmp_path)
    made = TrainingHost(tmp_path / "data" / "models", clock=lambda: 1780000000.0)
    yield made
    made.stop()


def ended(host: TrainingHost) -> TrainingSnapshot:
    wait_until(lambda: not host.snapshot().is_alive, 20)
    return host.snapshot()


def test_nothing_was_trained_at_first(host):
    assert host.snapshot() == TrainingSnapshot()
    assert host.models() == []


def test_a_training_is_followed_to_its_end_and_leaves_its_model(host):
    assert host.start(Configuration(epochs=1))
    snapshot = ended(host)
    assert snapshot.status is TrainingStatus.FINISHED
    assert [epoch["epoch"] for epoch in snapshot.epochs] == [1]
    assert snapshot.test_accuracy == 0.5
    (model,) = host.models()
    assert model.name == snapshot.model
    assert sorted(path.suffix for path in model.parent.iterdir()) == [".h5", ".json"]
    assert host.snapshot() == snapshot
    assert host.runs() == []  # it has nothing to show: a trainer that tells of no batch


def test_a_training_pauses_takes_one_batch_goes_on_and_is_kept_when_it_is_stopped(host):
    configuration = Configuration(epochs=4, batch_size=10)
    host.start(configuration, "digits.npz")
    wait_until(lambda: host.snapshot().batch, 20)
    snapshot = host.snapshot()
    assert (snapshot.status, snapshot.phase, snapshot.seconds_left) == (TrainingStatus.RUNNING, "learning", 6.0)
    assert (snapshot.curve, snapshot.images_in_all, snapshot.data) == ((Point(0, 0.0),), 160, "digits.npz")
    host.tell("step")
    wait_until(lambda: host.snapshot().is_paused, 20)
    assert (host.snapshot().share_done, host.snapshot().curve[-1]) == (1 / 16, Point(10, 0.25, 0.5))
    host.tell("continue")
    wait_until(lambda: not host.snapshot().is_paused, 20)
    host.stop()
    snapshot = ended(host)
    assert (snapshot.status, snapshot.failure, snapshot.test_accuracy) == (TrainingStatus.STOPPED, None, 0.5)
    (run,) = host.runs()
    assert (run.configuration, run.status, run.data, run.test_accuracy) == (configuration, "stopped", "digits.npz", 0.5)
    assert run.curve == snapshot.curve
    host.delete(host.folder / f"{run.name}.h5")
    assert (host.runs(), list(host.folder.iterdir())) == ([], [])


def test_an_experiment_has_the_plain_training_beside_it_and_both_obey(host):
    assert host.beside() is None
    host.start(Configuration(epochs=4), beside=Configuration(epochs=4, seed=2))
    assert not host.start(Configuration(epochs=1))
    wait_until(lambda: host.snapshot().batch and host.beside().batch, 20)
    host.stop()
    wait_until(lambda: not host.is_busy, 20)
    assert sorted(run.configuration.seed for run in host.runs()) == [1, 2]
    host.start(Configuration(epochs=1))
    assert host.beside() is None


def test_a_training_that_fails_while_it_learns_is_kept_as_a_run_without_a_model(host):
    host.start(Configuration(epochs=5))
    ended(host)
    (run,) = host.runs()
    assert (run.status, run.failure, run.test_accuracy) == ("failed", "The loss is not a number.", None)
    assert host.models() == []


def test_pictures_are_given_to_a_training_that_is_going_on_and_only_when_they_change(host):
    pictures = np.zeros((2, 28, 28), np.uint8)
    host.probe(pictures)
    host.start(Configuration(epochs=4))
    host.probe(pictures)
    (path,) = host.folder.glob("*.probes.npz")
    before = path.stat().st_ino
    host.probe(pictures)
    assert path.stat().st_ino == before
    host.probe(pictures + 1)
    np.testing.assert_array_equal(np.load(path)["pictures"], pictures + 1)
    wait_until(lambda: host.snapshot().batch, 20)
    host.stop()
    ended(host)
    assert not path.exists()


def test_a_training_on_own_drawings_tells_what_came_of_it(host):
    assert host.start(Configuration(epochs=1), own=OwnDigits(Path("start.h5"), Path("mine"), "Ada"))
    snapshot = ended(host)
    assert snapshot.is_own
    assert snapshot.own is not None
    assert snapshot.own["is_better"] is False
    host.start(Configuration(epochs=1))
    snapshot = ended(host)
    assert (snapshot.is_own, snapshot.own) == (False, None)


def test_one_training_at_a_time_and_stopping_keeps_the_best(host):
    assert host.start(Configuration(epochs=3))
    wait_until(lambda: host.snapshot().epochs, 20)
    snapshot = host.snapshot()
    assert (snapshot.status, snapshot.share_done, snapshot.seconds_left) == (TrainingStatus.RUNNING, 1 / 3, 4.0)
    assert not host.start(Configuration(epochs=1))
    host.stop()
    host.stop()
    snapshot = ended(host)
    assert (snapshot.status, snapshot.num_epochs, len(host.models())) == (TrainingStatus.STOPPED, 3, 1)


def test_a_training_that_cannot_begin_says_why(host):
    host.start(Configuration(epochs=9))
    snapshot = ended(host)
    assert snapshot.status is TrainingStatus.FAILED
    assert snapshot.failure == Failure("There is no data file x; give one.")
    assert host.snapshot().failure == snapshot.failure
    assert host.models() == []


def test_a_training_that_breaks_is_reported(host):
    host.start(Configuration(epochs=7))
    snapshot = ended(host)
    failure = Failure("The training ended unexpectedly (exit code 1).")
    assert (snapshot.status, snapshot.failure) == (TrainingStatus.FAILED, failure)


def test_a_model_is_deleted_with_all_that_belongs_to_it_and_nothing_else(host, tmp_path):
    host.start(Configuration(epochs=1))
    ended(host)
    other = host.folder / "other.h5"
    other.write_bytes(b"")
    outside = tmp_path / "mine.h5"
    outside.write_bytes(b"")
    host.delete(host.models()[0])
    host.delete(outside)
    assert list(host.folder.iterdir()) == [other]
    assert outside.exists()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="Models cannot be kept in"):
        TrainingHost(tmp_path / "file" / "models").start(Configuration())


def test_a_configuration_becomes_the_trainers_command(tmp_path):
    model = tmp_path / "a.h5"
    configuration = Configuration(4, 64, 0.05, 9, 700)
    command = training_process.trainer_command(configuration, tmp_path / "m.npz", model)
    assert command[:3] == [sys.executable, str(training_process.ROOT / "handwriting.py"), str(model)]
    options = configuration.options()
    assert command[3:] == [
        *options,
        *("--progress", str(tmp_path / "a.progress"), "--control", str(tmp_path / "a.control")),
        *("--probes", str(tmp_path / "a.probes.npz"), "--data", str(tmp_path / "m.npz"), "--parent-pipe"),
    ]
    assert "--data" not in training_process.trainer_command(LESSON, None, model)
    own = OwnDigits(tmp_path / "start.h5", tmp_path / "mine", "Ada")
    told = training_process.trainer_command(LESSON, None, model, own)
    assert "--control" not in told
    wanted = ["--start", str(own.start), "--collection", str(own.collection), "--hand", "Ada", "--parent-pipe"]
    assert told[-len(wanted) :] == wanted


@pytest.mark.parametrize(
    ("typed", "path"), [("", None), ("  ", None), (" a b.npz ", Path("a b.npz")), ("~/m.npz", Path.home() / "m.npz")]
)
def test_a_typed_path_is_parsed(typed, path):
    assert training_jobs.parse_path(typed) == path


@pytest.mark.parametrize("typed", ["~nosuchuser/x", "a\0b"])
def test_what_cannot_be_a_path_is_refused_before_anything_is_started(host, typed):
    with pytest.raises(UserError):
        host.start(LESSON, typed)
    assert host.snapshot() == TrainingSnapshot()


@pytest.mark.parametrize(
    "setting",
    [
        {"epochs": 501},
        {"epochs": 0},
        {"epochs": float("nan")},
        {"batch_size": 1025},
        {"learning_rate": float("nan")},
        {"learning_rate": 11.0},
        {"digits": 0},
        {"seed": -1},
    ],
)
def test_settings_beyond_the_pages_limits_are_refused(host, setting):
    with pytest.raises(UserError, match="is not a number from"):
        host.start(replace(LESSON, **setting))
    assert host.snapshot() == TrainingSnapshot()


@pytest.mark.parametrize("setting", [{}, {"epochs": 500, "batch_size": 1024}, {"digits": None}, {"digits": 1}])
def test_settings_within_the_pages_limits_are_taken(setting):
    training_jobs.check_limits(replace(LESSON, **setting))


def test_models_are_named_by_when_they_were_begun_and_none_is_overwritten(host):
    stamp = time.strftime("%Y-%m-%d %H.%M.%S", time.localtime(1780000000.0))
    names = []
    for _ in range(3):
        host.start(Configuration(epochs=1))
        ended(host)
        (host.folder / f"{stamp}.html").touch()  # a report alone takes the name as well
        names.append(host.snapshot().model)
    assert names == [f"{stamp}.h5", f"{stamp} (2).h5", f"{stamp} (3).h5"]
    assert sorted(path.name for path in host.models()) == sorted(names)
    assert training_files.new_name(host.folder, 1780000000.0).name == f"{stamp} (4).h5"


# What a killed training leaves


LEFT = ("a.stderr", "a.progress", "a.checkpoint.npz", ".draft-01/owner", ".draft-01/a.h5")


@pytest.fixture
def folder(tmp_path):
    """A folder in which a training was killed, with a model and a checkpoint that are none of its files."""
    folder = tmp_path / "models"
    folder.mkdir()
    touch(folder, *LEFT, "a.h5", "a.json", "mine.checkpoint.npz")
    return folder


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()


def test_what_a_killed_training_left_is_removed_at_the_next_start(folder):
    TrainingHost(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["a.h5", "a.json", "mine.checkpoint.npz"]


def test_the_files_of_a_training_that_another_server_runs_stay(folder):
    other = TrainingHost(folder)
    touch(folder, *LEFT)
    script = "import sys, time; open(sys.argv[1], 'w').close(); sys.stdin.read()"
    sign = folder / "started"
    starter = training_files.marked(subprocess.Popen)
    with (folder / "b.stderr").open("wb") as stderr:
        child = starter([sys.executable, "-c", script, str(sign)], stdin=subprocess.PIPE, stderr=stderr)
    (folder / "b.checkpoint.npz").touch()
    try:
        wait_until(sign.exists, 60)
        training_files.remove_leftovers(folder)
        names = {path.name for path in folder.iterdir()}
        assert {"b.stderr", "b.checkpoint.npz"} <= names
        assert not {"a.stderr", ".draft-01"} & names
    finally:
        child.kill()
        child.communicate()
    training_files.remove_leftovers(other.folder)
    assert {path.name for path in folder.iterdir()} == {"a.h5", "a.json", "mine.checkpoint.npz", "started"}
