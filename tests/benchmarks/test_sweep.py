"""Sweeps: trials are shared by all who name the journal, and each is a real training."""

import json

import pytest

from benchmarks.training import sweep


@pytest.fixture
def trainings(monkeypatch):
    """The settings of each training, which takes no time and is as good as its seed or rate."""
    taken = []

    def accuracy_of(settings, options):
        taken.append(dict(settings))
        return min(1.0, next(iter(settings.values())) / 10)

    monkeypatch.setattr(sweep, "accuracy_of", accuracy_of)
    return taken


def run(capsys, *words) -> dict:
    assert sweep.main([str(word) for word in words]) == 0
    return json.loads(capsys.readouterr().out)


def test_each_seed_is_trained_once_however_often_the_command_is_given(trainings, tmp_path, capsys):
    first = run(capsys, tmp_path / "study.log", "--seeds", 1, 2, 3)
    assert first["trials"] == [{"seed": seed, "validation_accuracy": seed / 10} for seed in (1, 2, 3)]
    assert (first["median"], first["range"]) == (0.2, [0.1, 0.3])
    second = run(capsys, tmp_path / "study.log", "--seeds", 1, 2, 3, 4)
    assert [trial["seed"] for trial in second["trials"]] == [1, 2, 3, 4]
    assert [settings["seed"] for settings in trainings] == [1, 2, 3, 4]


def test_settings_vary_between_their_bounds_until_there_are_enough_trials(trainings, tmp_path, capsys):
    command = [tmp_path / "study.log", "--vary", "learning_rate", "0.02", "0.3", "--vary", "batch_size", "32", "64"]
    run(capsys, *command, "--trials", 3)
    done = run(capsys, *command, "--trials", 5, "--jobs", 2)
    assert len(done["trials"]) == len(trainings) == 5
    assert all(0.02 <= settings["learning_rate"] <= 0.3 for settings in trainings)
    assert all(settings["batch_size"] in range(32, 65) for settings in trainings)
    assert len({settings["learning_rate"] for settings in trainings}) == 5


def test_two_seeds_of_a_small_network_are_two_trainings(tmp_path, data_file, capsys):
    options = ["--", "--network", "small", "--epochs", 1, "--digits", 100, "--data", data_file]
    done = run(capsys, tmp_path / "study.log", "--seeds", 1, 2, "--jobs", 2, *options)
    assert sorted(trial["seed"] for trial in done["trials"]) == [1, 2]
    assert all(0 <= trial["validation_accuracy"] <= 1 for trial in done["trials"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--vary", "colour", "1", "2"], "sweep: colour is no number that the trainer takes; expected one of epochs,"),
        (["--vary", "batch_size", "64", "32"], "sweep: batch_size is to vary from 64 to 32; expected the lower bound"),
        (["--vary", "batch_size", "many", "32"], "sweep: batch_size: "),
        (["--seeds", "1", "--", "--data", "nowhere.npz"], "sweep: A training has failed: handwriting.py: There is no"),
    ],
)
def test_a_wrong_sweep_gets_one_sentence(words, sentence, tmp_path, capsys):
    assert sweep.main([str(tmp_path / "study.log"), *words]) == 2
    said = capsys.readouterr().err
    assert said.startswith(sentence)
    assert said.count("\n") == 1


def test_another_file_is_no_journal(tmp_path, capsys):
    (tmp_path / "study.log").write_text("notes\n")
    assert sweep.main([str(tmp_path / "study.log"), "--seeds", "1"]) == 2
    assert "is no journal of a sweep; name another file." in capsys.readouterr().err
