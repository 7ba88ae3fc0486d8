"""Run the notebook, store it with its outputs, and render it to `assets/notebook.html`, to be read without Jupyter.

    python -m pip install '.[train,notebook]'
    HANDWRITING_DATA=mnist.npz python notebooks/build.py             the whole tour, with the training: minutes
    python notebooks/build.py --render                               the page alone, from the outputs that are stored

The page holds the digest of the notebook that it was made from, by which a test sees whether it is the latest.
"""

import argparse
import os
import re
import sys
from hashlib import sha256
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from digits.system.design_tokens import css_variables  # noqa: E402
from digits.system.paths import ASSETS  # noqa: E402

NOTEBOOK = FOLDER / "handwritten_digit_recognition.ipynb"
PAGE = ASSETS / "notebook.html"
EPOCH_TIME = re.compile(r"  \d+ s, [\d.]+ min left$", re.MULTILINE)
KEPT_METADATA = ("kernelspec", "language_info")


def main(argv: list[str] | None = None) -> int:
    """Run and render; return the exit code."""
    parser = argparse.ArgumentParser(description="Run the notebook, store its outputs and render it to a page.")
    parser.add_argument("--render", action="store_true", help="only render the outputs that are stored")
    if not parser.parse_args(argv).render:
        execute()
    PAGE.write_text(render(), "utf-8")
    return 0


def execute() -> None:
    """Run all cells and store what they show; charts become pictures, which are shown without a network too."""
    from nbclient import NotebookClient

    os.environ["NOTEBOOK_CHARTS"] = "png"
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    metadata = dict(notebook.metadata)
    resources = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=None, resources=resources, record_timing=False).execute()
    notebook.metadata = nbformat.from_dict({name: metadata[name] for name in KEPT_METADATA})
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            tidy(output)
    nbformat.write(notebook, NOTEBOOK)


def tidy(output: nbformat.NotebookNode) -> None:
    """Leave out what is there twice, and how long an epoch took: on another computer it takes another time."""
    data = output.get("data", {})
    if "image/png" in data:
        data.pop("image/jpeg", None)
    if "text" in output:
        output.text = EPOCH_TIME.sub("", output.text)


def render() -> str:
    """Return the notebook as a page of HTML in this project's look."""
    from nbconvert import HTMLExporter

    content = NOTEBOOK.read_bytes()
    notebook = nbformat.reads(content.decode(), as_version=4)
    body, _ = HTMLExporter(template_name="basic", anchor_link_text="").from_notebook_node(notebook)
    body = body.replace("<pre>", '<pre tabindex="0">')  # what is too wide is scrolled by keyboard too
    template = Environment(loader=FileSystemLoader(FOLDER), autoescape=True).get_template("page.html.jinja")
    return template.render(body=body, colours=css_variables(), digest=sha256(content).hexdigest())


if __name__ == "__main__":
    raise SystemExit(main())
