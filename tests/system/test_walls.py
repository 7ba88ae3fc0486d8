"""The walls between the processes (DESIGN.md): who imports what, seen in fresh interpreters."""

import json
import os

import pytest

from tests.support.processes import ROOT, run_python

HEAVY = {"tensorflow", "keras", "jax", "torch"}
ROOMS = {
    f"digits.{folder.name}": [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted(folder.rglob("*.py"))
    ]
    for folder in sorted((ROOT / "digits").iterdir())
    if (folder / "__init__.py").exists()
}
ALONE_IN = {"digits.window": {"pygame"}, "digits.page": {"streamlit"}}
MUST_NEVER = {
    "recognition": HEAVY | {"streamlit", "scipy", "PIL", "h5py", "jinja2"},
    "app": HEAVY | {"pygame", "h5py"},
    "handwriting": HEAVY | {"pygame", "streamlit"},  # Keras only once the training begins: see test_handwriting
    **{room: (HEAVY | {"pygame", "streamlit"}) - ALONE_IN.get(room, set()) for room in ROOMS},
}
IMPORT_EACH = """
import importlib, json, os, sys

for name, modules in json.loads(sys.argv[1]).items():
    if os.fork():
        if os.wait()[1]:
            sys.exit(f"{name} cannot be imported")
        continue
    for module in modules:
        importlib.import_module(module)
    os.write(1, (json.dumps([name, sorted({module.partition(".")[0] for module in sys.modules})]) + "\\n").encode())
    os._exit(0)
"""


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    """The packages that each program and all modules of each room bring, from an interpreter that had none."""
    modules = json.dumps({name: ROOMS.get(name, [name]) for name in MUST_NEVER})
    done = run_python("-c", IMPORT_EACH, modules, env={**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1"})
    assert done.returncode == 0, done.stderr
    return {name: set(packages) for name, packages in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", MUST_NEVER)
def test_nothing_is_imported_across_a_wall(imported, name):
    assert imported[name] & MUST_NEVER[name] == set()


WINDOW_AT_WORK = """
import os, sys
os.environ["SDL_VIDEODRIVER"] = "dummy"
import recognition
from digits.drawing import ink
from digits.models import loading
from digits.window import event_loop
loading.load().classify(ink.normalize([[(0, 0), (5, 9)]]))
"""
PAGE_AT_WORK = """
import sys
from streamlit.testing.v1 import AppTest
from digits.page import drawing_views
from digits.page.jobs.window_process import WindowHost, WindowSnapshot, WindowStatus
answered = drawing_views.AnsweredDrawing(0.0, (drawing_views.Answer(1, 1.0, (0, 1, 0, 0, 0, 0, 0, 0, 0, 0)),), ())
WindowHost.snapshot = lambda self: WindowSnapshot(WindowStatus.OPEN, None, (answered,))
for tab in ("Draw", "Images", "History", "Your hand", "Train", "Model", "Look inside"):
    page = AppTest.from_file("app.py", default_timeout=60)
    page.query_params["tab"] = tab
    page.run()
    assert page.markdown and not page.exception, page
from digits.drawing import ink
from digits.models import loading
loading.load().classify(ink.normalize([[(0, 0), (5, 9)]]))
"""


@pytest.mark.parametrize(
    ("code", "never"),
    [(WINDOW_AT_WORK, HEAVY | {"streamlit"}), (PAGE_AT_WORK, HEAVY | {"pygame"})],
    ids=["window", "page"],
)
def test_a_process_at_work_keeps_to_its_side(code, never):
    check = f"print(sorted({never!r} & set(sys.modules)), file=sys.__stdout__)"
    done = run_python("-c", code + check)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
