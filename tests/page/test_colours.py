"""One file of colours: what cannot import the design tokens holds their values."""

import re
import tomllib

import pytest

from digits.page.pad import COLOURS, FRONTEND
from digits.page.widgets import STYLE_SHEET, custom_properties
from digits.system.design_tokens import THEMES, css
from digits.system.paths import ROOT

TOKENS = {  # of each colour of Streamlit's theme
    "primaryColor": "accent",
    "backgroundColor": "background",
    "secondaryBackgroundColor": "grid",
    "textColor": "text",
    "borderColor": "edge",
    "dataframeHeaderBackgroundColor": "grid",
    "codeTextColor": "text",
    "codeBackgroundColor": "track",
    "grayColor": "faint_text",
}
CHART = ("accent", "muted_bar", "faint_text", "track")  # as ACCENT, MUTED, TEXT and TRACK in widgets.py number them


@pytest.mark.parametrize("name", THEMES)
def test_streamlits_theme_has_the_colours_of_the_tokens(name):
    configuration = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    colours = {option: css(getattr(THEMES[name], token)) for option, token in TOKENS.items()}
    chart = [css(getattr(THEMES[name], token)) for token in CHART]
    assert configuration["theme"][name] == {**colours, "chartCategoricalColors": chart}


def test_the_pads_style_sheet_takes_its_colours_from_the_tokens():
    sheet = (FRONTEND / "pad.css").read_text("utf-8")
    given = {f"--{name.replace('_', '-')}" for name in COLOURS}
    assert given <= set(re.findall(r"var\((--[\w-]+)\)", sheet))
    assert custom_properties("muted_bar") == "--muted-bar: light-dark(#a8a5c4, #606286);"


@pytest.mark.parametrize("path", [*FRONTEND.iterdir(), STYLE_SHEET, *(ROOT / "digits" / "page").rglob("*.py")])
def test_no_colour_is_written_elsewhere(path):
    allowed = {"#000", "#fff"}  # the network's paper, and what `@supports` asks for
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", path.read_text("utf-8"))) <= allowed
