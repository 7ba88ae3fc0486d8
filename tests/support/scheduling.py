"""How the files of tests are shared out among the processes of pytest-xdist."""

import ast
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

SHARED = "keras_models"  # a fixture that takes a minute
SLOWEST = (  # files, which are begun in this order, before all others
    "tests/page/test_page_in_browser.py",
    "tests/programs/test_app.py",
    "tests/models/test_explanations.py",  # and with it those that need the same Keras models
    "tests/programs/test_handwriting.py",
    "tests/training/test_backends.py",
    "tests/page/test_pad_in_browser.py",
    "tests/programs/test_notebook.py",
    "tests/benchmarks/test_sweep.py",
    "tests/benchmarks/test_accuracy.py",
    "tests/page/test_hostile_uploads.py",
    "tests/training/test_synthetic_digits.py",
    "tests/page/test_hand_in_browser.py",
    "tests/bulk/test_run.py",
)


class Scheduling(LoadFileScheduling):
    """Whole files, in the order of the collection; those that need the same Keras models go to one process."""

    def __init__(self, config: pytest.Config, log=None):
        super().__init__(config, log)
        config.option.loadscopereorder = False  # it would begin with those of the most tests

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return SHARED if asks_for(SHARED, self.config.rootpath / file) else file


@cache
def asks_for(fixture: str, file: Path) -> bool:
    """Tell whether a test or a fixture of the file has that fixture as a parameter."""
    return any(isinstance(node, ast.arg) and node.arg == fixture for node in ast.walk(ast.parse(file.read_bytes())))


def slowest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return the tests with those of the slowest files first, so that none of these is begun last."""
    place = {file: index for index, file in enumerate(SLOWEST)}
    return sorted(items, key=lambda item: place.get(item.nodeid.split("::")[0], len(SLOWEST)))
