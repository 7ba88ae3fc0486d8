"""How the files of tests are shared out among the processes of pytest-xdist."""

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadFileScheduling

SLOWEST = (  # files, which are begun in this order, before all others
    "tests/page/test_page_in_browser.py",
    "tests/programs/test_handwriting.py",
    "tests/training/test_backends.py",
    "tests/page/test_pad_in_browser.py",
    "tests/benchmarks/test_accuracy.py",
    "tests/programs/test_notebook.py",
    "tests/models/test_explanations.py",
)
OF_KERAS_MODELS = tuple(
    f"tests/models/test_{name}.py"
    for name in ("explanations", "adaptation", "conversion", "loading", "features_of_models")
)


class Scheduling(LoadFileScheduling):
    """Whole files, in the order of the collection; those that need the same Keras models go to one process."""

    def __init__(self, config: pytest.Config, log=None):
        super().__init__(config, log)
        config.option.loadscopereorder = False  # it would begin with those of the most tests

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return OF_KERAS_MODELS[0] if file in OF_KERAS_MODELS else file


def slowest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return the tests with those of the slowest files first, so that none of these is begun last."""
    place = {file: index for index, file in enumerate(SLOWEST)}
    return sorted(items, key=lambda item: place.get(item.nodeid.split("::")[0], len(SLOWEST)))
