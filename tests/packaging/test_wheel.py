"""The wheel, built and installed without a network, and its commands run from a folder that is not the checkout."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.support import template_digits
from benchmarks.support.screens import wait_until
from benchmarks.support.served import free_port
from digits.drawing import ink
from tests.support.processes import ROOT

PATIENCE = 600  # seconds, on a busy machine
IN_PACKAGE = """
import json
from digits.models import loading
from digits.system import design_tokens, paths
print(json.dumps([str(path) for path in (
    loading.SHIPPED, design_tokens.ICON, design_tokens.REGULAR, paths.PAGE_SCRIPT,
    paths.ROOT / "handwriting.py", paths.ROOT / "recognition.py",
)]))
"""
RUN_PAGE = """
from streamlit.testing.v1 import AppTest
from digits.system.paths import PAGE_SCRIPT
page = AppTest.from_file(str(PAGE_SCRIPT), default_timeout=200).run()
assert not page.exception, page.exception
print(page.title[0].value)
"""


class Installed:
    """An environment with the wheel installed, and a folder to run its commands from."""

    def __init__(self, folder: Path, wheel: Path):
        self.folder = folder / "elsewhere"
        self.folder.mkdir()
        self._environment = folder / "venv"
        venv.create(self._environment, with_pip=False)
        # The dependencies of the tests' environment, but not its own .pth files: one may name the checkout.
        (self.path("purelib") / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
        run_pip("--python", self.python, "install", "--no-deps", wheel)

    def path(self, name: str) -> Path:
        """Return a folder of the environment, by sysconfig's name for it."""
        return Path(sysconfig.get_path(name, "venv", {"base": str(self._environment)}))

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.path("scripts") / Path(sys.executable).name

    def command(self, name: str, *arguments: object) -> list[str]:
        """Return an installed command with its arguments."""
        return [str(self.path("scripts") / name), *map(str, arguments)]

    def run(self, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command from elsewhere until it ends."""
        own = clean_environment() | environment
        return subprocess.run(command, cwd=self.folder, env=own, capture_output=True, text=True, timeout=PATIENCE)

    @contextmanager
    def start(self, command: list[str], **environment: str) -> Iterator[subprocess.Popen]:
        """Run a command from elsewhere until the block ends."""
        own = clean_environment() | environment
        nowhere = subprocess.DEVNULL
        with subprocess.Popen(
            command, cwd=self.folder, env=own, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def clean_environment() -> dict[str, str]:
    """Return the environment without what could lead to the checkout."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def run_pip(*arguments: object) -> None:
    """Run this environment's pip without a network."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PIP_NO_INDEX": "1"}, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run_pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Installed:
    return Installed(tmp_path_factory.mktemp("installed"), wheel)


@pytest.fixture
def seven(tmp_path) -> Path:
    """An image file of a seven, ink on paper."""
    path = tmp_path / "seven.png"
    Image.fromarray(255 - ink.normalize(template_digits.strokes(7))).resize((112, 112)).save(path)
    return path


def test_the_wheel_holds_every_file_of_the_package_and_nothing_of_the_repository_beside(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = [path for path in (ROOT / "digits").rglob("*") if path.is_file() and path.parent.name != "__pycache__"]
    in_package = {path.relative_to(ROOT).as_posix() for path in files}
    assert in_package <= names
    assert {name.partition("/")[0] for name in names} == {"digits", "handwriting.py", "recognition.py"}
    pictures = ("window.webp", "page.png", "inside.png", "sheet.png", "number.png")  # of the README
    assert not [name for name in names if name.endswith(pictures)]


def test_licence_and_notices_are_in_the_wheel(wheel):
    with zipfile.ZipFile(wheel) as archive:
        kept = {Path(name).name for name in archive.namelist() if ".dist-info/licenses/" in name}
    assert kept == {"LICENSE", "NOTICE", "Inter-LICENSE.txt", "mnist-sample-LICENSE.txt"}


def test_model_typeface_and_programs_are_found_where_the_package_is_installed(installed):
    done = installed.run([str(installed.python), "-c", IN_PACKAGE])
    assert done.returncode == 0, done.stderr
    for path in map(Path, json.loads(done.stdout)):
        assert path.is_file()
        assert path.is_relative_to(installed.path("purelib").resolve())


@pytest.mark.parametrize("name", ["draw-a-digit", "draw-a-digit-page", "handwriting"])
def test_a_command_shows_its_help(installed, name):
    done = installed.run(installed.command(name, "--help"))
    assert done.returncode == 0, done.stderr
    assert "usage" in done.stdout.lower()


def test_an_image_file_is_read(installed, seven):
    done = installed.run(installed.command("draw-a-digit", "--classify", seven))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["digit"] == 7


def test_the_window_opens_and_closes_with_its_parent(installed, tmp_path):
    results = tmp_path / "answers.jsonl"
    command = installed.command("draw-a-digit", "--results", results, "--parent-pipe")
    with installed.start(command, SDL_VIDEODRIVER="dummy") as window:
        wait_until(lambda: results.exists() or window.poll() is not None, PATIENCE)
        assert window.stdin
        window.stdin.close()
        assert window.wait(PATIENCE) == 0
    assert results.exists()


def test_without_pygame_the_window_says_what_to_install(installed, tmp_path):
    (tmp_path / "pygame.py").write_text("raise ModuleNotFoundError('no pygame', name='pygame')")
    done = installed.run(installed.command("draw-a-digit"), PYTHONPATH=str(tmp_path), SDL_VIDEODRIVER="dummy")
    assert done.returncode == 2
    assert done.stderr.endswith("The window needs Pygame; install it with: python -m pip install pygame\n")


def test_the_page_is_shown(installed):
    done = installed.run([str(installed.python), "-c", RUN_PAGE])
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "Draw a digit"


def test_the_page_is_served_with_the_settings_of_the_checkout(installed):
    port = free_port()
    command = installed.command("draw-a-digit-page", "--server.port", port, "--server.headless", "true")
    with installed.start(command) as server:
        address = f"http://127.0.0.1:{port}/_stcore/health"
        assert wait_until(lambda: server.poll() is not None or fetch(address), PATIENCE) == b"ok"
    settings = installed.path("purelib") / "digits" / "streamlit_app" / ".streamlit" / "config.toml"
    assert settings.read_bytes() == (ROOT / ".streamlit" / "config.toml").read_bytes()


def test_the_containers_command_serves_the_page_hosted(installed, tmp_path):
    settings, command, check = read_dockerfile()
    settings |= {"HOME": str(tmp_path), "STREAMLIT_SERVER_PORT": str(port := free_port())}
    with installed.start(installed.command(Path(command[0]).name, *command[1:]), **settings) as server:
        healthy = [str(installed.python), *(word.replace("8501", str(port)) for word in check[1:])]
        wait_until(lambda: server.poll() is not None or installed.run(healthy).returncode == 0, PATIENCE)
        assert fetch(f"http://127.0.0.1:{port}/api/model", Host="any.example")
        assert server.poll() is None
    assert settings["HANDWRITING_MODE"] == "hosted"
    assert settings["STREAMLIT_SERVER_ADDRESS"] == "0.0.0.0"


def read_dockerfile() -> tuple[dict[str, str], list[str], list[str]]:
    """Return the variables of the image, its command and its health check."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", "")
    (variables,) = re.findall(r"^ENV (.+)$", text, re.MULTILINE)
    check, command = (json.loads(found) for found in re.findall(r"CMD (\[.+\])$", text, re.MULTILINE))
    return dict(each.split("=", 1) for each in variables.split()), command, check


def fetch(address: str, **headers: str) -> bytes | None:
    """Return what an address answers, or None while nothing does."""
    try:
        request = urllib.request.Request(address, headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return response.read()
    except OSError:
        return None
