"""What a killed program leaves: the next one removes its temporary folders, and no folder of a living process."""

import subprocess
import sys
import tempfile

import pytest

from benchmarks.support.screens import wait_until
from digits.system.leftovers import TemporaryFolder, is_in_use, mark_in_use, remove_abandoned_folders

OWNER = """
import sys
from digits.system.leftovers import TemporaryFolder
folder = TemporaryFolder("handwriting-")
print(folder.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A place for temporary folders, of this process and its children."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def owner(temporary):
    """A process that has a temporary folder, and the name of the folder."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", OWNER], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        yield process, temporary / process.stdout.readline().strip()
        process.kill()


def test_the_folder_of_a_living_process_stays(owner):
    _, folder = owner
    remove_abandoned_folders("handwriting-")
    assert folder.is_dir()


def test_the_folder_of_a_killed_process_is_removed_by_the_next(owner, temporary):
    process, folder = owner
    (folder / "answers.jsonl").touch()
    process.kill()
    process.wait()
    assert folder.is_dir()
    mine = TemporaryFolder("handwriting-")
    assert list(temporary.glob("handwriting-*")) == [mine.path]


def test_a_process_that_ends_removes_its_folder(owner):
    process, folder = owner
    process.stdin.close()
    wait_until(lambda: not folder.exists(), 30)


def test_folders_without_an_owner_are_none_of_ours(temporary):
    (temporary / "handwriting-other").mkdir()
    (temporary / "another").mkdir()
    (temporary / "another" / "owner").touch()
    remove_abandoned_folders("handwriting-")
    assert sorted(path.name for path in temporary.iterdir()) == ["another", "handwriting-other"]


def test_a_file_is_in_use_while_it_is_open(tmp_path):
    path = tmp_path / "file"
    assert not is_in_use(path)
    with path.open("wb") as file:
        mark_in_use(file)
        assert is_in_use(path)
    assert not is_in_use(path)
    assert is_in_use(tmp_path)  # not a file that can be looked at
