"""The report of a class: what was drawn in each round, as one page of HTML, and as a ZIP with pictures and a table."""

import base64
import csv
import io
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader
from PIL import Image

from digits.classroom.room import Kept, Round
from digits.recognition.classifier import percent
from digits.system.design_tokens import css_variables
from digits.system.files import as_cell

TEMPLATE = Path(__file__).with_name("report.html.jinja")
COLUMNS = ("round", "asked for", "name", "answer", "confidence", "sure", "picture")


def file_name(clock: Callable[[], float] = time.time) -> str:
    """Return the name of the ZIP of a class that ends now."""
    return time.strftime("class-%Y-%m-%d-%H%M.zip", time.localtime(clock()))


def as_zip(rounds: Sequence[Round]) -> bytes:
    """Return a ZIP: class.html to look at, answers.csv for a spreadsheet, and each picture, 28x28, white on black."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("class.html", as_html(rounds))
        archive.writestr("answers.csv", _as_csv(rounds))
        for number, each in enumerate(rounds, start=1):
            for place, kept in enumerate(each.drawings, start=1):
                archive.writestr(_path(number, place), _png(kept.picture))
    return file.getvalue()


def as_html(rounds: Sequence[Round]) -> str:
    """Return one page that needs no other file."""
    environment = Environment(loader=FileSystemLoader(TEMPLATE.parent), autoescape=True)
    shown = [(each.asked, each.tally, [_shown(kept) for kept in each.drawings]) for each in rounds]
    date = time.strftime("%d %B %Y").lstrip("0")
    template = environment.get_template(TEMPLATE.name)
    return template.render(rounds=shown, date=date, colours=css_variables())


def _shown(kept: Kept) -> dict:
    url = "data:image/png;base64," + base64.b64encode(_png(255 - kept.picture)).decode()
    answer = kept.answer
    said = f"{answer.text}, {percent(answer.confidence)} sure" if answer.is_sure else answer.doubt
    return {"name": kept.name, "picture": url, "said": said, "is_sure": answer.is_sure}


def _as_csv(rounds: Sequence[Round]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for number, each in enumerate(rounds, start=1):
        for place, kept in enumerate(each.drawings, start=1):
            answer = kept.answer
            sure = (answer.text, round(answer.confidence, 4), answer.is_sure)
            row = (number, each.asked or "anything", kept.name, *sure, _path(number, place))
            writer.writerow(map(as_cell, row))
    return file.getvalue()


def _path(number: int, place: int) -> str:
    return f"round-{number:02}/{place:02}.png"


def _png(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()
