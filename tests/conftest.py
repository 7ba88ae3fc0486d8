"""What all tests share: no user's folder and no network is ever touched, and what is costly is made once."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.support import template_digits
from tests.support.processes import run_python

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it, and so would children


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory) -> Iterator[Path]:
    """Keep caches, collections and Keras' folder of this run away from the user's; children inherit them."""
    folder = tmp_path_factory.mktemp("folders")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setenv("XDG_DATA_HOME", str(folder / "data"))
        patch.setenv("KERAS_HOME", str(folder / "keras"))
        patch.delenv("HANDWRITING_DATA", raising=False)
        patch.delenv("KERAS_BACKEND", raising=False)
        yield folder


@pytest.fixture(scope="session")
def data_file(tmp_path_factory) -> Path:
    """A data file of MNIST's form: 480 drawn digits to learn from, 50 to be tested with."""
    return template_digits.write_dataset(tmp_path_factory.mktemp("data") / "drawn.npz")


@pytest.fixture(scope="session")
def keras_models(tmp_path_factory) -> dict[str, dict]:
    """Keras models of many kinds, converted: see `tests.support.keras_models` for what is reported of each."""
    folder = tmp_path_factory.mktemp("keras_models")
    child = run_python("-m", "tests.support.keras_models", folder)
    assert child.returncode == 0, child.stderr
    return json.loads((folder / "report.json").read_text())


@pytest.fixture
def cache_folder(tmp_path, monkeypatch) -> Path:
    """An empty cache for one test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "handwriting"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where EVERY_TEST is "required", as in CI, a test that cannot run has failed."""
    report = yield
    if report.skipped and os.environ.get("EVERY_TEST") == "required":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and every test is required: {call.excinfo.value}"
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Share the tests out among several processes."""
    from tests.support.scheduling import Scheduling

    return Scheduling(config, log)


def pytest_collection_modifyitems(items):
    """Begin with what takes longest, where several processes share the tests."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        from tests.support.scheduling import slowest_first

        items[:] = slowest_first(items)
