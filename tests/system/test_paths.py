"""The user's folders, for a user who has no home."""

import os
from pathlib import Path

import pytest

from digits.system import paths
from digits.system.files import UserError
from digits.training import mnist


@pytest.fixture
def homeless(monkeypatch):
    """A user whose home folder is unknown, as in a container with a bare user id."""
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "KERAS_HOME", "HANDWRITING_DATA"):
        monkeypatch.delenv(variable, raising=False)

    def unknown(path: str) -> str:
        return path

    monkeypatch.setattr("os.path.expanduser", unknown)


@pytest.mark.parametrize("folder", [paths.user_data, paths.user_cache, paths.user_home])
def test_without_a_home_one_sentence_says_what_to_set(homeless, folder):
    with pytest.raises(UserError, match="set the variable HOME"):
        folder()


def test_without_a_home_there_is_no_cached_mnist(homeless):
    assert mnist.find() is None


def test_without_a_home_keras_makes_no_folder_named_tilde(homeless, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", "")  # forgotten again after the test, whatever is set
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    paths.house_keras()
    assert Path(os.environ["KERAS_HOME"]).parent == tmp_path


def test_the_home_of_nobody_is_one_sentence():
    with pytest.raises(UserError, match=r"no home folder for ~nosuchuser/mnist\.npz"):
        paths.expand("~nosuchuser/mnist.npz")
