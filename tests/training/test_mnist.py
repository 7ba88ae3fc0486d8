"""MNIST: where the file is looked for, one sentence for each way in which it can be wrong, and the held-out digits."""

import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.system.files import UserError, sha256
from digits.training import mnist
from digits.training.configuration import Configuration

PICTURES, LABELS = template_digits.pictures(20, seed=0)


def good() -> dict[str, np.ndarray]:
    return {"x_train": PICTURES, "y_train": LABELS, "x_test": PICTURES[:5], "y_test": LABELS[:5]}


def write(path: Path, **changes: np.ndarray | None) -> Path:
    np.savez_compressed(path, **{name: array for name, array in {**good(), **changes}.items() if array is not None})
    return path


def test_a_file_comes_back_as_it_was_written(tmp_path):
    digits = mnist.read(write(tmp_path / "d.npz"))
    for read, written in zip(digits, good().values(), strict=True):
        np.testing.assert_array_equal(read, written)
        assert read.dtype == np.uint8


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8])
def test_labels_may_be_whole_numbers_of_any_width(tmp_path, dtype):
    digits = mnist.read(write(tmp_path / "d.npz", y_train=LABELS.astype(dtype)))
    assert digits.train_labels.dtype == np.uint8


def cut(share: float):
    def spoil(path: Path) -> None:
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return spoil


def damage(path: Path) -> None:
    """Overwrite compressed data in the middle, where zip's own directory does not show it."""
    content = bytearray(path.read_bytes())
    content[200:300] = bytes(100)
    path.write_bytes(content)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pickled(path: Path) -> None:
    np.savez(path, allow_pickle=True, **{**good(), "x_train": np.array([{"a": 1}], dtype=object)})


def endless(path: Path) -> None:
    """Announce far more pictures than are there."""
    with zipfile.ZipFile(path, "w") as archive, archive.open("x_train.npy", "w") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": (2**50, 28, 28)}
        np.lib.format.write_array_header_1_0(file, header)


FILES = {
    "missing": (Path.unlink, "There is no data file"),
    "a folder": (folder, "is a folder"),
    "empty": (lambda path: path.write_bytes(b""), "is not a complete .npz file"),
    "a text": (lambda path: path.write_text("5, 0, 4, 1"), "is not a complete .npz file"),
    "cut off early": (cut(0.01), "is not a complete .npz file"),
    "cut off in the middle": (cut(0.5), "is not a complete .npz file"),
    "cut off late": (cut(0.99), "is not a complete .npz file"),
    "damaged": (damage, "is not a complete .npz file"),
    "one array only": (lambda path: np.save(path.open("wb"), PICTURES), "is not a complete .npz file"),
    "pickled objects": (pickled, "is not a complete .npz file of plain arrays"),
    "an archive of something else": (lambda path: zipfile.ZipFile(path, "w").close(), "lacks an array"),
    "more announced than there is": (endless, "is not a complete .npz file"),
}
ARRAYS = {
    "no labels": ({"y_train": None}, "lacks an array (y_train"),
    "no pictures for the test": ({"x_test": None}, "lacks an array (x_test"),
    "float pictures": ({"x_train": PICTURES / 255}, "x_train is float64 (20, 28, 28)"),
    "pictures with channels": ({"x_train": PICTURES[..., None]}, "x_train is uint8 (20, 28, 28, 1)"),
    "flat pictures": ({"x_test": PICTURES.reshape(20, 784)}, "x_test is uint8 (20, 784)"),
    "pictures of another size": (
        {"x_train": np.zeros((20, 32, 32), np.uint8)},
        "expected two or more uint8 (n, 28, 28)",
    ),
    "no pictures": ({"x_train": PICTURES[:0], "y_train": LABELS[:0]}, "x_train is uint8 (0, 28, 28)"),
    "one picture": ({"x_train": PICTURES[:1], "y_train": LABELS[:1]}, "expected two or more"),
    "too few labels": ({"y_train": LABELS[:19]}, "y_train uint8 (19,); expected one label of 0 to 9 for each image"),
    "labels of ten classes in columns": ({"y_train": np.eye(10, dtype=np.uint8)[LABELS]}, "y_train uint8 (20, 10)"),
    "a label of 10": ({"y_test": np.array([0, 1, 2, 3, 10])}, "expected one label of 0 to 9"),
    "a label of -1": ({"y_test": np.array([0, 1, 2, 3, -1])}, "expected one label of 0 to 9"),
    "float labels": ({"y_train": LABELS.astype(float)}, "y_train float64 (20,)"),
    "labels in words": ({"y_train": LABELS.astype(str)}, "expected one label of 0 to 9"),
}


@pytest.mark.parametrize(("spoil", "words"), FILES.values(), ids=FILES)
def test_a_file_that_is_not_whole_gets_one_sentence_and_is_left_alone(tmp_path, spoil, words):
    path = write(tmp_path / "d.npz")
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(UserError) as raised:
        mnist.read(path)
    assert words in str(raised.value)
    assert str(path) in str(raised.value)
    assert str(raised.value).endswith(f"{mnist.SUPPLY}.")
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize(("changes", "words"), ARRAYS.values(), ids=ARRAYS)
def test_arrays_that_are_not_mnists_are_described(tmp_path, changes, words):
    path = write(tmp_path / "d.npz", **changes)
    with pytest.raises(UserError) as raised:
        mnist.read(path)
    assert words in str(raised.value)
    assert path.is_file()


@pytest.mark.parametrize(("count", "held_out"), [(2, 1), (10, 1), (480, 48), (60_000, 5_000), (90_000, 5_000)])
def test_the_last_training_digits_are_held_out(count, held_out):
    numbers = np.arange(count)
    training, validation = mnist.split(mnist.Dataset(numbers, -numbers, numbers, numbers))
    np.testing.assert_array_equal(np.concatenate([training[0], validation[0]]), numbers)
    np.testing.assert_array_equal(validation[1], -validation[0])
    assert len(validation[0]) == held_out


def test_only_the_first_digits_are_for_training_where_that_is_asked():
    numbers = np.arange(480)
    training, validation = mnist.split(mnist.Dataset(numbers, -numbers, numbers, numbers), 100)
    np.testing.assert_array_equal(training[0], numbers[:100])
    np.testing.assert_array_equal(training[1], -numbers[:100])
    np.testing.assert_array_equal(validation[0], numbers[-48:])  # the same as of all


def test_the_file_is_looked_for_in_order(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    assert mnist.find() is None
    cached = tmp_path / "keras" / "datasets" / "mnist.npz"
    cached.parent.mkdir(parents=True)
    cached.touch()
    assert mnist.find() == cached
    monkeypatch.setenv("HANDWRITING_DATA", "~/mnist.npz")
    assert mnist.find() == Path.home() / "mnist.npz"
    assert mnist.find(tmp_path / "named.npz") == tmp_path / "named.npz"


@pytest.fixture
def served(tmp_path, monkeypatch) -> Path:
    """What the network would give; nothing is in Keras' folder yet."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    path = write(tmp_path / "served.npz")
    monkeypatch.setattr(mnist, "URL", path.as_uri())
    monkeypatch.setattr(mnist, "SHA256", sha256(path))
    return path


def test_without_a_file_it_is_downloaded_into_keras_folder_and_found_there_again(served, tmp_path, capsys):
    digits = mnist.load()
    np.testing.assert_array_equal(digits.train_images, PICTURES)
    assert f"Downloading {served.as_uri()}" in capsys.readouterr().err
    assert mnist.find() == tmp_path / "keras" / "datasets" / "mnist.npz"
    served.unlink()
    mnist.load()
    assert "keras" not in sys.modules


def test_a_download_that_fails_says_how_to_supply_a_file(served, tmp_path):
    served.unlink()
    with pytest.raises(UserError, match=rf"could not be downloaded .* \(No such file or directory\); {mnist.SUPPLY}"):
        mnist.load()
    assert list((tmp_path / "keras" / "datasets").iterdir()) == []


def test_a_download_of_something_else_is_not_kept(served, tmp_path):
    served.write_text("Please log in to this network.")
    with pytest.raises(UserError, match=f"is not MNIST; {mnist.SUPPLY}"):
        mnist.load()
    assert list((tmp_path / "keras" / "datasets").iterdir()) == []


def test_a_file_of_another_hash_in_keras_folder_is_used_and_kept(tmp_path, monkeypatch, data_file):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    cached = Path(shutil.copy(data_file, tmp_path / "datasets" / "mnist.npz"))
    assert len(mnist.load().train_labels) == 480
    assert cached.read_bytes() == data_file.read_bytes()


def test_the_sample_is_asked_for_by_its_name(monkeypatch):
    assert mnist.find(Path("sample")) == mnist.SAMPLE
    monkeypatch.setenv("HANDWRITING_DATA", "sample")
    assert mnist.find() == mnist.SAMPLE
    assert [len(labels) for labels in mnist.load()[1::2]] == [5000, 1000]


def test_a_digit_that_is_left_out_is_not_learned_from():
    images, labels = mnist.chosen(PICTURES, LABELS, Configuration(left_out=7))
    np.testing.assert_array_equal(labels, LABELS[LABELS != 7])
    np.testing.assert_array_equal(images, PICTURES[LABELS != 7])
    with pytest.raises(UserError, match="No digit is left to learn from without the 0; give more --digits"):
        mnist.chosen(PICTURES[:1], LABELS[:1], Configuration(left_out=0))


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_so_many_labels_are_wrong_and_the_same_ones_each_time(share):
    labels = np.arange(100, dtype=np.uint8) % 10
    images = np.zeros((100, 28, 28), np.uint8)
    spoilt, again = (mnist.chosen(images, labels, Configuration(wrong_labels=share))[1] for _ in range(2))
    assert (spoilt != labels).mean() == share
    assert spoilt.dtype == np.uint8
    assert spoilt.max() < 10
    np.testing.assert_array_equal(spoilt, again)


@pytest.mark.parametrize(("learned", "judges"), [(55_000, 5500), (30_000, 3000), (8000, 1000), (100, 1000)])
def test_a_short_epoch_is_judged_by_fewer_digits(learned, judges):
    assert mnist.num_judges(learned) == judges
