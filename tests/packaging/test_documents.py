"""The documents: every command in them exists and knows the options it is given, every file and link is there."""

import importlib
import re
import shlex
from contextlib import redirect_stdout
from functools import cache
from io import StringIO

import pytest
from PIL import Image

from tests.support.processes import ROOT

DOCUMENTS = sorted(path.name for path in ROOT.glob("*.md"))
LARGEST_PICTURE = 3_000_000  # bytes
PLAIN = {"benchmarks.window.plain_program"}  # takes no options
OTHER_PROGRAMS = {"pip", "pytest", "venv"}
COMMAND = re.compile(r"python3? (-m [\w.]+|\w+\.py)([^`\n#]*)")
FOLDERS = "assets|benchmarks|digits|hosted|notebooks|tests|\\.github|\\.streamlit"
FILE = re.compile(rf"`((?:(?:{FOLDERS})/[\w./-]*)|[\w-]+\.(?:py|toml|md|txt|cff))`")
EXAMPLES = {"__init__.py", "digits/page/tabs/gallery.py"}  # of what a reader writes, and of what every folder has


def read(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def commands() -> dict[str, tuple[str, str]]:
    """Return the modules that the documents run, with their arguments, by a readable name."""
    found = [match for document in DOCUMENTS for match in COMMAND.finditer(read(document))]
    modules = [(match[1].removeprefix("-m ").removesuffix(".py"), match[2].strip()) for match in found]
    return {" ".join(each).strip(): each for each in modules if each[0] not in OTHER_PROGRAMS}


@cache
def help_of(module: str) -> str:
    """Return what a program prints for --help."""

    with redirect_stdout(StringIO()) as printed, pytest.raises(SystemExit) as ended:
        importlib.import_module(module).main(["--help"])
    assert ended.value.code == 0
    return printed.getvalue()


@pytest.mark.parametrize("command", sorted(commands()))
def test_a_command_exists_and_knows_its_options(command):
    module, arguments = commands()[command]
    if module.startswith("tests."):
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file()
        return
    options = {word for word in shlex.split(arguments) if word.startswith("--")}
    assert options <= set(re.findall(r"--[\w-]+", help_of(module)))


def test_every_benchmark_is_named_in_the_table_of_benchmarks():
    text = read("BENCHMARKS.md")
    programs = [path for path in (ROOT / "benchmarks").rglob("*.py") if '__name__ == "__main__"' in path.read_text()]
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in programs}
    missing = {module for module in modules - PLAIN if module not in text}
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_names_exists(document):
    named = {match[1] for match in FILE.finditer(read(document))} - EXAMPLES
    linked = {link for link in re.findall(r"\]\(([^)#]+)\)", read(document)) if "://" not in link}
    assert {name for name in named | linked if not (ROOT / name).exists()} == set()


def test_every_picture_is_shown_and_small():
    pictures = [path for path in (ROOT / "assets").iterdir() if path.suffix in (".png", ".webp", ".gif")]
    shown = read("README.md")
    assert [path.name for path in pictures if path.name != "icon.png" and path.name not in shown] == []
    assert max(path.stat().st_size for path in pictures) < LARGEST_PICTURE


def test_the_readme_opens_with_a_moving_picture():

    first = re.search(r"!\[.+?\]\((.+?)\)", read("README.md"))
    assert first
    with Image.open(ROOT / first[1]) as picture:
        assert getattr(picture, "n_frames", 1) > 20
