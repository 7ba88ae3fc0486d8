"""Pictures that are answered while a network learns, from a file that may change."""

import os

import numpy as np
import pytest

from digits.training.live.probes import MOST_PROBES, Probes


def replace(path, **arrays) -> None:
    """Replace the file as the page does."""
    np.savez(path.with_name("draft.npz"), **arrays)
    os.replace(path.with_name("draft.npz"), path)


def pictures(count: int, ink: int = 9) -> np.ndarray:
    return np.full((count, 28, 28), ink, np.uint8)


def test_they_are_read_again_when_the_file_changes_and_only_then(tmp_path):
    path = tmp_path / "probes.npz"
    probes = Probes(path)
    assert not probes.look()
    assert probes.pictures.shape == (0, 28, 28)
    for count, ink in ((3, 9), (3, 7), (2, 7)):
        replace(path, pictures=pictures(count, ink))
        assert probes.look()
        np.testing.assert_array_equal(probes.pictures, pictures(count, ink))
        assert not probes.look()
    replace(path, pictures=pictures(2, 7))
    assert not probes.look()  # another file with the same pictures
    path.unlink()
    assert probes.look()
    assert len(probes.pictures) == 0


def test_there_are_not_too_many(tmp_path):
    replace(tmp_path / "probes.npz", pictures=pictures(MOST_PROBES + 5))
    probes = Probes(tmp_path / "probes.npz")
    probes.look()
    assert len(probes.pictures) == MOST_PROBES


@pytest.mark.parametrize(
    "arrays",
    [
        {"digits": pictures(2)},
        {"pictures": pictures(2).astype(float)},
        {"pictures": pictures(2)[:, :20]},
        {"pictures": np.uint8(3)},
        {"pictures": np.array([object()])},
        None,
    ],
)
def test_anything_else_is_no_pictures_and_no_failure(tmp_path, arrays):
    path = tmp_path / "probes.npz"
    if arrays is None:
        path.write_text("no archive")
    else:
        replace(path, **arrays)
    probes = Probes(path)
    assert not probes.look()
    assert probes.pictures.shape == (0, 28, 28)
