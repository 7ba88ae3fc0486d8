"""What the tests of the page share: one browser, in which every test has sessions of its own."""

from collections import defaultdict

import pytest

from benchmarks.page import pad as pad_benchmark
from benchmarks.support.served import PATIENCE


@pytest.fixture(scope="package")
def browser():
    with pad_benchmark.chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def spare_tabs():
    """Tabs that nobody uses now, by the options of their contexts."""
    return defaultdict(list)


@pytest.fixture
def new_tab(request, browser, spare_tabs):
    """Return a function that gives an empty tab; no script and no session may fail in it.

    A tab is used again, if no test has failed in it, since what it has in its cache saves most of the time that a page
    takes. Whoever opens a page in it is a new visitor nevertheless: nothing else is left.
    """
    used, errors, failed = [], [], request.session.testsfailed

    def note(error):
        errors.append(error)

    def new_tab(**options):
        key = repr(sorted(options.items()))
        tab = spare_tabs[key].pop() if spare_tabs[key] else browser.new_context(**options).new_page()
        tab.context.set_default_timeout(PATIENCE * 1000)
        tab.on("pageerror", note)
        used.append((key, tab))
        return tab

    yield new_tab
    errors += [f"exception on {tab.url}" for _, tab in used if tab.get_by_test_id("stException").count()]
    for key, tab in used:
        if errors or request.session.testsfailed > failed:
            tab.context.close()
        else:
            tab.remove_listener("pageerror", note)
            tab.evaluate("localStorage.clear(), sessionStorage.clear()")
            tab.context.clear_cookies()
            tab.emulate_media(color_scheme="null")
            tab.mouse.move(-1, -1)
            tab.goto("about:blank")
            spare_tabs[key].append(tab)
    assert not errors
