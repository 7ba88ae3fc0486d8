"""A drawing in other programs: what its SVG and PNG show, where they are written and how the clipboard gets one."""

import errno
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.support import template_digits
from digits.drawing import export
from digits.system import design_tokens
from digits.system.files import UserError

SVG = "{http://www.w3.org/2000/svg}"
FIVE = [stroke + np.array([9, 6]) for stroke in template_digits.strokes(5)]
DOT = [np.array([[14.0, 7.0]])]
NOON = time.mktime((2026, 11, 21, 12, 0, 5, 0, 0, -1))


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"))


def ink_share(png: bytes) -> np.ndarray:
    """Ink in [0, 1] of a PNG, by its red."""
    white, dark = design_tokens.LIGHT.paper[0], design_tokens.LIGHT.ink[0]
    return (white - pixels(png)[..., 0].astype(float)) / (white - dark)


def test_the_png_is_large_dark_on_white_and_smooth():
    picture = pixels(export.png(FIVE))
    assert picture.shape == (1120, 1120, 3)
    assert tuple(picture[0, 0]) == design_tokens.LIGHT.paper
    assert tuple(picture[6 * 40, 14 * 40]) == design_tokens.LIGHT.ink  # on the bar of the five
    assert len(np.unique(picture[..., 0])) > 20


@pytest.mark.parametrize(("width", "side"), [(2.0, 1120), (3.0, 1120), (1.0, 280)])
def test_a_dot_is_a_disc_of_the_pens_width(width, side):
    share = ink_share(export.png(DOT, side, [width]))
    unit = side / 28
    assert share.sum() == pytest.approx(np.pi * (width * unit / 2) ** 2, rel=0.01)
    assert share.sum(axis=0) @ (np.arange(side) + 0.5) / share.sum() == pytest.approx(14 * unit, abs=0.1)
    assert share.sum(axis=1) @ (np.arange(side) + 0.5) / share.sum() == pytest.approx(7 * unit, abs=0.1)


def test_a_stroke_has_round_ends_and_an_even_width():
    share = ink_share(export.png([[(5, 14), (23, 14)]]))
    np.testing.assert_allclose(share[:, 300:800].sum(axis=0), 80, atol=0.5)
    assert share.sum() == pytest.approx(18 * 40 * 80 + np.pi * 40**2, rel=0.002)


def test_points_that_hardly_differ_are_left_out_without_a_trace():
    angle = np.linspace(0, 6, 20_001)
    fine = 14 + 9 * np.column_stack([np.cos(angle), np.sin(angle)])
    assert np.abs(ink_share(export.png([fine])) - ink_share(export.png([fine[::40]]))).max() < 0.2
    assert len(export.svg([fine])) < 20_000


def test_ink_beyond_the_canvas_is_cut_off():
    assert ink_share(export.png([[(0, 0), (28, 28)], [(28, 0), (28, 0)]])).shape == (1120, 1120)


def test_the_svg_holds_a_round_path_for_each_stroke():
    root = ElementTree.fromstring(export.svg([*FIVE, *DOT], widths=[2.0, 3.5]))
    assert (root.get("viewBox"), root.get("width")) == ("0 0 28 28", "1120")
    paper, group = root
    assert (paper.tag, group.tag) == (f"{SVG}rect", f"{SVG}g")
    assert (group.get("stroke-linecap"), group.get("stroke-linejoin")) == ("round", "round")
    assert (group.get("stroke"), paper.get("fill")) == ("#1c1e2e", "#ffffff")
    five, dot = group.findall(f"{SVG}path")
    assert (five.get("stroke-width"), dot.get("stroke-width")) == ("2", "3.5")
    points = [tuple(map(float, pair.split(","))) for pair in five.attrib["d"][1:].split()]
    np.testing.assert_allclose(points, FIVE[0])
    assert dot.get("d") == "M14,7 14,7"  # a line of no length, which round caps make a dot


def test_without_widths_every_stroke_has_the_canvas_pen():
    assert re.findall(r'stroke-width="(\S+)"', export.svg(template_digits.strokes(4))) == ["2", "2"]


def test_a_width_is_asked_for_each_stroke():
    with pytest.raises(ValueError, match="zip"):
        export.svg(FIVE, widths=[1.0, 2.0])


def test_both_files_are_named_by_the_local_time(tmp_path):
    saved = export.save(tmp_path, FIVE, lambda: NOON)
    assert saved == [tmp_path / "digit-2026-11-21-120005.png", tmp_path / "digit-2026-11-21-120005.svg"]
    assert saved[0].read_bytes() == export.png(FIVE)
    assert saved[1].read_text() == export.svg(FIVE)
    assert sorted(tmp_path.iterdir()) == saved


def test_a_wide_drawing_is_saved_wide_with_its_pens(tmp_path):
    png, svg = export.save(tmp_path, FIVE, widths=[3.5], columns=84)
    assert png.read_bytes() == export.png(FIVE, widths=[3.5], columns=84)
    assert pixels(png.read_bytes()).shape == (1120, 3360, 3)
    assert 'viewBox="0 0 84 28"' in svg.read_text()
    assert 'stroke-width="3.5"' in svg.read_text()


def test_no_file_is_ever_replaced(tmp_path):
    (tmp_path / "digit-2026-11-21-120005.svg").write_text("mine")
    second, third = (export.save(tmp_path, FIVE, lambda: NOON) for _ in range(2))
    assert [path.name for path in second] == ["digit-2026-11-21-120005-2.png", "digit-2026-11-21-120005-2.svg"]
    assert [path.name for path in third] == ["digit-2026-11-21-120005-3.png", "digit-2026-11-21-120005-3.svg"]
    assert (tmp_path / "digit-2026-11-21-120005.svg").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 5


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_what_fails_leaves_nothing(tmp_path, monkeypatch, failure):
    def full(path, content):
        if path.suffix == ".svg":
            raise failure
        path.open("wb").close()

    monkeypatch.setattr(Path, "write_bytes", full)
    expected, words = (UserError, "No space left") if isinstance(failure, OSError) else (KeyboardInterrupt, None)
    with pytest.raises(expected, match=words):
        export.save(tmp_path, FIVE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["missing", "a file"])
def test_a_folder_that_is_none_is_named(tmp_path, name):
    (tmp_path / "a file").touch()
    with pytest.raises(UserError, match=f"The folder .*{name} for the drawing does not exist; create it"):
        export.save(tmp_path / name, FIVE)


def protected(folders: set[Path]):
    """A `check_writable` that lets nothing be written into these folders."""

    def check(path, what):
        if path.parent in folders:
            raise UserError("protected")

    return check


def test_drawings_go_to_the_users_folders_and_only_else_where_the_program_was_started(tmp_path, monkeypatch):
    here, pictures, home = (tmp_path / name for name in ("here", "pictures", "home"))
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr("platformdirs.user_pictures_path", lambda: pictures)
    monkeypatch.setattr(Path, "home", lambda: home)
    for denied, expected in [(set(), pictures), ({pictures}, home), ({pictures, home}, here)]:
        monkeypatch.setattr(export, "check_writable", protected(denied))
        assert export.default_folder() == expected
    monkeypatch.setattr(export, "check_writable", protected({here, pictures, home}))
    with pytest.raises(UserError, match="start this where you may write"):
        export.default_folder()


def test_without_a_folder_the_default_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_pictures_path", lambda: tmp_path)
    assert all(path.parent == tmp_path for path in export.save(None, FIVE))


class Runner:
    """A `subprocess.run` that remembers its call, and what a named file held then."""

    def __init__(self, outcome=0):
        self.outcome = outcome
        self.command: tuple[str, ...] = ()

    def __call__(self, command, **options):
        self.command, self.options = command, options
        named = [Path(word) for word in (*command, options.get("env", {}).get("DIGIT_PNG", "")) if ".png" in word]
        self.sent = options.get("input") or named[0].read_bytes()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return subprocess.CompletedProcess(command, self.outcome)


@pytest.fixture
def machine(monkeypatch):
    """Make this a machine of some system, with programs and variables of its session."""

    def make(platform: str, programs: str = "", variables: str = "") -> None:
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}" if name in programs.split() else None)
        for variable in ("WAYLAND_DISPLAY", "DISPLAY"):
            monkeypatch.delenv(variable, raising=False)
        for variable in variables.split():
            monkeypatch.setenv(variable, ":1")

    return make


@pytest.mark.parametrize(
    ("platform", "programs", "variables", "program"),
    [
        ("linux", "wl-copy xclip", "WAYLAND_DISPLAY DISPLAY", "wl-copy"),
        ("linux", "wl-copy xclip", "DISPLAY", "xclip"),
        ("linux", "xclip", "WAYLAND_DISPLAY DISPLAY", "xclip"),
        ("freebsd14", "xclip", "DISPLAY", "xclip"),
        ("darwin", "osascript", "", "/bin/osascript"),
        ("win32", "powershell", "", "/bin/powershell"),
    ],
)
def test_the_clipboard_gets_the_png_from_what_the_machine_has(machine, platform, programs, variables, program):
    machine(platform, programs, variables)
    runner = Runner()
    assert export.copy(FIVE, runner)
    assert runner.command[0] == program
    assert runner.sent == export.png(FIVE)
    assert runner.options["timeout"] == export.CLIPBOARD_SECONDS
    assert runner.options["stdout"] == runner.options["stderr"] == subprocess.DEVNULL


@pytest.mark.parametrize(
    ("platform", "programs", "variables"),
    [
        ("linux", "", "WAYLAND_DISPLAY DISPLAY"),
        ("linux", "wl-copy xclip", ""),
        ("linux", "xsel", "DISPLAY"),
        ("darwin", "xclip", "DISPLAY"),
        ("win32", "", ""),
    ],
)
def test_where_nothing_can_copy_nothing_is_run(machine, platform, programs, variables):
    machine(platform, programs, variables)
    runner = Runner()
    assert not export.copy(FIVE, runner)
    assert runner.command == ()


@pytest.mark.parametrize(
    "outcome", [1, FileNotFoundError(), PermissionError(), subprocess.TimeoutExpired("xclip", export.CLIPBOARD_SECONDS)]
)
def test_a_clipboard_that_fails_is_no_error(machine, outcome):
    machine("linux", "xclip", "DISPLAY")
    assert not export.copy(FIVE, Runner(outcome))


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the program")
def test_a_program_that_stays_behind_does_not_hold_the_window(tmp_path, monkeypatch):
    """As xclip: it reads all, forks and goes on, its outputs still open."""
    program = tmp_path / "xclip"
    program.write_text(f"#!/bin/sh\ncat > {tmp_path}/copied\nsleep 30 &\necho $! > {tmp_path}/pid\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":1")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    began = time.monotonic()
    try:
        assert export.copy(FIVE)
        assert time.monotonic() - began < export.CLIPBOARD_SECONDS
        assert (tmp_path / "copied").read_bytes() == export.png(FIVE)
    finally:
        os.kill(int((tmp_path / "pid").read_text()), 9)
