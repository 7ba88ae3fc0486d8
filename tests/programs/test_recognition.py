"""The command line of recognition.py: images in, JSON lines out, the window's options, a sentence for mistakes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import recognition
from benchmarks.images import clean_pages
from digits.drawing import ink
from digits.models import loading
from digits.recognition import collection
from digits.recognition.hands import GUEST, Hands
from digits.window import background_tasks, display, event_loop
from digits.window.layout import TOOLS, WINDOW_SIZE, arrange
from digits.window.state import State

ROOT = Path(recognition.__file__).parent
SEVEN = [np.array([(2.0, 0), (14, 0), (6, 20)])]
ONE = [np.array([(5.0, 0), (4, 20)])]


def save_image(path: Path, strokes, side: int = 200, width: float = 14) -> Path:
    placed = [stroke * 5 + [60, 40] for stroke in strokes]
    Image.fromarray(255 - ink.rasterize(placed, width, (side, side))).save(path)
    return path


def run(*arguments, **environment) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, ROOT / "recognition.py", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
    )


def test_images_are_answered_one_json_line_each(tmp_path, capsys):
    files = [save_image(tmp_path / "seven.png", SEVEN), save_image(tmp_path / "one.jpg", ONE)]
    assert recognition.main([str(loading.SHIPPED), "--classify", *map(str, files)]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["digit"] for answer in answers] == [7, 1]
    assert [answer["file"] for answer in answers] == list(map(str, files))
    for answer in answers:
        assert len(answer["probabilities"]) == 10
        assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-6)
        assert answer["confidence"] == max(answer["probabilities"]) == answer["probabilities"][answer["digit"]]


def test_an_image_of_several_digits_is_answered_with_its_number_and_boxes(tmp_path, capsys):
    path = tmp_path / "page.png"
    path.write_bytes(clean_pages.encoded(clean_pages.draw_page("20 6\n8")))
    assert recognition.main(["--classify", str(path)]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record.keys() == {"file", "number", "digits"}
    assert record["number"] == "20 6\n8"
    assert [digit["digit"] for digit in record["digits"]] == [2, 0, 6, 8]
    for digit in record["digits"]:
        assert digit.keys() == {"digit", "confidence", "probabilities", "is_sure", "box"}
        left, top, right, bottom = digit["box"]
        assert 20 < right - left < 60
        assert 40 < bottom - top < 60
    assert record["digits"][0]["box"][0] == pytest.approx(40, abs=4)


def test_an_image_of_one_digit_after_a_sign_is_answered_with_its_number(tmp_path, capsys):
    minus = np.array([[-10.0, 13.0], [-3.0, 13.0]])
    path = save_image(tmp_path / "minus_seven.png", [minus, *SEVEN])
    assert recognition.main(["--classify", str(path)]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["number"], [digit["digit"] for digit in record["digits"]]) == ("-7", [7])


def test_the_shipped_model_is_used_when_none_is_named(tmp_path):
    done = run("--classify", save_image(tmp_path / "seven.png", SEVEN))
    assert json.loads(done.stdout)["digit"] == 7
    assert done.returncode == 0
    assert done.stderr == ""


def test_one_bad_image_does_not_keep_the_others_from_their_answers(tmp_path, capsys):
    (tmp_path / "notes.png").write_text("a shopping list")
    good = save_image(tmp_path / "seven.png", SEVEN)
    code = recognition.main(["--classify", str(tmp_path / "notes.png"), str(good), str(tmp_path / "missing.png")])
    printed = capsys.readouterr()
    assert code == 2
    assert [json.loads(line)["digit"] for line in printed.out.splitlines()] == [7]
    assert len(printed.err.splitlines()) == 2
    assert "notes.png" in printed.err
    assert "missing.png" in printed.err


def missing(folder: Path) -> Path:
    return folder / "missing.h5"


def empty(folder: Path) -> Path:
    path = folder / "empty.h5"
    path.touch()
    return path


def text(folder: Path) -> Path:
    path = folder / "text.h5"
    path.write_text("not a model")
    return path


def truncated(folder: Path) -> Path:
    path = folder / "cut.h5"
    path.write_bytes(loading.SHIPPED.read_bytes()[:5000])
    return path


def folder_itself(folder: Path) -> Path:
    return folder


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (missing, "no model file"),
        (empty, "is empty"),
        (text, "not a Keras model"),
        (truncated, "damaged or cut off"),
        (folder_itself, "is a folder"),
    ],
)
def test_a_bad_model_is_one_sentence_and_exit_code_2(tmp_path, make, says, capsys):
    image = save_image(tmp_path / "seven.png", SEVEN)
    assert recognition.main([str(make(tmp_path)), "--classify", str(image)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert says in printed.err


@pytest.mark.parametrize("make", [missing, empty, text, folder_itself])
def test_a_plainly_bad_model_opens_no_window(tmp_path, make, monkeypatch, capsys):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert recognition.main([str(make(tmp_path))]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("results", ["nowhere/answers.jsonl", "."])
def test_results_that_could_not_be_written_are_refused_before_the_window(tmp_path, results, monkeypatch, capsys):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert recognition.main(["--results", str(tmp_path / results)]) == 2
    assert "results" in capsys.readouterr().err


@pytest.mark.parametrize("driver", ["x11", "wayland"])  # of SDL, which would complain of the second by itself
def test_no_display_is_one_sentence_and_exit_code_2(driver):
    done = run(SDL_VIDEODRIVER=driver, DISPLAY=":4711", WAYLAND_DISPLAY="wayland-4711", XDG_RUNTIME_DIR="")
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "No window can be opened here" in done.stderr


def test_an_unknown_option_is_exit_code_2():
    done = run("--clasify", "a.png")
    assert done.returncode == 2
    assert "unrecognized arguments: --clasify" in done.stderr


def test_the_window_closes_when_its_parent_goes(tmp_path):
    answers = tmp_path / "answers.jsonl"
    command = [sys.executable, ROOT / "recognition.py", "--results", answers, "--parent-pipe"]
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, stderr=subprocess.PIPE) as child:
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(timeout=60) == 0
    assert answers.exists()


def test_a_window_whose_model_turns_out_unusable_ends_with_its_sentence(tmp_path, monkeypatch, capsys):
    def fail_and_close(self, sentence):
        self.failure = sentence
        display.close()

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr(State, "model_failed", fail_and_close)
    assert recognition.main([str(truncated(tmp_path))]) == 2
    assert "damaged or cut off" in capsys.readouterr().err


@pytest.fixture
def unseen(monkeypatch):
    """Windows that nobody sees, and those that were opened; each closes at once."""
    opened = []

    class Closing(event_loop.Window):
        def run(self):
            opened.append(self)
            self.size = self._surface.get_size()
            display.close()
            super().run()

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr(event_loop, "Window", Closing)
    return opened


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], event_loop.Options("light", numbers=False, projector=False, kiosk=False)),
        (["--numbers"], event_loop.Options("light", numbers=True)),
        (["--theme", "dark"], event_loop.Options("dark")),
        (["--projector"], event_loop.Options(projector=True)),
        (["--kiosk", "--numbers", "--parent-pipe"], event_loop.Options(kiosk=True, numbers=True)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_window_is_shown_as_the_command_line_says(unseen, arguments, options, tmp_path):
    assert recognition.main([*arguments, "--collection", str(tmp_path)]) == 0
    (shown,) = unseen
    assert shown._options == options
    assert shown.state.is_number is options.numbers
    assert (shown.size == WINDOW_SIZE) is not (options.kiosk or options.projector)
    tools = [tool for tool in TOOLS if tool != "save" or not options.kiosk]
    assert shown._layout == arrange(shown.size, shown.state.canvas.columns, options.projector, tools=tools)
    assert shown._theme == options.theme


def test_the_collection_is_the_one_that_is_named(unseen, tmp_path, cache_folder):
    folder = tmp_path / "mine"
    assert recognition.main(["--collection", str(folder)]) == 0
    state = unseen[0].state
    state.model_loaded(classifier := loading.load())
    hands = unseen[0]._hands
    state.hand_opened(hands.open(classifier, hands.first_name()), hands.first_name())
    for x, y in ONE[0]:
        (state.canvas.move if state.canvas.is_drawing else state.press)(x + 8, y + 3)
    state.classify()
    state.correct("7")
    assert collection.read(folder).labels.tolist() == ["7"]


@pytest.mark.parametrize(
    ("arguments", "hands"),
    [
        ([], Hands()),
        (["--hand", "Ada"], Hands(None, "Ada")),
        (["--guest"], Hands(None, GUEST)),
        (["--kiosk", "--parent-pipe"], None),
        (["--kiosk", "--hand", "Ada", "--parent-pipe"], None),
    ],
)
def test_the_hand_is_the_one_that_is_named_and_a_kiosk_has_none(unseen, arguments, hands):
    assert recognition.main(arguments) == 0
    assert unseen[0]._hands == hands


@pytest.mark.parametrize("arguments", [["--hand", "../Ada"], ["--hand", ""]])
def test_a_name_that_is_none_is_refused_before_the_window(unseen, arguments, capsys):
    assert recognition.main(arguments) == 2
    assert "A hand has a name" in capsys.readouterr().err
    assert not unseen


def test_a_collection_that_is_no_folder_is_refused_before_the_window(unseen, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert recognition.main(["--collection", str(tmp_path / "file")]) == 2
    assert "--collection" in capsys.readouterr().err
    assert not unseen


def test_a_theme_that_is_not_there_is_exit_code_2(capsys):
    with pytest.raises(SystemExit, match="2"):
        recognition.main(["--theme", "pink"])
    assert "light" in capsys.readouterr().err


def test_an_image_dropped_on_the_window_is_answered_as_on_the_command_line(tmp_path, monkeypatch, capsys):
    image = save_image(tmp_path / "seven.png", SEVEN)
    assert recognition.main(["--classify", str(image)]) == 0
    expected = json.loads(capsys.readouterr().out)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    shown = event_loop.Window(State(), lambda _: loading.load())
    shown.state.model_loaded(loading.load())
    background_tasks.read_image(str(image))
    for event in event_loop.pygame.event.get():
        shown.handle(event)
    event_loop.pygame.quit()
    assert shown.state.note == "seven.png"
    assert shown.state.answer is not None
    assert shown.state.answer.digit == 7
    assert list(shown.state.answer.probabilities) == expected["probabilities"]


def test_a_file_dropped_on_the_window_that_is_no_image_gets_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "notes.txt").write_text("a shopping list")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    shown = event_loop.Window(State(), lambda _: loading.load())
    background_tasks.read_image(str(tmp_path / "notes.txt"))
    for event in event_loop.pygame.event.get():
        shown.handle(event)
    event_loop.pygame.quit()
    assert shown.state.message.is_error
    assert "notes.txt" in shown.state.message.text


CROSS = [np.array([(6, 14), (22, 14)]), np.array([(14, 6), (14, 22)])]


def test_images_are_answered_with_what_was_taught(tmp_path, capsys, cache_folder):
    path, untaught = save_image(tmp_path / "cross.png", CROSS), save_image(tmp_path / "seven.png", SEVEN)
    answer = loading.load().classify(ink.normalize(CROSS))
    added = collection.add(tmp_path / "mine" / "Ada", CROSS, "+", answer)
    options = ["--collection", str(tmp_path / "mine"), "--hand", "Ada"]
    assert recognition.main(["--classify", str(path), str(untaught), *options]) == 0
    taught, seven = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (taught["text"], taught["words"], taught["source"]) == ("+", "+, as you taught it", str(added))
    assert taught["signs"] == [["+", taught["confidence"]]]
    assert (seven["digit"], seven["text"]) == (7, "7")
    assert "source" not in seven


def test_a_hand_that_has_taught_nothing_is_one_sentence(tmp_path, capsys):
    path = save_image(tmp_path / "seven.png", SEVEN)
    assert recognition.main(["--classify", str(path), "--collection", str(tmp_path / "mine"), "--hand", "Ada"]) == 2
    assert "There is nothing to go by" in capsys.readouterr().err
    assert recognition.main(["--classify", str(path), "--hand", "../Ada"]) == 2
    assert "A hand has a name of" in capsys.readouterr().err


def test_the_window_keeps_corrections_under_the_named_hand(unseen, tmp_path):
    assert recognition.main(["--collection", str(tmp_path), "--hand", "Ada"]) == 0
    assert unseen[0]._hands == Hands(tmp_path, "Ada")
