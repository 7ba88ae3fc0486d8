"""How the window looks: each state is painted without a screen and compared with its reference in tests/pictures.

    python -m tests.window.test_rendering     paints all references anew; look at each before you keep it

A picture differs if any part of it, BLOCK pixels a side, is further from its reference than TOLERANCE on average: a
button that moved by two pixels or a colour that changed is, what one version of the type's renderer does otherwise
than another is not. Both sides of a comparison that failed are kept, in a folder that the message names.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple, cast

import numpy as np
import pytest
from PIL import Image

from benchmarks.support import template_digits
from digits.drawing import ink
from digits.recognition.classifier import Answer
from digits.recognition.hand import Hand
from digits.recognition.records import Told
from digits.recognition.segmentation import Reading
from digits.system import design_tokens
from digits.system.design_tokens import THEMES
from digits.window import display, event_loop, overlays, primitives
from digits.window.actions import ACTIONS, HELP, Action
from digits.window.layout import TOOLS, WINDOW_SIZE, Layout, arrange
from digits.window.rendering import paint, paint_live
from digits.window.state import State
from digits.window.teaching import WHOLE
from tests.support.processes import ROOT

pygame = event_loop.pygame
REFERENCES = ROOT / "tests" / "window" / "pictures"
BLOCK = 20  # pixels
TOLERANCE = 2.0  # of 255, mean over a block
LARGEST = 40_000  # bytes of a reference
RENEWING = "If it is meant to: python -m tests.window.test_rendering, and look at each picture that changed."
SMALL, TALL, PROJECTED = (640, 480), (420, 860), (1280, 720)


def answer(digit: int, confidence: float, is_sure: bool = True, **others: float) -> Answer:
    """An answer with some probabilities, the rest of them 0; others: d4=0.4 is 0.4 for a 4."""
    shares = {digit: confidence} | {int(name[1:]): share for name, share in others.items()}
    return Answer(digit, confidence, tuple(shares.get(other, 0.0) for other in range(10)), is_sure)


SURE = answer(7, 0.9968, d1=0.0025, d9=0.0007)
NOT_SURE = answer(4, 0.5, False, d9=0.4, d1=0.01, d7=0.04, d8=0.05)


def put(state: State, digit: int, x: float = 6, y: float = 4, scale: float = 1.3) -> None:
    """Draw a digit of the templates."""
    for stroke in template_digits.strokes(digit):
        (first, *rest) = (stroke * scale + [x, y]).tolist()
        state.press(*first)
        for point in rest:
            state.canvas.move(*point)
        state.canvas.release()


class Taught:
    """In place of a hand, one that was taught some drawings."""

    def __init__(self, count: int, labels: Sequence[str] = (), picture: np.ndarray | None = None):
        self.count, self.labels, self.picture = count, labels, picture
        self.is_on, self.damaged, self.problem = True, 0, ""

    def __len__(self) -> int:
        return self.count

    def classify(self, picture: np.ndarray) -> Answer:
        return SURE

    def drawings(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(label=label) for label in self.labels]

    def drawing(self, name: str | None) -> SimpleNamespace | None:
        return SimpleNamespace(picture=self.picture) if name else None


def ready(count: int = 12, labels: Sequence[str] = (), picture: np.ndarray | None = None) -> State:
    state = State(loading="Preparing big.h5 for its first use ...")
    state.hand_opened(cast(Hand, Taught(count, labels, picture)), "Ada")
    return state


def answered(given: Answer = SURE, digit: int = 7, is_final: bool = True) -> State:
    state = ready()
    put(state, digit)
    state.answer_live()  # without a classifier it looks, and answers nothing
    state.answer, state.is_final = given, is_final
    return state


def number(is_final: bool = True) -> State:
    state = ready()
    state.switch_numbers()
    for index, digit in enumerate((2, 0, 2, 6)):
        put(state, digit, 6 + 18 * index, 4, 1.2)
    answers = [answer(2, 0.9992), answer(0, 0.985), answer(2, 0.44, False, d3=0.4), answer(6, 0.9999)]
    boxes = [(*stroke.min(axis=0), *stroke.max(axis=0)) for stroke in state.canvas.strokes]
    state.readings = [Reading((i,), box, given) for i, (box, given) in enumerate(zip(boxes, answers, strict=True))]
    state.is_final = is_final
    return state


def told(say: Callable[[State], None], state: Callable[[], State] = ready) -> Callable[[], State]:
    """Return what makes a state, with something done to it."""

    def make() -> State:
        made = state()
        say(made)
        return made

    return make


def labelled() -> State:
    state = answered()
    state.teaching.told[WHOLE] = Told("1", "a.json")
    state.note = "Noted: 1. Ada's hand: 13 drawings."
    return state


def as_taught(labels: Sequence[str] = (), given: Answer = SURE, digit: int = 3) -> State:
    """A state whose answer goes by a remembered drawing; labels: of the signs that were taught beside it."""
    state = ready(5, labels, ink.normalize(template_digits.strokes(digit, np.random.default_rng(1))))
    put(state, digit)
    state.answer_live()
    state.answer, state.is_final = given._replace(source="a.json"), True
    return state


def number_as_taught() -> State:
    state = number()
    hand = cast(Taught, state.teaching.hand)
    hand.picture = ink.normalize(template_digits.strokes(2, np.random.default_rng(1)))
    readings = list(state.readings)
    readings[2] = readings[2]._replace(answer=answer(2, 0.97)._replace(source="a.json"))
    state.readings, state.chosen = readings, 3
    state.teaching.told[readings[3].strokes] = Told("8", "b.json")
    state.note = "Noted: 8. Ada's hand: 13 drawings."
    return state


def asked() -> State:
    state = answered()
    state.open_text_field()
    state.type("heart")
    return state


def with_signs(*taught: tuple[str, float]) -> Answer:
    """An answer with signs, the likeliest of which is answered."""
    rest = 1 - sum(share for _, share in taught)
    return Answer(3, max(share for _, share in taught), tuple(rest / 10 for _ in range(10)), signs=taught)


SIGNS = with_signs(("+", 0.004), ("A", 0.0), ("heart", 0.991), ("x", 0.001))


def tools() -> State:
    state = answered()
    state.hovered, state.focused = Action.UNDO, Action.ERASER
    state.switch_eraser()
    state.change_pen(2)
    return state


def dropped() -> State:
    state = ready()
    rows, columns = np.mgrid[:28, :28]
    state.show_image((255 * ((rows - 14) ** 2 + (columns - 14) ** 2 < 60)).astype(np.uint8), "photo.jpg")
    state.answer, state.is_final = answer(0, 0.93, d6=0.07), True
    return state


FAILURE = (
    "The model /home/ann/models/other.h5 has input 32x32x3 and output 10; expected is one 28x28 or 28x28x1 input"
    " and ten outputs."
)
LOST = "This answer was not written to answers.jsonl (No space left on device)."


class Look(NamedTuple):
    """A state, and how it is shown."""

    state: Callable[[], State]
    theme: str = "light"
    size: tuple[int, int] = WINDOW_SIZE
    projector: bool = False


LOOKS = {
    "empty": Look(ready),
    "empty_dark": Look(ready, "dark"),
    "drawing": Look(lambda: answered(answer(3, 0.9998), 3, is_final=False)),
    "sure": Look(answered),
    "sure_dark": Look(answered, "dark"),
    "not_sure": Look(lambda: answered(NOT_SURE, 9)),
    "not_sure_dark": Look(lambda: answered(NOT_SURE, 9), "dark"),
    "no_digit": Look(lambda: answered(answer(3, 0.12, False), 8)),
    "number": Look(number),
    "number_dark": Look(lambda: number(is_final=False), "dark"),
    "labelled": Look(labelled),
    "as_taught": Look(lambda: as_taught(given=answer(3, 0.987, d5=0.011))),
    "as_taught_number": Look(number_as_taught),
    "signs": Look(lambda: as_taught(("+", "A", "heart", "x"), SIGNS, 0)),
    "signs_small": Look(lambda: as_taught(("+", "A", "heart", "x"), SIGNS, 0), "dark", SMALL),
    "signs_projector": Look(lambda: as_taught(("+", "A", "heart", "x"), SIGNS, 0), "light", PROJECTED, True),
    "text_field": Look(asked),
    "text_field_small": Look(told(lambda state: state.open_text_field(), number), "dark", SMALL),
    "loading": Look(told(State.model_loading)),
    "failed": Look(told(lambda state: state.model_failed(FAILURE))),
    "error": Look(told(lambda state: state.show_error(LOST), answered), "dark"),
    "error_number": Look(told(lambda state: state.show_error(LOST), number)),
    "nothing_drawn": Look(told(State.classify)),
    "help": Look(told(State.switch_help, answered)),
    "tools": Look(tools),
    "tools_dark": Look(tools, "dark"),
    "dropped": Look(dropped),
    "small": Look(answered, "light", SMALL),
    "small_help": Look(told(State.switch_help, number), "dark", SMALL),
    "small_number": Look(number, "light", SMALL),
    "tall": Look(answered, "light", TALL),
    "projector": Look(answered, "light", PROJECTED, True),
    "projector_number": Look(number, "dark", PROJECTED, True),
}


def painted(look: Look) -> np.ndarray:
    """Return the picture of a state, uint8 (height, width, 3)."""
    state, surface = look.state(), pygame.Surface(look.size)
    paint(surface, state, arranged(look, state), THEMES[look.theme])
    return pygame.surfarray.array3d(surface).swapaxes(0, 1)


def arranged(look: Look, state: State) -> Layout:
    return arrange(look.size, state.canvas.columns, look.projector, len(state.bar_labels) - 10)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return by how much the blocks that differ most do, of 255."""
    apart = np.abs(one.astype(float) - other).mean(axis=2)
    height, width = (-(-side // BLOCK) * BLOCK for side in apart.shape)
    apart = np.pad(apart, [(0, height - apart.shape[0]), (0, width - apart.shape[1])])
    return float(apart.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK).mean(axis=(1, 3)).max())


def save(picture: np.ndarray, path: Path) -> None:
    image = Image.fromarray(picture)
    image.quantize(256, Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE).save(path, optimize=True)


def reference(name: str) -> np.ndarray:
    return np.asarray(Image.open(REFERENCES / f"{name}.png").convert("RGB"))


@pytest.fixture(autouse=True, scope="module")
def no_screen():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SDL_VIDEODRIVER", "dummy")
        display.open_display()
        yield
        pygame.quit()


@pytest.mark.parametrize("name", LOOKS)
def test_each_state_looks_as_its_reference(name):
    picture, expected = painted(LOOKS[name]), reference(name)
    assert picture.shape == expected.shape
    if (apart := difference(picture, expected)) > TOLERANCE:
        folder = Path(tempfile.mkdtemp(prefix="handwriting-pictures-"))
        save(picture, folder / f"{name}.png")
        save(expected, folder / f"{name}-expected.png")
        pytest.fail(f"{name} differs by {apart:.1f} of 255 from its reference; both are in {folder}. {RENEWING}")


@pytest.mark.parametrize("path", sorted(REFERENCES.glob("*")), ids=lambda path: path.name)
def test_each_reference_is_small_and_of_a_state(path):
    assert path.stem in LOOKS
    assert path.stat().st_size < LARGEST


# What the comparison notices


def moved(name: Action, dx: int, dy: int):
    """The layout with one button moved."""
    layout = arrange(WINDOW_SIZE)
    box = layout.buttons[name]
    return layout._replace(buttons=layout.buttons | {name: box._replace(x=box.x + dx, y=box.y + dy)})


@pytest.mark.parametrize(("name", "dx", "dy"), [("undo", 2, 0), ("help", 0, 1), ("reset", 0, 2), ("classify", -2, 0)])
def test_a_button_that_moved_is_noticed(name, dx, dy):
    surface = pygame.Surface(WINDOW_SIZE)
    paint(surface, answered(), moved(name, dx, dy), design_tokens.LIGHT)
    picture = pygame.surfarray.array3d(surface).swapaxes(0, 1)
    assert difference(picture, reference("sure")) > TOLERANCE


@pytest.mark.parametrize(
    ("part", "by"),
    [
        ("background", 3),
        ("paper", 3),
        ("ink", 5),
        ("accent", 5),
        ("button", 5),
        ("button_pressed", 5),
        ("track", 10),
        ("grid", 25),
        ("text", 20),
        ("faint_text", 30),
        ("edge", 30),
    ],
)
def test_a_colour_that_changed_is_noticed(part, by, monkeypatch):
    color = tuple(value - by if value > 127 else value + by for value in getattr(design_tokens.LIGHT, part))
    monkeypatch.setitem(THEMES, "light", design_tokens.LIGHT._replace(**{part: color}))
    assert difference(painted(LOOKS["sure"]), reference("sure")) > TOLERANCE


def test_another_digit_or_bar_is_noticed():
    other = answer(7, 0.9968, d1=0.0025, d9=0.05)
    assert difference(painted(Look(lambda: answered(other))), reference("sure")) > TOLERANCE


# What is painted


@pytest.mark.parametrize("name", LOOKS)
def test_what_a_stroke_changes_is_painted_as_in_the_whole_picture(name):
    """A picture that is brought up to date while a stroke is drawn becomes that of a window painted anew."""
    look = LOOKS[name]
    before, after = (number, lambda: number(is_final=False)) if "number" in name else (ready, answered)
    surface, whole = pygame.Surface(look.size), pygame.Surface(look.size)
    state, then = before(), after()
    layout = arranged(look, then)
    state.hovered = then.hovered = None
    paint(whole, then, layout, THEMES[look.theme])
    for each in (state, then):  # what a press changes beside the ink is painted with the press
        each.note = " "
    paint(surface, state, layout, THEMES[look.theme])
    boxes = paint_live(surface, then, layout, THEMES[look.theme])
    for box in boxes:
        part, expected = (each.subsurface(pygame.Rect(box).clip(each.get_rect())) for each in (surface, whole))
        assert np.array_equal(pygame.surfarray.array3d(part), pygame.surfarray.array3d(expected))
    outside = pygame.surfarray.array3d(surface)
    paint(whole, state, layout, THEMES[look.theme])
    unchanged = pygame.surfarray.array3d(whole)
    for x, y, width, height in boxes:
        outside[x : x + width, y : y + height] = unchanged[x : x + width, y : y + height]
    assert np.array_equal(outside, unchanged)  # nothing is painted where it does not say


@pytest.mark.parametrize("word", ["+", "A", "heart", "Ünal"])
def test_what_the_own_typeface_can_show_is_shown_in_it(word):
    assert primitives.typeface(word, design_tokens.BOLD) == design_tokens.BOLD


@pytest.mark.parametrize("label", ["♥", "Ω", "日本"])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_sign_that_the_own_typeface_lacks_is_shown_in_one_that_has_it(label, is_there, monkeypatch):
    """The system's typefaces are those of the test, which are the same everywhere."""
    own, other = design_tokens.BOLD, Path("other.otf")
    lacking = {own: set("♥Ω日本"), other: set() if is_there else {label[-1]}}
    monkeypatch.setattr(primitives, "has_signs", lambda path, words: not lacking[path] & set(words))
    monkeypatch.setattr(pygame.font, "match_font", lambda name: str(other))
    primitives.forget()
    assert primitives.typeface(label, own) == (other if is_there else own)
    primitives.forget()


def test_which_signs_a_typeface_has_is_known():
    assert primitives.has_signs(design_tokens.BOLD, "Noted: A, +. Ünal's hand")
    assert not primitives.has_signs(design_tokens.BOLD, "Noted: ♥")


@pytest.mark.parametrize("words", ["heart", "a longer lab", "WWWWWWWWWWWW"])
@pytest.mark.parametrize("width", [200, 60, 12])
def test_a_line_that_must_fit_does(words, width):
    line = primitives.fitted(words, design_tokens.BOLD, 90, (0, 0, 0), width)
    assert line.get_width() <= width
    assert pygame.surfarray.array_alpha(line).any()


def test_the_help_card_has_a_line_for_every_key(monkeypatch):
    words = []
    monkeypatch.setattr(overlays, "text", lambda said, *rest: words.append(said) or pygame.Surface((1, 1)))
    overlays.paint_help(pygame.Surface(WINDOW_SIZE), 1.0, design_tokens.LIGHT)
    assert HELP
    for keys, effect in HELP.items():
        assert words[words.index(keys) + 1] == effect


@pytest.mark.parametrize("size", [SMALL, TALL, WINDOW_SIZE, (3840, 2160), (320, 240)])
def test_the_help_card_fits_into_the_window_and_takes_the_rest_back(size):
    surface = pygame.Surface(size)
    surface.fill((200, 100, 50))
    overlays.paint_help(surface, arrange(size).unit, design_tokens.LIGHT)
    colors = pygame.surfarray.array3d(surface)
    for edge in (colors[0], colors[-1], colors[:, 0], colors[:, -1]):
        assert (edge == edge[0]).all()
        assert (edge[0] < np.multiply((200, 100, 50), 0.7)).all()


@pytest.mark.parametrize("action", TOOLS)
def test_a_tooltip_names_the_tool_and_its_key_inside_the_window(action, monkeypatch):
    words = []
    monkeypatch.setattr(overlays, "text", lambda said, *rest: words.append(said) or pygame.Surface((80, 20)))
    state, surface = ready(), pygame.Surface(WINDOW_SIZE)
    state.hovered = action
    paint(surface, state, arrange(WINDOW_SIZE), design_tokens.LIGHT)
    assert words == [ACTIONS[action].button, ACTIONS[action].written]
    assert all(words)


def test_while_a_button_is_held_its_tooltip_is_gone(monkeypatch):
    monkeypatch.setattr(overlays, "paint_tooltip", lambda *_: pytest.fail("a tooltip"))
    state = ready()
    state.hovered = state.pressed = Action.UNDO
    paint(pygame.Surface(WINDOW_SIZE), state, arrange(WINDOW_SIZE), design_tokens.LIGHT)


@pytest.mark.parametrize("name", list(arrange(WINDOW_SIZE).buttons))
@pytest.mark.parametrize("look", THEMES)
def test_the_focus_can_be_seen(name, look):
    state, layout = ready(), arrange(WINDOW_SIZE)
    pictures = []
    for focused in (None, name):
        state.focused = focused
        surface = pygame.Surface(WINDOW_SIZE)
        paint(surface, state, layout, THEMES[look])
        pictures.append(pygame.surfarray.array3d(surface))
    ring = (pictures[1] == THEMES[look].focus).all(axis=2) & (pictures[0] != pictures[1]).any(axis=2)
    box = layout.buttons[name]
    columns, rows = ring.any(axis=1).nonzero()[0], ring.any(axis=0).nonzero()[0]
    assert (columns[0], rows[0]) <= (box.x + 2, box.y)
    assert (columns[-1], rows[-1]) >= (box.x + box.width - 3, box.y + box.height - 1)
    assert ring.sum() > 2 * (box.width + box.height)


# Contrast: W3C, "Web Content Accessibility Guidelines 2.2", success criteria 1.4.3 and 1.4.11

TEXT = {  # colours of words, and all that they stand on
    "text": ("background", "paper", "button", "button_lit", "button_pressed", "card"),
    "faint_text": ("background", "button", "button_lit", "button_pressed", "card"),
    "on_accent": ("accent", "accent_lit", "accent_pressed"),
    "accent": ("background", "button_lit"),
    "doubt": ("background", "button_lit"),
    "guess": ("background",),
    "warning": ("background",),
    "background": ("text",),  # a tip's words
}
SHAPES = {"ink": ("paper",), "focus": ("background",), "accent": ("track", "paper"), "doubt": ("track", "paper")}


def contrast(one: design_tokens.Color, other: design_tokens.Color) -> float:
    """The ratio of two colours' luminances, 1 to 21."""
    values = np.array([one, other]) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    dark, light = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", THEMES)
@pytest.mark.parametrize(
    ("color", "behind", "least"),
    [(color, behind, 4.5) for color, all_behind in TEXT.items() for behind in all_behind]
    + [(color, behind, 3.0) for color, all_behind in SHAPES.items() for behind in all_behind],
)
def test_colours_stand_out(look, color, behind, least):
    assert contrast(getattr(THEMES[look], color), getattr(THEMES[look], behind)) >= least


def test_contrast_is_as_defined():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


def renew() -> None:
    """Paint all references anew."""
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    display.open_display()
    REFERENCES.mkdir(exist_ok=True)
    for old in REFERENCES.glob("*.png"):
        old.unlink()
    for name, look in LOOKS.items():
        save(painted(look), REFERENCES / f"{name}.png")


if __name__ == "__main__":
    renew()
