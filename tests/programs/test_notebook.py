"""The notebook runs from top to bottom on a small data set, and is committed without outputs."""

import json
import os
import re
from types import SimpleNamespace

import pytest

from tests.support.processes import ROOT, run_python

NOTEBOOK = ROOT / "notebooks" / "handwritten_digit_recognition.ipynb"
SETTINGS = {
    "NOTEBOOK_EPOCHS": "2",
    "NOTEBOOK_BATCH_SIZE": "8",
    "NOTEBOOK_LEARNING_RATE": "0.12",
    "OMP_NUM_THREADS": "1",
}
PICTURES = (
    *("first-digits", "distortions", "warp", "styles", "templates", "outliers", "mixture", "filter", "feature-maps"),
    *("deep-maps", "doubt", "worst", "drawing", "evidence", "photo"),
)
CHARTS = ("recipe", "curves", "confusion", "answer", "photo")
TABLES = ("layers", "calibration")

EXECUTE = """
import sys
import nbformat
from nbclient import NotebookClient

notebook, executed, folder = sys.argv[1:]
cells = nbformat.read(notebook, as_version=4)
nbformat.validate(cells)
try:
    NotebookClient(cells, timeout=None, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
finally:
    nbformat.write(cells, executed)
"""


@pytest.fixture(scope="module")
def cells() -> list[dict]:
    """The cells as committed."""
    return json.loads(NOTEBOOK.read_text("utf-8"))["cells"]


@pytest.fixture(scope="module")
def executed(tmp_path_factory, data_file) -> SimpleNamespace:
    """The code cells after they ran, by id, with the child that ran them and the files that are new."""
    pytest.importorskip("nbclient", reason="not installed: nbclient")
    pytest.importorskip("ipykernel", reason="not installed: ipykernel")
    folder = tmp_path_factory.mktemp("notebook")
    own = {name: str(folder / name.lower()) for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")}
    environment = {**os.environ, **SETTINGS, **own, "HANDWRITING_DATA": str(data_file), "TMPDIR": str(folder)}
    before = set(NOTEBOOK.parent.iterdir())
    result = folder / "executed.ipynb"
    done = run_python("-c", EXECUTE, NOTEBOOK, result, NOTEBOOK.parent, env=environment)
    assert result.exists(), done.stderr
    cells = json.loads(result.read_text("utf-8"))["cells"]
    by_id = {cell["id"]: cell for cell in cells if cell["cell_type"] == "code"}
    return SimpleNamespace(done=done, cells=by_id, new=set(NOTEBOOK.parent.iterdir()) - before)


def printed(cell: dict, stream: str = "stdout") -> str:
    return "".join("".join(output["text"]) for output in cell["outputs"] if output.get("name") == stream)


def shown(cell: dict, kind: str) -> list[str]:
    """Return what a cell shows of a MIME type."""
    found = [output["data"].get(kind) for output in cell["outputs"] if "data" in output]
    return ["".join(content) for content in found if content]


def accuracy(executed: SimpleNamespace) -> float:
    """Return how many of the test digits the trained network reads, in per cent."""
    found = re.search(r"Right: ([\d.]+)%", printed(executed.cells["accuracy"]))
    assert found
    return float(found[1])


def test_every_cell_runs_without_an_error_or_a_warning(executed):
    assert executed.done.returncode == 0, executed.done.stderr
    numbers = [cell["execution_count"] for cell in executed.cells.values()]
    assert numbers == list(range(1, len(numbers) + 1))
    for name, cell in executed.cells.items():
        assert not [output for output in cell["outputs"] if output["output_type"] == "error"], name
        assert printed(cell, "stderr") == "", name
    assert executed.new == set()


def test_it_uses_the_data_and_trains_as_long_as_configured(executed):
    assert "480 digits to learn from, 50 to be tested with" in printed(executed.cells["load"])
    assert re.findall(r"^epoch (\d/\d)", printed(executed.cells["train"]), re.MULTILINE) == ["1/2", "2/2"]


def test_the_network_that_it_trains_has_learned_something(executed):
    assert accuracy(executed) > 30  # per cent; chance is 10
    assert "of 50 test digits" in printed(executed.cells["accuracy"])
    confusion = shown(executed.cells["confusion"], "text/html")[0]
    assert sum(map(int, re.findall(r'"digits": (\d+)', confusion))) == 50


def test_the_shipped_network_reads_the_drawing_and_the_image_file(executed):
    assert printed(executed.cells["answer"]).startswith("It is a 7, ")
    assert printed(executed.cells["photo"]).startswith("It is a 2, ")


def test_it_states_its_confidence_and_how_many_it_gets_wrong(executed):
    assert re.match(r"Temperature \d\.\d\d, sure from odds of \d+\.\d to 1", printed(executed.cells["calibration"]))
    assert re.search(r"Not sure of \d+% of the outliers", printed(executed.cells["doubt"]))
    assert int(printed(executed.cells["worst"]).split()[0]) == round(50 * (1 - accuracy(executed) / 100))


def test_pictures_charts_and_tables_are_shown(executed):
    for name in PICTURES:
        assert shown(executed.cells[name], "image/png"), name
    for name in CHARTS:
        assert "vega" in shown(executed.cells[name], "text/html")[0], name
    for name in TABLES:
        assert "</table>" in shown(executed.cells[name], "text/html")[0], name
    assert re.search(r"^\d{3},\d{3} weights in all$", printed(executed.cells["layers"]), re.MULTILINE)


def test_it_is_committed_without_outputs(cells):
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) > 20
    for cell in code:
        assert (cell["outputs"], cell["execution_count"], cell["metadata"]) == ([], None, {}), cell["id"]
    ids = [cell["id"] for cell in cells]
    assert len(set(ids)) == len(ids)


def test_it_names_no_place_of_one_computer_and_links_to_files_that_exist(cells):
    text = "\n".join("".join(cell["source"]) for cell in cells)
    assert not re.search(r"(?<![\w.])/(?:home|root|tmp|work|usr|Users|mnt|opt)\b|[A-Z]:\\", NOTEBOOK.read_text("utf-8"))
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (NOTEBOOK.parent / link).is_file(), link
    for anchor in re.findall(r"\]\(#([\w-]+)\)", text):
        assert f'<a id="{anchor}"></a>' in text, anchor


def test_its_explanations_are_many_and_its_cells_short(cells):
    for cell in cells:
        lines = "".join(cell["source"]).splitlines()
        assert len(lines) <= 40, cell["id"]
        if cell["cell_type"] == "code":
            assert len(lines) <= 22, cell["id"]
    assert NOTEBOOK.stat().st_size < 100_000
