"""The scheduling of the tests: files that share what takes a minute go to one process, the slowest are begun first."""

import pytest

from tests.support.processes import ROOT
from tests.support.scheduling import SHARED, SLOWEST, asks_for


@pytest.mark.parametrize(
    ("file", "does_ask"),
    [
        ("models/inside/test_network.py", True),
        ("models/test_loading.py", True),  # in a fixture
        ("models/test_model_card.py", False),
        ("conftest.py", False),  # where it is made
    ],
)
def test_a_file_asks_for_the_keras_models_by_a_parameter(file, does_ask):
    assert asks_for(SHARED, ROOT / "tests" / file) == does_ask


def test_the_slowest_files_are_there():
    assert [file for file in SLOWEST if not (ROOT / file).is_file()] == []
