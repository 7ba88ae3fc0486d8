"""The trainer: real trainings, tiny ones, and everything that can go wrong before, during and after one."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import h5py
import numpy as np
import pytest

import handwriting
from benchmarks.support import template_digits
from digits.models import loading, model_card
from digits.recognition import collection
from digits.recognition.classifier import Answer
from digits.system.files import UserError, replacing, sha256
from digits.system.json_lines import read_records
from digits.training import keras_model, own_digits
from digits.training.command_line import Options
from digits.training.configuration import Configuration
from digits.training.mnist import Dataset
from digits.training.own_digits import Standing
from digits.training.progress import Epoch, History, Progress
from digits.training.stages import own_training, training_loop
from tests.support.processes import ROOT, run_python

TINY = Configuration(epochs=2, batch_size=16, seed=3, digits=160, network="small")
TRAINER = str(ROOT / "handwriting.py")

SIX_TRAININGS = """
import json, resource, signal, sys
import handwriting
from digits.training import own_digits, speed

resumed, trained, further, own, rejected, kept = json.loads(sys.argv[1])


def train(arguments):
    code = handwriting.main(arguments)
    sys.modules["keras"].utils.clear_session()  # it counts the layers in their names
    for stream in (sys.stdout, sys.stderr):
        print("----", code, file=stream, flush=True)


train(resumed)
train(trained)
train(further)
own_digits.OWN_DIGITS = own_digits.MNIST_DIGITS = 80
train(own)
train(rejected)
speed.PRESETS = {name: preset for name, preset in speed.PRESETS.items() if preset.configuration.network == "small"}
assert handwriting.main(["--measure", sys.argv[2]]) == 0
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit raises OSError, as on a full disk
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
train(kept)
assert not {"pygame", "streamlit"} & set(sys.modules)
"""


@pytest.fixture(scope="module")
def trainings(tmp_path_factory, data_file) -> dict[str, SimpleNamespace]:
    """Six trainings by their names, in one child, since TensorFlow takes seconds to start.

    resumed: killed after its first epoch in another child, on a file with wrong test labels. trained: the same, whole.
    further: started from the trained model. own: likewise, on a collection. rejected: started from another network.
    kept: of an old model, on a full disk.
    """
    names = ("resumed", "trained", "further", "own", "rejected", "kept")
    folders = {name: tmp_path_factory.mktemp(name) for name in names}
    files = {name: SimpleNamespace(model=folder / "model.h5") for name, folder in folders.items()}
    for old in (loading.SHIPPED, *model_card.companions(loading.SHIPPED)):
        shutil.copy(old, folders["kept"])
    files["kept"].before = {path: path.read_bytes() for path in folders["kept"].iterdir()}
    speed = folders["trained"].parent / "speed.json"
    done = run_python("-c", SIX_TRAININGS, json.dumps(commands(files, data_file)), speed)
    files["trained"].speed = speed
    assert done.returncode == 0, done.stderr
    for each, (stdout, code), (stderr, _) in zip(files.values(), parts(done.stdout), parts(done.stderr), strict=True):
        each.code, each.stdout, each.stderr = code, stdout, stderr
    return files


def commands(files: dict[str, SimpleNamespace], data_file: Path) -> list[list[str]]:
    """Return the command lines of the trainings; the one to be resumed is started and killed before."""
    files["trained"].progress = files["trained"].model.parent / "progress"
    files["trained"].probes = write_probes(files["trained"].model.parent.parent / "probes.npz")
    files["rejected"].other = ROOT / "tests" / "models" / "keras_2" / "sequential.h5"
    watched = ["--progress", str(files["trained"].progress), "--probes", str(files["trained"].probes)]
    given, tiny = ["--data", str(data_file)], TINY.options()
    files["own"].progress = files["own"].model.parent / "progress"
    own = ["--collection", str(write_collection(files["own"].model.parent / "collection")), "--epochs", "1"]
    own += ["--batch-size", "16", "--progress", str(files["own"].progress)]
    slow = [*given, "--epochs", "1", "--batch-size", "400", "--learning-rate", "0.0001"]
    return [
        [*start_and_kill(files["resumed"], tiny), "--resume"],
        [str(files["trained"].model), *given, *watched, *tiny],
        [str(files["further"].model), "--start", str(files["trained"].model), *slow],
        [str(files["own"].model), "--start", str(files["trained"].model), *given, *own],
        [str(files["rejected"].model), "--start", str(files["rejected"].other), *slow],
        [str(files["kept"].model), *given, *tiny],
    ]


def write_probes(path: Path) -> Path:
    """Write the file of three drawings that are answered while the network learns: a 0, a 1 and a 2."""
    np.savez(path, pictures=template_digits.pictures(3, seed=5)[0])
    return path


def write_collection(folder: Path) -> Path:
    """Write forty drawings of digits, and one of a sign, which no network learns."""
    answer = Answer(0, 1.0, (1.0,) + (0.0,) * 9)
    rng = np.random.default_rng(0)
    for number in range(40):
        collection.add(folder, template_digits.strokes(number % 10, rng), number % 10, answer)
    collection.add(folder, template_digits.strokes(1), "!", answer)
    return folder


def start_and_kill(files: SimpleNamespace, options: list[str]) -> list[str]:
    """Start a training on wrong test labels, kill it after its first epoch, and return its command line."""
    folder = files.model.parent
    data = template_digits.write_dataset(folder / "wrong_test.npz", test_labels_wrong_by=1)
    command = [str(files.model), "--data", str(data), *options]
    with subprocess.Popen([sys.executable, TRAINER, *command], stdout=subprocess.PIPE, text=True) as child:
        assert opened(child.stdout).readline().startswith("epoch 1/2")
        child.kill()
    files.left = {path.name for path in folder.iterdir()} - {data.name}
    return command


def parts(printed: str) -> list[tuple[str, int]]:
    """Return what each training printed, and its exit code."""
    found = re.findall(r"(.*?)^---- (\d+)\n", printed, re.MULTILINE | re.DOTALL)
    return [(text, int(code)) for text, code in found]


@pytest.fixture(scope="module")
def trained(trainings) -> SimpleNamespace:
    """A whole training."""
    assert trainings["trained"].code == 0, trainings["trained"].stderr
    records = read_records(trainings["trained"].progress)
    trainings["trained"].records = [record for record in records if record["event"] in ("start", "epoch", "end")]
    trainings["trained"].others = [record for record in records if record not in trainings["trained"].records]
    return trainings["trained"]


@pytest.fixture(scope="module")
def resumed(trainings) -> SimpleNamespace:
    """The same training, killed after its first epoch and resumed, on a file with wrong test labels."""
    assert trainings["resumed"].code == 0, trainings["resumed"].stderr
    return trainings["resumed"]


def opened(stream: IO[str] | None) -> IO[str]:
    """Return a pipe of a child that was started with one."""
    assert stream is not None
    return stream


def weights(path: Path) -> dict[str, np.ndarray]:
    """Return all arrays of a Keras file by their names."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def card(model: Path) -> dict:
    return dict(model_card.read_card(model_card.companions(model).card).entries)


# What a training gives


def test_a_training_learns(trained):
    end = trained.records[-1]
    assert end["test_accuracy"] > 0.5  # chance is 0.1
    assert f"Test accuracy {end['test_accuracy']:.2%} on 50 digits." in trained.stdout
    assert trained.records[2]["loss"] < trained.records[1]["loss"]


def test_a_training_shows_each_epoch(trained):
    lines = [line for line in trained.stdout.splitlines() if line.startswith("epoch ")]
    assert [line.split()[1] for line in lines] == ["1/2", "2/2"]
    for line in lines:
        for word in ("loss", "accuracy", "validation", "min left"):
            assert word in line
    assert trained.stderr == ""


def test_a_training_saves_three_files_and_says_so(trained):
    saved = [trained.model, *model_card.companions(trained.model)]
    assert f"Saved {', '.join(map(str, saved))}." in trained.stdout
    assert sorted(trained.model.parent.iterdir()) == sorted([*saved, trained.progress])


def test_the_progress_file_records_start_epochs_and_end(trained):
    assert [record["event"] for record in trained.records] == ["start", "epoch", "epoch", "end"]
    start, first, second, end = trained.records
    assert {name: start[name] for name in asdict(TINY)} == asdict(TINY)
    assert [first["epoch"], second["epoch"]] == [1, 2]
    for epoch in (first, second):
        assert 0 <= epoch["validation_accuracy"] <= 1
        assert epoch["seconds"] > 0
    assert end["status"] == "finished"
    assert end["saved"] == [str(trained.model), *map(str, model_card.companions(trained.model))]


def test_the_progress_file_says_what_goes_on_and_what_the_network_answers_meanwhile(trained):
    phases = [record["phase"] for record in trained.others if record["event"] == "phase"]
    assert phases == ["waking", *["drawing", "learning"] * 2, "testing", "saving"]
    batches = [record for record in trained.others if record["event"] == "batch"]
    for epoch in (1, 2):
        of_epoch = [record for record in batches if record["epoch"] == epoch]
        assert (of_epoch[0]["batch"], of_epoch[0]["loss"], of_epoch[-1]["batch"]) == (0, None, of_epoch[-1]["batches"])
    before, last = batches[0], batches[-1]
    assert (before["seconds_left"], last["seconds_left"], last["is_paused"]) == (None, 0, False)
    assert before["validation_accuracy"] < 0.4 < last["validation_accuracy"]
    assert last["rate"] < 0.01 < max(record["rate"] for record in batches) < TINY.learning_rate
    assert last["loss"] < next(record["loss"] for record in batches if record["batch"])
    np.testing.assert_allclose(np.sum(last["probes"], axis=1), 1, atol=1e-3)
    assert np.argmax(last["probes"], axis=1).tolist() == [0, 1, 2]
    kernels = [np.array(record["kernels"]) for record in (before, last)]
    assert kernels[0].shape == (handwriting.SMALL_CHANNELS[0], 9)
    assert not np.array_equal(kernels[0], kernels[1])
    first = next(array for name, array in weights(trained.model).items() if array.shape[:2] == (3, 3))
    np.testing.assert_allclose(kernels[1], first[:, :, 0].reshape(9, -1).T, atol=1e-4)


def test_the_card_says_where_the_model_came_from(trained):
    entries = card(trained.model)
    assert entries["sha256"] == sha256(trained.model)
    assert entries["recipe"] == asdict(TINY)
    assert entries["test_accuracy"] == trained.records[-1]["test_accuracy"]
    epochs = trained.records[1:-1]
    kept = max(epochs, key=lambda epoch: epoch["validation_accuracy"] + epoch["distorted_accuracy"])
    assert entries["validation_accuracy"] == kept["validation_accuracy"]
    assert entries["history"]["validation_loss"] == [round(epoch["validation_loss"], 5) for epoch in epochs]
    assert {"python", "keras", "numpy"} <= entries["versions"].keys()


def test_a_trained_model_answers_without_any_conversion(trained):
    classifier = loading.load_if_converted(trained.model)
    assert classifier is not None
    pictures, labels = template_digits.pictures(50, seed=2)
    right = np.mean(
        [classifier.classify(picture).digit == label for picture, label in zip(pictures, labels, strict=True)]
    )
    assert right == pytest.approx(trained.records[-1]["test_accuracy"], abs=0.021)  # one picture at the border


def test_a_killed_training_resumes_and_ends_as_if_it_had_never_stopped(trained, resumed):
    assert resumed.left == {"model.checkpoint.npz"}
    assert [line.split()[1] for line in resumed.stdout.splitlines() if line.startswith("epoch")] == ["2/2"]
    assert len(card(resumed.model)["history"]["loss"]) == 2
    names = ["model.h5", "model.json", "model.tflite", "wrong_test.npz"]
    assert sorted(path.name for path in resumed.model.parent.iterdir()) == names


def test_the_same_seed_gives_the_same_model_and_the_test_digits_choose_nothing(trained, resumed):
    """The test labels of the second training, which was resumed, were wrong."""
    first, second = weights(trained.model), weights(resumed.model)
    assert len(first) > 15
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)
    cards = [card(trained.model), card(resumed.model)]
    for name in ("temperature", "least_odds", "validation_accuracy"):
        assert cards[0][name] == cards[1][name], name
    assert cards[1]["test_accuracy"] < 0.5 < cards[0]["test_accuracy"]


def test_the_converted_file_holds_its_weights_in_eight_bits_each(trained):
    assert model_card.companions(trained.model).tflite.stat().st_size < trained.model.stat().st_size / 3


def test_a_training_can_start_with_the_weights_of_another_model(trained, trainings):
    further = trainings["further"]
    assert further.code == 0, further.stderr
    first, second = (
        [array for name, array in weights(path).items() if name.endswith("kernel")]
        for path in (trained.model, further.model)
    )
    assert len(first) == len(handwriting.SMALL_CHANNELS) + 1
    for before, after in zip(first, second, strict=True):
        np.testing.assert_allclose(after, before, atol=1e-3)
    assert card(further.model)["started_from"] == sha256(trained.model)
    assert sorted(further.model.parent.iterdir()) == sorted([further.model, *model_card.companions(further.model)])


def test_a_training_on_a_collection_keeps_the_new_model_where_it_is_better(trainings):
    own = trainings["own"]
    assert own.code == 0, own.stderr
    start, *_, result, end = [record for record in read_records(own.progress) if record["event"] != "phase"]
    assert (start["event"], result["event"], end["event"]) == ("start", "own digits", "end")
    assert (result["drawings"], result["held_back"]) == (32, 8)
    assert own.model.exists() is result["is_better"] is bool(end["saved"])
    assert "32 drawings to learn from, 8 held back." in own.stdout
    if result["is_better"]:
        assert card(own.model)["own_digits"]["after"] == result["after"]


@pytest.mark.parametrize("is_better", [True, False])
def test_a_model_that_is_no_better_is_not_saved(without_keras, monkeypatch, tmp_path, data_file, capsys, is_better):
    saved, after = [], Standing(1.0, 0.1 if is_better else 0.3, 0.99)
    standings = iter([Standing(0.9, 0.2, 0.99), after])
    monkeypatch.setattr(FakeModel, "get_weights", lambda self: [np.array([10.0])])
    monkeypatch.setattr(keras_model, "start_from", lambda *_: {"started_from": "abc"})
    monkeypatch.setattr(own_training, "prepare_keras", lambda seed: None)
    monkeypatch.setattr(own_training, "finish_own", lambda *given: saved.append(given) or "finished")
    monkeypatch.setattr(own_digits, "judge", lambda *_: next(standings))
    monkeypatch.setattr(own_digits, "train_epoch", lambda *_: Epoch(0, 1, 0, 1, 1, 1))
    own = write_collection(tmp_path / "own")
    options = Options(Configuration(epochs=1), Path("m.h5"), data_file, Path("start.h5"), 0.5, collection=own)
    build, compile_model = handwriting.build_model, handwriting.compile_model
    assert own_training.run(options, Progress(None), build, compile_model) == "finished"
    assert bool(saved) is is_better
    assert ("nothing was saved" in capsys.readouterr().out) is not is_better


def test_a_training_cannot_start_from_another_network(trainings):
    rejected = trainings["rejected"]
    assert rejected.code == 2
    assert f"{rejected.other} is another network" in rejected.stderr.splitlines()[-1]
    assert not list(rejected.model.parent.iterdir())


def test_a_full_disk_leaves_the_old_model_unchanged(trainings):
    kept = trainings["kept"]
    assert kept.code == 2
    sentence = f"handwriting.py: The model could not be saved to {kept.model} (File too large)"
    *checkpoints, last = kept.stderr.splitlines()
    assert checkpoints == ["handwriting.py: no checkpoint of this epoch (File too large)"] * 2
    assert last.startswith(sentence)
    assert {path: path.read_bytes() for path in kept.model.parent.iterdir()} == kept.before


def test_the_speed_of_this_machine_is_measured(trained):
    found = json.loads(trained.speed.read_text())
    assert found["waking"] >= 0
    assert found["versions"]["keras"] == card(trained.model)["versions"]["keras"]
    assert 0 < found["presets_on_sample"]["classroom"] < found["presets"]["classroom"] < found["presets"]["good"]


# Stopping a training


@contextmanager
def training(*arguments: object, **options) -> Iterator[subprocess.Popen[str]]:
    """Start a training that would last for very long and yield it in its second epoch."""
    command = [sys.executable, TRAINER, *map(str, arguments), "--epochs", "1000", "--network", "small"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, **options) as child:
        try:
            first, second = opened(child.stdout).readline(), opened(child.stdout).readline()
            assert second.startswith("epoch    2/1000"), (first, second, child.communicate())
            yield child
        finally:
            child.kill()


def test_ctrl_c_saves_the_best_epoch_says_so_and_a_second_one_does_no_harm(tmp_path, data_file):
    model, progress = tmp_path / "model.keras", tmp_path / "progress"
    with training(model, "--data", data_file, "--progress", progress, start_new_session=True) as child:
        os.killpg(child.pid, signal.SIGINT)  # as a terminal does: to the trainer and its children
        while "Test accuracy" not in (line := opened(child.stdout).readline()):
            assert line.startswith(("epoch", "\n", "Stopped; the best epoch so far is tested and saved."))
        os.killpg(child.pid, signal.SIGINT)
        printed, errors = child.communicate()
    assert (child.returncode, errors) == (130, "")
    assert f"Saved {model}, {model.with_suffix('.tflite')}, {model.with_suffix('.json')}." in printed
    assert loading.load_if_converted(model) is not None
    records = read_records(progress)
    assert records[-1]["event"] == "end"
    assert records[-1]["status"] == "interrupted"
    assert records[-1]["saved"][0] == str(model)
    assert len(card(model)["history"]["loss"]) == len([record for record in records if record["event"] == "epoch"])
    names = ["model.checkpoint.npz", "model.json", "model.keras", "model.tflite", "progress"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert "Continue with: python handwriting.py --resume" in printed


def test_a_trainer_whose_parent_has_gone_stops_and_without_a_name_saves_nothing(tmp_path, data_file):
    with training("--data", data_file, "--parent-pipe", cwd=tmp_path) as child:
        printed, errors = child.communicate()  # closes its standard input
    assert (child.returncode, errors) == (130, "")
    assert "Test accuracy" in printed
    assert "Nothing was saved: no model file was named." in printed
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_before_the_first_epoch_is_done_says_that_nothing_was_saved(tmp_path, data_file, monkeypatch, capsys):
    def interrupted(seed):
        raise KeyboardInterrupt

    monkeypatch.setattr(handwriting, "prepare_keras", interrupted)
    assert handwriting.main([str(tmp_path / "model.h5"), "--data", str(data_file)]) == 130
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("\nStopped; nothing was saved.\n", "")
    assert list(tmp_path.iterdir()) == []


KILLED_WHILE_SAVING = """
import os, sys
from digits.system.files import replacing

with replacing(sys.argv[1]) as draft:
    draft.write_bytes(b"half of the new")
    os.kill(os.getpid(), 9)
"""


def test_a_kill_while_saving_leaves_the_old_file_and_the_next_save_removes_the_draft(tmp_path):
    path = tmp_path / "model.h5"
    path.write_bytes(b"the old model")
    assert run_python("-c", KILLED_WHILE_SAVING, path).returncode == -signal.SIGKILL
    assert path.read_bytes() == b"the old model"
    with replacing(path) as draft:
        draft.write_bytes(b"the new model")
    assert [file.name for file in tmp_path.iterdir()] == ["model.h5"]


# What is checked before anything slow


CHECKED_FIRST = """
import json, sys
import handwriting

codes = []
for arguments in json.load(sys.stdin):
    try:
        codes.append(handwriting.main(arguments))
    except SystemExit as end:
        codes.append(end.code)
    print("", file=sys.stderr)
print(json.dumps([codes, sorted({"tensorflow", "keras", "jax", "torch"} & set(sys.modules))]))
"""


def bad_commands(folder: Path, data: Path) -> dict[str, tuple[list[str], str]]:
    (folder / "a_folder.h5").mkdir()
    (folder / "file").touch()
    (folder / "named.json").write_text('{"class_name": "Sequential"}')
    (folder / "text.npz").write_text("not an archive")
    (folder / "odd.checkpoint.npz").write_text("not an archive")
    recipe = asdict(Configuration(epochs=7, seed=2))
    epoch = {field.name: 0.5 for field in fields(Epoch)}
    for name, about in (
        ("other", {"recipe": recipe, "epochs": [epoch]}),
        ("old", {"recipe": recipe, "epochs": [{"loss": 0.5}]}),
        ("older", {"recipe": {"epochs": 7}, "epochs": [epoch]}),
        ("bare", {}),
    ):
        np.savez(folder / f"{name}.checkpoint.npz", about=np.frombuffer(json.dumps(about).encode(), np.uint8))
    given = ["--data", str(data)]
    return {
        "no folder": (
            [f"{folder}/missing/model.h5", *given],
            f"The folder {folder}/missing for the model does not exist",
        ),
        "a file as folder": ([f"{folder}/file/model.h5", *given], f"The folder {folder}/file for the model"),
        "a folder as model": ([f"{folder}/a_folder.h5", *given], "is a folder; name a file for the model"),
        "no suffix": ([f"{folder}/model", *given], "does not end in .h5 or .keras; name the model like model.h5"),
        "another suffix": ([f"{folder}/model.pt", *given], "does not end in .h5 or .keras"),
        "a name too long": ([f"{folder}/{'x' * 300}.h5", *given], "cannot be written"),
        "somebody's json": (
            [f"{folder}/named.h5", *given],
            f"{folder}/named.json is no model card and would be overwr",
        ),
        "no data": (
            [f"{folder}/model.h5", "--data", f"{folder}/no.npz"],
            f"There is no data file {folder}/no.npz; give",
        ),
        "bad data": (["--data", f"{folder}/text.npz"], "is not a complete .npz file"),
        "no folder for the progress": (
            [*given, "--progress", f"{folder}/no/p"],
            f"The folder {folder}/no for the progress",
        ),
        "the model as progress": (
            [f"{folder}/m.h5", *given, "--progress", f"{folder}/m.h5"],
            "is another file of this training; name a new one for the progress",
        ),
        "the card as progress": (
            [f"{folder}/m.h5", *given, "--progress", f"{folder}/m.json"],
            "is another file of this training; name a new one for the progress",
        ),
        "the data as progress": ([*given, "--progress", str(data)], "is another file of this training; name a new one"),
        "no epochs": (["--epochs", "0"], "'0' is not a whole number from 1 to 1,000"),
        "half an epoch": (["--epochs", "1.5"], "'1.5' is not a whole number"),
        "epochs without end": (["--epochs", "9" * 30], "is not a whole number from 1 to 1,000"),
        "no digits": (["--digits", "0"], "'0' is not a whole number from 1 to 1,000,000"),
        "a batch of none": (["--batch-size", "-4"], "'-4' is not a whole number from 1 to 4,096"),
        "a rate that is none": (["--learning-rate", "nan"], "'nan' is not a number from 0.0001 to 10.0"),
        "an endless rate": (["--learning-rate", "inf"], "'inf' is not a number from 0.0001 to 10.0"),
        "a network that is not there": (["--network", "huge"], "'huge' is not full or small"),
        "neither on nor off": (["--augmentation", "1"], "'1' is not on or off"),
        "a digit that is none": (["--left-out", "10"], "'10' is not a whole number from 0 to 9"),
        "more wrong labels than all": (["--wrong-labels", "1.2"], "'1.2' is not a number from 0.0 to 1.0"),
        "a measurement of a model": ([f"{folder}/m.h5", "--measure", f"{folder}/speed"], "--measure trains nothing"),
        "no folder for the measurement": (["--measure", f"{folder}/no/speed"], f"The folder {folder}/no for the meas"),
        "a seed below 0": (["--seed", "-1"], "'-1' is not a whole number from 0 to 4,294,967,295"),
        "a seed in words": (["--seed", "one"], "'one' is not a whole number"),
        "resuming nothing": (["--resume"], "--resume needs a model, such as: python handwriting.py --resume mod"),
        "a report on what is to be trained": (
            ["--report", f"{folder}/m.h5", "--start", f"{folder}/n.h5"],
            "--report trains nothing; leave out the other options",
        ),
        "a report on what is to be resumed": (
            ["--report", "--resume", f"{folder}/m.h5"],
            "--report trains nothing; leave out the other options",
        ),
        "a share of no start": (
            ["--start-share", "0.5"],
            "--start-share needs --start, the model whose weights are kept",
        ),
        "more than the whole start": (["--start-share", "1.5"], "'1.5' is not a share from 0 to 1"),
        "a share that is no number": (["--start-share", "half"], "'half' is not a share from 0 to 1"),
        "nothing to resume from": (
            ["--resume", f"{folder}/model.h5", *given],
            f"There is no checkpoint {folder}/model.checkpoint.npz to resume from; train without --resume.",
        ),
        "a checkpoint of something else": (
            ["--resume", f"{folder}/odd.h5", *given],
            f"The checkpoint {folder}/odd.checkpoint.npz cannot be read",
        ),
        "a checkpoint of another training": (
            ["--resume", f"{folder}/other.h5", *given],
            f"The checkpoint of {folder}/other.h5 is of another training; continue it with: --resume --epochs 7 "
            "--learning-rate 0.1 --seed 2.",
        ),
        "a checkpoint of another version": (
            ["--resume", f"{folder}/old.h5", *given],
            f"The checkpoint of {folder}/old.h5 is of another version of this program; train anew.",
        ),
        "a checkpoint of another version's recipe": (
            ["--resume", f"{folder}/older.h5", *given],
            f"The checkpoint of {folder}/older.h5 is of another version of this program; train anew.",
        ),
        "a checkpoint that says nothing": (
            ["--resume", f"{folder}/bare.h5", *given],
            f"The checkpoint of {folder}/bare.h5 is of another version of this program; train anew.",
        ),
        "a collection and nothing to start from": (
            [f"{folder}/m.h5", "--collection", f"{folder}/mine"],
            "--collection trains a model further: python handwriting.py mine.h5 --start model.h5 --collection DIR",
        ),
        "a collection that is not there": (
            [f"{folder}/m.h5", "--start", str(loading.SHIPPED), "--collection", f"{folder}/mine"],
            f"There is no collection {folder}/mine",
        ),
        "a hand that is none": (
            [f"{folder}/m.h5", "--start", str(loading.SHIPPED), "--hand", "a/b"],
            "A hand has a name of 1 to 40",
        ),
        "an unknown option": (["--optimizer", "adam"], "unrecognized arguments: --optimizer"),
        "two models": (["a.h5", "b.h5"], "unrecognized arguments: b.h5"),
    }


def test_a_wrong_command_is_explained_before_keras_is_imported(tmp_path, data_file):
    commands = bad_commands(tmp_path, data_file)
    before = {path: path.read_bytes() for path in (data_file, *tmp_path.iterdir()) if path.is_file()}
    done = run_python("-c", CHECKED_FIRST, stdin_text=json.dumps([arguments for arguments, _ in commands.values()]))
    codes, imported = json.loads(done.stdout)
    errors = done.stderr.split("\n\n")
    assert codes == [2] * len(commands)
    assert imported == []
    for name, (_, words), sentence in zip(commands, commands.values(), errors, strict=False):
        assert words in sentence, name
        assert "Traceback" not in sentence, name
    assert {path: path.read_bytes() for path in before} == before


def test_the_environment_names_the_data_when_no_option_does(tmp_path):
    missing = tmp_path / "mnist.npz"
    done = run_python(TRAINER, env={**os.environ, "HANDWRITING_DATA": str(missing)})
    assert done.returncode == 2
    assert done.stderr.startswith(f"handwriting.py: There is no data file {missing}; give the path")


def test_a_backend_that_is_not_there_gets_one_sentence(data_file):
    done = run_python(TRAINER, "--data", data_file, env={**os.environ, "KERAS_BACKEND": "abacus"})
    assert done.returncode == 2
    assert done.stderr.startswith("handwriting.py: Keras cannot be imported (")
    assert done.stderr.count("\n") == 1


# The parts, without Keras


class FakeModel:
    """Has the given losses, one an epoch, on validation digits that are all zeros; an epoch is one batch."""

    def __init__(self, losses: list):
        self.losses, self.epoch, self.weights = losses, 0, "untrained"

    def reset_metrics(self):
        pass

    def train_on_batch(self, images, labels, **options):
        loss = self.losses[self.epoch]
        if loss is KeyboardInterrupt:
            raise KeyboardInterrupt
        self.epoch += 1
        return {"loss": loss}

    def predict_on_batch(self, images):
        right = np.exp(-self.losses[self.epoch - 1])
        return np.tile([right, *[(1 - right) / 9] * 9], (len(images), 1))

    def get_weights(self):
        return f"of epoch {self.epoch}"

    def set_weights(self, weights):
        self.weights = weights


@pytest.fixture
def fake_training():
    """Train a fake model with the given losses; return its weights and the number of epochs."""
    digits = np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8)

    def train(losses):
        model = FakeModel(losses)
        configuration = Configuration(epochs=len(losses))
        history = training_loop.train(model, digits, digits, configuration, lambda history: None)  # pyright: ignore[reportArgumentType]: a fake model
        return model.weights, len(history.epochs)

    return train


@pytest.mark.parametrize(
    ("losses", "kept"),
    [
        ([0.9, 0.5, 0.7], ("of epoch 2", 3)),
        ([0.9, 0.5, 0.5], ("of epoch 3", 3)),
        ([0.4, 0.5, 0.6], ("of epoch 1", 3)),
        ([0.9, 0.5, KeyboardInterrupt], ("of epoch 2", 2)),
        ([0.4, 0.5, KeyboardInterrupt], ("of epoch 1", 2)),
    ],
)
def test_of_epochs_equally_right_the_one_of_the_lowest_validation_loss_is_kept(fake_training, losses, kept):
    assert fake_training(losses) == kept


def test_an_interruption_before_the_first_epoch_is_done_is_raised(fake_training):
    with pytest.raises(KeyboardInterrupt):
        fake_training([KeyboardInterrupt])


@pytest.mark.parametrize("losses", [[float("nan")], [0.5, float("inf")]])
def test_a_training_that_diverges_says_what_helps(fake_training, losses):
    with pytest.raises(UserError, match=rf"epoch {len(losses)} is not a number; give a lower --learning-rate"):
        fake_training(losses)


@pytest.fixture
def without_keras(monkeypatch):
    for name in ("prepare_keras", "compile_model"):
        monkeypatch.setattr(handwriting, name, lambda *_: None)
    monkeypatch.setattr(handwriting, "build_model", lambda **_: FakeModel([]))


@pytest.mark.parametrize(("share", "kept"), [(0.0, 20.0), (0.3, 17.0), (1.0, 10.0)])
def test_a_share_of_the_starting_weights_is_kept_and_the_card_says_so(without_keras, monkeypatch, share, kept):
    saved = []
    numbers = np.arange(480)
    monkeypatch.setattr(FakeModel, "get_weights", lambda self: [np.array([10.0])])
    monkeypatch.setattr(keras_model, "start_from", lambda *_: {"started_from": "abc"})
    monkeypatch.setattr(handwriting, "train", lambda *_: History(best_weights=[np.array([20.0])]))
    monkeypatch.setattr(handwriting, "finish", lambda *given: saved.append(given) or "finished")
    options = Options(Configuration(), start=Path("start.h5"), start_share=share)
    assert handwriting.run(Dataset(numbers, numbers, numbers, numbers), options, Progress(None)) == "finished"
    ((network, *_, origin),) = saved
    np.testing.assert_allclose(network.weights, [[kept]])
    assert origin == {"started_from": "abc", **({"start_share": share} if share else {})}


def test_a_training_learns_from_as_many_digits_as_configured(without_keras, monkeypatch):
    shown = []
    monkeypatch.setattr(handwriting, "finish", lambda *_: "finished")
    monkeypatch.setattr(handwriting, "train", lambda model, training, *_: shown.append(training) or History())
    numbers = np.arange(480)
    digits = Dataset(numbers, numbers, numbers, numbers)
    assert handwriting.run(digits, Options(Configuration(digits=7)), Progress(None)) == "finished"
    ((images, labels),) = shown
    np.testing.assert_array_equal(images, labels)
    np.testing.assert_array_equal(labels, np.resize(numbers[:7], len(labels)))  # so few are shown several times


@pytest.mark.parametrize(
    ("epochs", "batch_size", "num_images", "taken"),
    [
        (12, 128, 82_000, 128),  # the full recipe
        (1, 128, 44_700, 128),
        (5, 1024, 82_000, 1024),
        (1, 1024, 82_000, 410),
        (5, 128, 2980, 74),
        (1, 128, 2980, 16),
        (1, 8, 2980, 8),
        (1, 128, 10, 10),
    ],
)
def test_batches_are_as_large_as_leaves_enough_steps(epochs, batch_size, num_images, taken):
    assert training_loop.batch_size_for(Configuration(epochs=epochs, batch_size=batch_size), num_images) == taken


@pytest.mark.parametrize(("epochs", "digits", "times"), [(1, 100, 32), (5, 100, 7), (1, 3200, 1), (12, 55_000, 1)])
def test_few_digits_are_shown_several_times(epochs, digits, times):
    configuration = Configuration(epochs=epochs, network="small")
    images, labels = training_loop.repeat(np.zeros((digits, 28, 28), np.uint8), np.arange(digits), configuration)
    assert len(images) == len(labels) == times * digits
    assert epochs * len(labels) >= training_loop.LEAST_STEPS * training_loop.LEAST_BATCH
    np.testing.assert_array_equal(np.bincount(labels), times)


class Ordered:
    """A watch of a training that is told to stop within an epoch, after so many of its batches; 0 before the first."""

    def __init__(self, stop_at: tuple[int, int]):
        self.stop_at, self.number, self.is_cut_short = stop_at, 0, False

    def draw_epoch(self, number):
        self.number = number

    def start_epoch(self, batches):
        if self.stop_at == (self.number, 0):
            raise KeyboardInterrupt

    def after_batch(self, batch, results):
        self.is_cut_short = (self.number, batch) == self.stop_at
        return not self.is_cut_short


@pytest.mark.parametrize(
    ("stop_at", "epochs", "is_stopped", "kept"),
    [((2, 1), 2, True, "of epoch 2"), ((1, 1), 1, True, "of epoch 1"), ((2, 0), 1, False, "of epoch 1")],
)
def test_a_stop_within_an_epoch_keeps_what_was_learned_until_then(stop_at, epochs, is_stopped, kept):
    digits, model = (np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8)), FakeModel([0.9, 0.5, 0.4])
    reported = []
    history = training_loop.train(
        model,  # pyright: ignore[reportArgumentType]: a fake model
        digits,
        digits,
        Configuration(epochs=3),
        reported.append,
        watch=Ordered(stop_at),  # pyright: ignore[reportArgumentType]: a fake watch
    )
    assert (len(history.epochs), history.is_stopped, model.weights) == (epochs, is_stopped, kept)
    assert [each.is_stopped for each in reported] == [False] * (epochs - is_stopped) + [True] * is_stopped


def test_a_stop_before_the_first_batch_keeps_nothing():
    digits = np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8)
    with pytest.raises(KeyboardInterrupt):
        training_loop.train(FakeModel([0.9]), digits, digits, Configuration(), lambda _: None, watch=Ordered((1, 0)))  # pyright: ignore[reportArgumentType]: fakes
