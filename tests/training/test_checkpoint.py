"""Checkpoints: what was written is read, and what cannot be read is explained. Real trainings are resumed elsewhere."""

from dataclasses import asdict

import numpy as np
import pytest

from digits.system.files import UserError
from digits.training.configuration import Configuration
from digits.training.results import checkpoint


class Optimizer:
    def __init__(self, variables: list):
        self.variables = variables

    def build(self, variables, /) -> None:
        pass


class Model:
    """Has arrays for variables."""

    def __init__(self, weights: list, state: list):
        self.weights = self.trainable_variables = weights
        self.layers = []
        self.optimizer = Optimizer(state)


@pytest.fixture(autouse=True)
def without_keras(monkeypatch):
    monkeypatch.setattr(checkpoint, "_values", list)


def test_what_was_written_is_read_in_its_order(tmp_path):
    lists = [[np.full(n % 3, n) for n in range(count)] for count in (120, 3, 1)]
    path = checkpoint.beside(tmp_path / "model.h5")
    checkpoint.write(path, {"epochs": [1, 2]}, Model(lists[0], lists[1]), lists[2])
    found = checkpoint.read(path)
    assert found.about == {"epochs": [1, 2]}
    for written, read in zip(lists, found[1:], strict=True):
        for before, after in zip(written, read, strict=True):
            np.testing.assert_array_equal(before, after)


def test_a_write_that_fails_leaves_the_last_checkpoint(tmp_path):
    path = tmp_path / "c.npz"
    checkpoint.write(path, {}, Model([np.ones(2)], []), [])
    before = path.read_bytes()
    with pytest.raises(TypeError):
        checkpoint.write(path, {"not for JSON": object()}, Model([], []), [])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 cut off", b"text"])
def test_what_is_no_checkpoint_is_explained(tmp_path, content):
    path = tmp_path / "c.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match="train without --resume"):
        checkpoint.read(path)


@pytest.mark.parametrize("about", [None, b"[" * 100_000, b"5", b"[1]", b"not JSON"])
def test_an_archive_of_something_else_is_explained(tmp_path, about):
    arrays = {"something": np.ones(2)} if about is None else {"about": np.frombuffer(about, np.uint8)}
    np.savez(tmp_path / "c.npz", allow_pickle=False, **arrays)
    with pytest.raises(UserError, match="cannot be read"):
        checkpoint.read(tmp_path / "c.npz")


@pytest.mark.parametrize("about", [{}, {"recipe": 5, "epochs": [{}]}, {"recipe": asdict(Configuration()), "epochs": 3}])
def test_a_checkpoint_of_another_version_is_explained(tmp_path, about):
    checkpoint.write(checkpoint.beside(tmp_path / "model.h5"), about, Model([], []), [])
    with pytest.raises(UserError, match="is of another version of this program; train anew"):
        checkpoint.find(tmp_path / "model.h5", Configuration())
