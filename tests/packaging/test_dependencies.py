"""Dependencies: declared once, in pyproject.toml, and pinned in constraints.txt."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.processes import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
OWN = {"app", "benchmarks", "digits", "handwriting", "recognition", "tests"}
INSTALLED_BY = {
    "PIL": "pillow",
    "grpc": "grpcio",
    "Xlib": "python-xlib",
    "xdist": "pytest-xdist",
}  # where the names differ
FOUND_BY_OTHERS = {"httptools", "tf2onnx"}  # by Uvicorn and by Keras
BY_HAND = {"mutmut", "torch"}  # named by the benchmark and the test that use them; both do without


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def imported(*paths: Path) -> set[str]:
    """Return the distributions that Python files, or those of folders, import."""
    files = [file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path])]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    packages = {module.partition(".")[0] for module in modules} - OWN - sys.stdlib_module_names
    return {canonicalize_name(INSTALLED_BY.get(package, package)) for package in packages}


OF_PRODUCT = names(
    [*PROJECT["dependencies"], *(line for extra in ("window", "train", "bulk", "onnx") for line in EXTRAS[extra])]
)
PRODUCT = imported(ROOT / "digits", ROOT / "app.py", ROOT / "handwriting.py", ROOT / "recognition.py")


def test_what_the_product_imports_is_declared():
    assert OF_PRODUCT >= PRODUCT


def test_what_is_declared_for_the_product_is_imported():
    assert OF_PRODUCT <= PRODUCT | FOUND_BY_OTHERS


def test_what_tests_and_benchmarks_import_is_declared():
    assert imported(ROOT / "tests", ROOT / "benchmarks") <= OF_PRODUCT | names(EXTRAS["test"]) | BY_HAND


def test_either_pygame_can_be_chosen():
    assert names(EXTRAS["window"]) == {"pygame"}
    assert names(EXTRAS["window-ce"]) == {"pygame-ce"}
    assert not {"pygame", "pygame-ce"} & names(PROJECT["dependencies"])


@pytest.mark.parametrize("extra", [None, *EXTRAS])
def test_every_dependency_is_pinned_to_a_version_that_is_allowed(extra):
    lines = [re.sub(r"\s*#.*", "", line) for line in (ROOT / "constraints.txt").read_text().splitlines()]
    pins = {canonicalize_name(pin.name): pin for pin in map(Requirement, filter(None, lines))}
    for line in EXTRAS[extra] if extra else PROJECT["dependencies"]:
        needed = Requirement(line)
        (specifier,) = pins[canonicalize_name(needed.name)].specifier
        assert specifier.operator == "=="
        assert needed.specifier.contains(specifier.version)


def test_streamlit_is_bounded_to_the_version_whose_parts_the_style_sheet_names():
    (streamlit,) = [line for line in PROJECT["dependencies"] if Requirement(line).name == "streamlit"]
    assert "<" in {specifier.operator for specifier in Requirement(streamlit).specifier}


@pytest.mark.parametrize(
    ("file", "extras", "constraints"),
    [
        ("requirements.txt", {"window", "train"}, "constraints.txt"),
        ("requirements-page.txt", {"window"}, "constraints.txt"),
        ("tests/requirements.txt", {"test"}, "../constraints.txt"),
    ],
)
def test_a_requirements_file_installs_the_project_with_the_pinned_versions(file, extras, constraints):
    lines = [line for line in (ROOT / file).read_text().splitlines() if not line.startswith("#")]
    assert lines == [f"-c {constraints}", lines[1]]
    found = re.fullmatch(r"-e \.\[([\w,-]+)\]", lines[1])
    assert found
    assert set(found[1].split(",")) == extras
