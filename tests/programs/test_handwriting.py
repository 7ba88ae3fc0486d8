"""The trainer: real trainings, tiny ones, and everything that can go wrong before, during and after one."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

import handwriting
from benchmarks.support import template_digits
from digits.models import loading, model_card
from digits.recognition.records import read_records
from digits.system.files import UserError, sha256
from digits.training import augmentation
from digits.training.mnist import Dataset
from digits.training.progress import Progress
from handwriting import Epoch
from tests.support.processes import ROOT, run_python

TINY = ("--epochs", "2", "--batch-size", "8", "--learning-rate", "0.03", "--seed", "3", "--digits", "300")
TINY_RECIPE = {"epochs": 2, "batch_size": 8, "learning_rate": 0.03, "seed": 3, "digits": 300}
TRAINER = str(ROOT / "handwriting.py")


@pytest.fixture(scope="module")
def trained(tmp_path_factory, data_file) -> SimpleNamespace:
    """A whole training from the command line."""
    folder = tmp_path_factory.mktemp("trained")
    files = SimpleNamespace(model=folder / "model.h5", progress=folder / "progress")
    files.done = run_python(TRAINER, files.model, "--data", data_file, "--progress", files.progress, *TINY)
    assert files.done.returncode == 0, files.done.stderr
    files.records = read_records(files.progress)
    return files


TWO_TRAININGS = """
import resource, signal, sys
import handwriting

*arguments, again, kept = sys.argv[1:]
first = handwriting.main([again, *arguments])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit raises OSError, as on a full disk
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
second = handwriting.main([kept, *arguments])
assert not {"pygame", "streamlit"} & set(sys.modules)
print("codes", first, second)
"""


@pytest.fixture(scope="module")
def repeated(tmp_path_factory, trained) -> SimpleNamespace:
    """The same training again, on a file with wrong test labels, and once more on a disk that is full at the end."""
    folder = tmp_path_factory.mktemp("repeated")
    files = SimpleNamespace(model=folder / "again.h5", kept=folder / "kept.h5")
    data = template_digits.write_dataset(folder / "wrong_test.npz", test_labels_wrong_by=1)
    for old in (files.kept, *model_card.companions(files.kept)):
        old.write_bytes((trained.model.parent / f"model{old.suffix}").read_bytes())
    files.before = {path: path.read_bytes() for path in folder.iterdir()}
    files.done = run_python("-c", TWO_TRAININGS, "--data", data, *TINY, files.model, files.kept)
    return files


# What a training gives


def test_a_training_learns(trained):
    end = trained.records[-1]
    assert end["test_accuracy"] > 0.5  # chance is 0.1
    assert f"Test accuracy {end['test_accuracy']:.2%} on 50 digits." in trained.done.stdout
    assert trained.records[2]["loss"] < trained.records[1]["loss"]


def test_a_training_shows_each_epoch(trained):
    lines = [line for line in trained.done.stdout.splitlines() if line.startswith("epoch ")]
    assert [line.split()[1] for line in lines] == ["1/2", "2/2"]
    for line in lines:
        for word in ("loss", "accuracy", "validation", "min left"):
            assert word in line
    assert trained.done.stderr == ""


def test_a_training_saves_three_files_and_says_so(trained):
    saved = [trained.model, *model_card.companions(trained.model)]
    assert f"Saved {', '.join(map(str, saved))}." in trained.done.stdout
    assert sorted(trained.model.parent.iterdir()) == sorted([*saved, trained.progress])


def test_the_progress_file_tells_start_epochs_and_end(trained):
    assert [record["event"] for record in trained.records] == ["start", "epoch", "epoch", "end"]
    start, first, second, end = trained.records
    assert {name: start[name] for name in TINY_RECIPE} == TINY_RECIPE
    assert [first["epoch"], second["epoch"]] == [1, 2]
    for epoch in (first, second):
        assert 0 <= epoch["validation_accuracy"] <= 1
        assert epoch["seconds"] > 0
    assert end["status"] == "finished"
    assert end["saved"] == [str(trained.model), *map(str, model_card.companions(trained.model))]


def test_the_card_tells_where_the_model_came_from(trained):
    entries = model_card.read_card(model_card.companions(trained.model).card).entries
    assert entries["sha256"] == sha256(trained.model)
    assert entries["recipe"] == TINY_RECIPE
    assert entries["test_accuracy"] == trained.records[-1]["test_accuracy"]
    epochs = trained.records[1:-1]
    kept = max(epochs, key=lambda epoch: epoch["validation_accuracy"] + epoch["distorted_accuracy"])
    assert entries["validation_accuracy"] == kept["validation_accuracy"]
    assert entries["history"]["validation_loss"] == [round(epoch["validation_loss"], 5) for epoch in epochs]
    assert {"python", "keras", "numpy"} <= entries["versions"].keys()


def test_a_trained_model_answers_without_any_conversion(trained):
    classifier = loading.load_if_converted(trained.model)
    pictures, labels = template_digits.pictures(50, seed=2)
    right = np.mean(
        [classifier.classify(picture).digit == label for picture, label in zip(pictures, labels, strict=True)]
    )
    assert right == pytest.approx(trained.records[-1]["test_accuracy"], abs=0.021)  # one picture at the border


def weights(path: Path) -> dict[str, np.ndarray]:
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def test_the_same_seed_gives_the_same_model_and_the_test_digits_choose_nothing(trained, repeated):
    """Both at once: the test labels of the second training were wrong."""
    first, second = weights(trained.model), weights(repeated.model)
    assert len(first) > 20
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)
    cards = [model_card.read_card(model.with_suffix(".json")).entries for model in (trained.model, repeated.model)]
    assert cards[0]["temperature"] == cards[1]["temperature"]
    assert cards[0]["validation_accuracy"] == cards[1]["validation_accuracy"]
    assert cards[1]["test_accuracy"] < 0.5 < cards[0]["test_accuracy"]


def test_a_full_disk_leaves_the_old_model_whole(repeated):
    assert repeated.done.stdout.splitlines()[-1] == "codes 0 2"
    sentence = f"handwriting.py: The model could not be saved to {repeated.kept} (File too large)"
    *checkpoints, last = repeated.done.stderr.splitlines()
    assert set(checkpoints) == {"handwriting.py: no checkpoint of this epoch (File too large)"}
    assert last.startswith(sentence)
    assert {path: path.read_bytes() for path in repeated.before} == repeated.before
    assert not list(repeated.kept.parent.glob(".*"))


# Stopping a training


@contextmanager
def training(*arguments: object, **options):
    """Start a training that would last for hours and yield it in its second epoch."""
    command = [sys.executable, TRAINER, *map(str, arguments), "--epochs", "5000", "--batch-size", "64"]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )
    try:
        child.before = [child.stdout.readline(), child.stdout.readline()]
        assert child.before[1].startswith("epoch    2/5000"), child.communicate()
        yield child
    finally:
        child.kill()


def test_ctrl_c_saves_the_best_epoch_says_so_and_a_second_one_does_no_harm(tmp_path, data_file):
    model, progress = tmp_path / "model.keras", tmp_path / "progress"
    with training(model, "--data", data_file, "--progress", progress, start_new_session=True) as child:
        os.killpg(child.pid, signal.SIGINT)  # as a terminal does: to the trainer and its children
        while "Test accuracy" not in (line := child.stdout.readline()):
            assert line.startswith(("epoch", "\n", "Stopped; the best epoch so far is tested and saved."))
        os.killpg(child.pid, signal.SIGINT)
        said, errors = child.communicate()
    assert (child.returncode, errors) == (130, "")
    assert f"Saved {model}, {model.with_suffix('.tflite')}, {model.with_suffix('.json')}." in said
    assert loading.load_if_converted(model) is not None
    records = read_records(progress)
    assert [records[0]["event"], records[1]["event"], records[-1]["event"]] == ["start", "epoch", "end"]
    assert records[-1]["status"] == "interrupted"
    assert records[-1]["saved"][0] == str(model)
    assert len(model_card.read_card(model.with_suffix(".json")).entries["history"]["loss"]) == len(records) - 2
    names = ["model.checkpoint.npz", "model.json", "model.keras", "model.tflite", "progress"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert "Go on with: python handwriting.py --resume" in said


def test_a_trainer_whose_parent_has_gone_stops_and_without_a_name_saves_nothing(tmp_path, data_file):
    with training("--data", data_file, "--parent-pipe", cwd=tmp_path) as child:
        said, errors = child.communicate()  # closes its standard input
    assert (child.returncode, errors) == (130, "")
    assert "Test accuracy" in said
    assert "Nothing was saved: no model file was named." in said
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_before_the_first_epoch_is_done_says_that_nothing_was_saved(tmp_path, data_file, monkeypatch, capsys):
    def interrupted(seed):
        raise KeyboardInterrupt

    monkeypatch.setattr(handwriting, "prepare_keras", interrupted)
    assert handwriting.main([str(tmp_path / "model.h5"), "--data", str(data_file)]) == 130
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("\nStopped; nothing was saved.\n", "")
    assert list(tmp_path.iterdir()) == []


def test_a_killed_training_goes_on_and_ends_as_if_it_had_never_stopped(tmp_path, data_file, trained):
    model = tmp_path / "model.h5"
    command = [sys.executable, TRAINER, model, "--data", data_file, *TINY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline().startswith("epoch 1/2")
        child.kill()
    assert [path.name for path in tmp_path.iterdir()] == ["model.checkpoint.npz"]
    done = run_python(TRAINER, "--resume", model, "--data", data_file, *TINY)
    assert done.returncode == 0, done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("epoch")] == ["2/2"]
    first, second = weights(trained.model), weights(model)
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)
    assert len(model_card.read_card(model_card.companions(model).card).entries["history"]["loss"]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.h5", "model.json", "model.tflite"]


def test_a_training_can_begin_with_the_weights_of_another_model(tmp_path, data_file, trained):
    model = tmp_path / "further.h5"
    options = ("--epochs", "1", "--batch-size", "8", "--learning-rate", "0.000001")
    done = run_python(TRAINER, model, "--start", trained.model, "--data", data_file, *options)
    assert done.returncode == 0, done.stderr
    first, second = (
        [array for name, array in weights(path).items() if name.endswith("kernel")] for path in (trained.model, model)
    )
    assert len(first) == len(handwriting.CHANNELS) * handwriting.CONVOLUTIONS + 1
    for before, after in zip(first, second, strict=True):
        np.testing.assert_allclose(after, before, atol=1e-3)
    assert model_card.read_card(model_card.companions(model).card).entries["started_from"] == sha256(trained.model)


def test_a_training_cannot_begin_with_another_network(tmp_path, data_file):
    other = ROOT / "tests" / "models" / "keras_2" / "sequential.h5"
    done = run_python(TRAINER, tmp_path / "model.h5", "--start", other, "--data", data_file, *TINY)
    assert done.returncode == 2
    assert f"{other} is another network" in done.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


KILLED_WHILE_SAVING = """
import os, sys
from digits.system.files import replacing

with replacing(sys.argv[1]) as draft:
    draft.write_bytes(b"half of the new")
    os.kill(os.getpid(), 9)
"""


def test_a_kill_while_saving_leaves_the_old_file_whole(tmp_path):
    path = tmp_path / "model.h5"
    path.write_bytes(b"the old model")
    assert run_python("-c", KILLED_WHILE_SAVING, path).returncode == -signal.SIGKILL
    assert path.read_bytes() == b"the old model"


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
    recipe = asdict(handwriting.Recipe(epochs=7, seed=2))
    epoch = dict.fromkeys(handwriting.Epoch.__dataclass_fields__, 0.5)
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
        "bad data": (["--data", f"{folder}/text.npz"], "is no whole .npz file"),
        "no folder for the progress": (
            [*given, "--progress", f"{folder}/no/p"],
            f"The folder {folder}/no for the progress",
        ),
        "the model as progress": (
            [f"{folder}/m.h5", *given, "--progress", f"{folder}/m.h5"],
            "is the model or the data",
        ),
        "the card as progress": (
            [f"{folder}/m.h5", *given, "--progress", f"{folder}/m.json"],
            "is the model or the data",
        ),
        "the data as progress": ([*given, "--progress", str(data)], "is the model or the data; name another file"),
        "no epochs": (["--epochs", "0"], "'0' is not a whole number above 0 and up to 1,000,000"),
        "half an epoch": (["--epochs", "1.5"], "'1.5' is not a whole number"),
        "epochs without end": (["--epochs", "9" * 30], "is not a whole number above 0 and up to"),
        "no digits": (["--digits", "0"], "'0' is not a whole number above 0 and up to 1,000,000"),
        "a batch of none": (["--batch-size", "-4"], "'-4' is not a whole number above 0"),
        "a rate that is none": (["--learning-rate", "nan"], "'nan' is not a number above 0"),
        "an endless rate": (["--learning-rate", "inf"], "'inf' is not a number above 0"),
        "a seed below 0": (["--seed", "-1"], "'-1' is not a whole number of 0 to 4294967295"),
        "a seed in words": (["--seed", "one"], "'one' is not a whole number"),
        "going on with nothing": (["--resume"], "--resume needs a model, such as: python handwriting.py --resume mod"),
        "a report on what is to be trained": (
            ["--report", f"{folder}/m.h5", "--start", f"{folder}/n.h5"],
            "--report trains nothing; leave out --start and --resume",
        ),
        "a report on what is to go on": (
            ["--report", "--resume", f"{folder}/m.h5"],
            "--report trains nothing; leave out --start and --resume",
        ),
        "nothing to go on from": (
            ["--resume", f"{folder}/model.h5", *given],
            f"There is no checkpoint {folder}/model.checkpoint.npz to go on from; train without --resume.",
        ),
        "a checkpoint of something else": (
            ["--resume", f"{folder}/odd.h5", *given],
            f"The checkpoint {folder}/odd.checkpoint.npz cannot be read",
        ),
        "a checkpoint of another recipe": (
            ["--resume", f"{folder}/other.h5", *given],
            f"The checkpoint of {folder}/other.h5 is of another recipe; go on with: --resume --epochs 7 "
            "--batch-size 128 --learning-rate 0.1 --seed 2.",
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
        "an unknown option": (["--optimizer", "adam"], "unrecognized arguments: --optimizer"),
        "two models": (["a.h5", "b.h5"], "unrecognized arguments: b.h5"),
    }


def test_what_is_wrong_with_a_command_is_told_before_keras_is_imported(tmp_path, data_file):
    commands = bad_commands(tmp_path, data_file)
    before = {path: path.read_bytes() for path in (data_file, *tmp_path.iterdir()) if path.is_file()}
    done = run_python("-c", CHECKED_FIRST, input=json.dumps([arguments for arguments, _ in commands.values()]))
    codes, imported = json.loads(done.stdout)
    said = done.stderr.split("\n\n")
    assert codes == [2] * len(commands)
    assert imported == []
    for name, (_, words), sentence in zip(commands, commands.values(), said, strict=False):
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
    """Answers as it is told: the loss of each epoch, of one batch, in turn, on validation digits that are all zeros."""

    def __init__(self, losses: list[float]):
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
        course = handwriting.train(model, digits, digits, handwriting.Recipe(len(losses)), lambda course: None)
        return model.weights, len(course.epochs)

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


@pytest.mark.parametrize(("plain", "distorted"), [(0.995, 0.96), (0.99, 0.965), (0.989, 0.97)])
def test_more_right_answers_plain_and_distorted_count_before_a_lower_loss(plain, distorted):
    surer = handwriting.Epoch(0.1, 0.9, 0.02, 0.99, 0.96, 1)
    more_right = handwriting.Epoch(0.1, 0.9, 0.03, plain, distorted, 1)
    assert handwriting.best_epoch([surer, more_right]) is more_right
    assert handwriting.best_epoch([more_right, surer]) is more_right


def test_an_interruption_before_the_first_epoch_is_done_rises(fake_training):
    with pytest.raises(KeyboardInterrupt):
        fake_training([KeyboardInterrupt])


@pytest.mark.parametrize("losses", [[float("nan")], [0.5, float("inf")]])
def test_a_training_that_diverges_says_what_helps(fake_training, losses):
    with pytest.raises(UserError, match=rf"epoch {len(losses)} is not a number; give a lower --learning-rate"):
        fake_training(losses)


@pytest.mark.parametrize(("count", "held_out"), [(2, 1), (10, 1), (480, 48), (60_000, 5_000), (90_000, 5_000)])
def test_the_last_training_digits_are_held_out(count, held_out):
    numbers = np.arange(count)
    training, validation = handwriting.split(Dataset(numbers, -numbers, None, None))
    np.testing.assert_array_equal(np.concatenate([training[0], validation[0]]), numbers)
    np.testing.assert_array_equal(validation[1], -validation[0])
    assert len(validation[0]) == held_out


def test_the_first_digits_alone_are_trained_on_if_so_wished():
    numbers = np.arange(480)
    training, validation = handwriting.split(Dataset(numbers, -numbers, None, None), 100)
    np.testing.assert_array_equal(training[0], numbers[:100])
    np.testing.assert_array_equal(training[1], -numbers[:100])
    np.testing.assert_array_equal(validation[0], numbers[-48:])  # the same as of all


def test_a_training_sees_as_many_digits_as_its_recipe_says(monkeypatch):
    shown = []
    for name in ("prepare_keras", "build_model", "compile_model", "without_optimizer", "finish"):
        monkeypatch.setattr(handwriting, name, lambda *_: None)
    course = handwriting.Course()
    monkeypatch.setattr(handwriting, "train", lambda model, training, *_: shown.append(training) or course)
    numbers = np.arange(480)
    handwriting.run(Dataset(numbers, numbers, None, None), handwriting.Recipe(digits=7), None, Progress(None))
    np.testing.assert_array_equal(shown, [(numbers[:7], numbers[:7])])


def test_each_epoch_sees_all_digits_distorted_anew(monkeypatch):
    pictures, labels = template_digits.pictures(40, seed=0)
    monkeypatch.setattr(augmentation, "distort", lambda pictures, rng: pictures)
    monkeypatch.setattr(handwriting.habits, "add_habits", lambda pictures, labels, rng: pictures)
    shown, targets = handwriting.distorted(pictures, labels, np.random.default_rng(0))
    assert not np.array_equal(targets[:40].argmax(axis=1), labels)
    pairs = {(picture.tobytes(), int(target.argmax())) for picture, target in zip(shown, targets, strict=True)}
    assert pairs >= {(picture.tobytes(), int(label)) for picture, label in zip(pictures, labels, strict=True)}


def test_an_epoch_also_shows_digits_from_templates_and_pictures_that_are_no_digit():
    pictures, labels = template_digits.pictures(200, seed=0)
    shown, targets = handwriting.distorted(pictures, labels, np.random.default_rng(0))
    assert (shown.shape, shown.dtype) == ((handwriting.pictures_per_epoch(200), 28, 28), np.uint8)
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-6)
    digits, nothing = targets[targets.max(axis=1) == 1], targets[targets.max(axis=1) < 1]
    assert len(digits) == 260
    assert len(nothing) == 16
    assert nothing.max() < 0.6


def test_epochs_differ_and_come_back_with_their_seed():
    pictures, labels = template_digits.pictures(20, seed=0)
    first, again, second = (handwriting.distorted(pictures, labels, np.random.default_rng([1, n])) for n in (0, 0, 1))
    np.testing.assert_array_equal(first[0], again[0])
    assert not np.array_equal(first[0], second[0])


def test_a_large_set_is_distorted_in_parts_by_other_processes_to_the_same_end(monkeypatch):
    pictures, labels = template_digits.pictures(90, seed=0)
    monkeypatch.setattr(handwriting, "PART", 30)
    elsewhere = handwriting.distorted(pictures, labels, np.random.default_rng(1))
    monkeypatch.setattr(handwriting.workers, "spread", lambda function, *arguments: list(map(function, *arguments)))
    here = handwriting.distorted(pictures, labels, np.random.default_rng(1))
    for one, other in zip(elsewhere, here, strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(here[0]) == handwriting.pictures_per_epoch(90)
    assert np.diff(here[1].argmax(axis=1)).any()


def test_a_fit_shows_whole_batches_alone_and_gives_their_loss():
    shown = []

    class Model:
        def reset_metrics(self):
            shown.clear()

        def train_on_batch(self, pictures, targets, return_dict):
            shown.append((pictures.ravel()[0], targets.ravel()[0]))
            assert len(pictures) == len(targets) == 4
            return {"loss": np.float32(len(shown))}

    pictures = np.zeros((10, 28, 28), np.uint8) + np.arange(0, 100, 10, dtype=np.uint8)[:, None, None]
    assert handwriting.fit(Model(), pictures, np.eye(10), 4) == 2
    np.testing.assert_allclose(shown, [(0, 1), (40 / 255, 0)], rtol=1e-6)


@pytest.mark.parametrize(("right", "loss"), [(1.0, "0.0000"), (0.5, "0.6931"), (0.0, "27.6310")])
def test_the_loss_is_the_cross_entropy_and_never_negative(monkeypatch, right, loss):
    monkeypatch.setattr(handwriting, "predict", lambda _, images: np.float32([[right, 1 - right]]))
    assert f"{handwriting.evaluate(None, None, np.array([0]))[0]:.4f}" == loss


def test_progress_tells_how_long_it_will_take(capsys):
    times = iter([100.0, 130.0])
    progress = Progress(None, clock=lambda: next(times))
    progress.start(handwriting.Recipe(epochs=11))
    progress.epoch([Epoch(0.5, 0.875, 0.25, 0.9375, 0.9, 30.0)])
    expected = "epoch  1/11  loss 0.5000  accuracy 87.50%  validation 93.75%  30 s, 5.0 min left\n"
    assert capsys.readouterr().out == expected


def test_a_progress_file_that_fails_does_not_cost_the_training(tmp_path, capsys):
    progress = Progress(tmp_path / "gone" / "progress")
    progress.start(handwriting.Recipe())
    progress.end("finished", [], 0.9)
    assert capsys.readouterr().err.count("no more progress in") == 1


def test_nobody_reading_does_not_cost_the_training():
    code = "import sys; from digits.training.progress import say; [say('') for _ in range(9)]; print('here', file=sys.stderr)"
    child = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    child.stdout.close()
    assert child.stderr.read() == "here\n"
    assert child.wait() == 0


class SavedModel:
    """Saves a few bytes, or fails to."""

    def __init__(self, failure: Exception | None = None):
        self.failure = failure

    def save(self, path: Path) -> None:
        path.write_bytes(b"the new model")
        if self.failure:
            raise self.failure


@pytest.fixture
def old_model(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(handwriting, "without_optimizer", lambda model: model)
    path = tmp_path / "model.h5"
    for old in (path, *model_card.companions(path)):
        old.write_bytes(b"old")
    return path


HDF5_FULL = (
    "Can't decrement id ref count (file write failed: errno = 28, error message = 'No space left on device', buf)"
)


@pytest.mark.parametrize(
    "failure", [OSError(28, "No space left on device"), OSError(28, HDF5_FULL), RuntimeError(HDF5_FULL)]
)
def test_a_save_that_fails_leaves_all_old_files(old_model, failure):
    with pytest.raises(
        UserError, match=rf"could not be saved to {old_model} \(No space left on device\); what was there"
    ):
        handwriting.save(SavedModel(failure), old_model, {})
    assert {path.read_bytes() for path in old_model.parent.iterdir()} == {b"old"}
    assert len(list(old_model.parent.iterdir())) == 3


@pytest.mark.parametrize("failure", [UserError("It was ended."), OSError(28, "No space left on device")])
def test_a_conversion_that_fails_does_not_cost_the_model(old_model, monkeypatch, capsys, failure):
    def fail(*paths):
        raise failure

    monkeypatch.setattr(loading, "run_conversion", fail)
    assert handwriting.save(SavedModel(), old_model, {}) == [str(old_model)]
    assert old_model.read_bytes() == b"the new model"
    assert capsys.readouterr().err.startswith("handwriting.py: model.tflite and model.json were not saved: ")
    assert model_card.read_card(model_card.companions(old_model).card).is_empty
