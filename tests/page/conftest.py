"""What the tests of the page share: one browser, in which every test has sessions of its own."""

import pytest

from benchmarks.page import pad as pad_benchmark


@pytest.fixture(scope="package")
def browser():
    with pad_benchmark.chromium() as browser:
        yield browser
