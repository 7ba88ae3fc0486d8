"""Whether the window survives random events of all kinds, in any order.

    python -m benchmarks.window.random_events [--events 1000000] [--seed 0] [--model model.h5]

The real window (`digits.window.event_loop.Window`, on SDL's dummy driver) is given events one after another: the
pointer in and beyond the window, all buttons, the wheel, four fingers, all keys with all modifiers, files that are and
are not images, new sizes, loss of focus, models and hands that come and fail, notes from other threads, and hours that
pass. The window is opened again and again, in another of its modes each time. Every PAINTED-th event is followed by
what the loop does after its events: what other threads sent is handled, what is drawn is answered, and the picture is
painted.
Then it is looked at whether the state holds together (`check`).
    exceptions   events or pictures that raised one; the first ones are printed, with their event
    growth_mb    resident memory (/proc/self/statm) at the end over that after the first WARM_UP events, units of
                 1,000,000 bytes, looked at LOOKS times, when free memory has been given back to the system; see
                 `use_one_arena`. `peak_growth_mb` is the most that it was over in between
"""

import argparse
import gc
import os
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from ctypes import CDLL
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.support import template_digits
from benchmarks.support.harness import positive, report
from benchmarks.support.measures import at_most, missed
from digits.drawing import ink
from digits.drawing.canvas import CELLS
from digits.models import loading
from digits.models.keras_allowlist import check_container
from digits.recognition.classifier import Answer, Classifier
from digits.recognition.hand import Hand
from digits.recognition.hands import GUEST, Hands
from digits.recognition.stores import VisitStore
from digits.window.actions import OF_KEYS, Action
from digits.window.layout import WINDOW_SIZE

WARM_UP = 10_000  # events, after which memory should not grow
GROWTH_MB = 5
PAINTED = 20  # events from one picture to the next
SESSIONS = 20  # windows, one after the other, for the first WARM_UP events; and as many for all others
LOOKS = 100  # at the memory, at most, and no more than one every thousand events
PRINTED = 3  # exceptions
PATIENCE = 20.0  # seconds, for a file to be read
M_ARENA_MAX = -8  # glibc's number of this setting, in malloc.h
SIZES = [(960, 640), (640, 480), (320, 240), (420, 860), (1280, 720), (1600, 400), (1920, 1080), (1, 1), (37, 900)]
FAILING = 0.9  # of a session, after which a model may fail, which is for good


class Unsure:
    """A classifier that takes no time: anything may be any digit."""

    def __init__(self, rng: np.random.Generator):
        self._rng = rng

    def classify(self, picture: np.ndarray) -> Answer:
        """Return an answer that has nothing to do with the picture."""
        probabilities = self._rng.dirichlet(np.full(10, 0.3))
        digit = int(probabilities.argmax())
        sure = bool(probabilities[digit] > 0.5)
        return Answer(digit, float(probabilities[digit]), tuple(probabilities.tolist()), sure)


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="random_events", description="Give the window random events.")
    parser.add_argument("--events", type=positive, default=1_000_000, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--model", type=Path, default=loading.SHIPPED, help="a Keras file (default: the shipped one)")
    arguments = parser.parse_args(argv)
    return report("random_events", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures."""
    check_container(arguments.model)
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    use_one_arena()
    before = Path.cwd()
    with TemporaryDirectory() as folder:
        os.chdir(folder)  # where S saves
        try:
            run = Run(Path(folder), loading.load(arguments.model), arguments.seed)
            began = time.perf_counter()
            run.events(arguments.events)
            seconds = time.perf_counter() - began
        finally:
            os.chdir(before)
    warm = [mb for count, mb in run.memory if count >= WARM_UP] or [run.memory[-1][1]]
    figures = {
        "seed": arguments.seed,
        "events": arguments.events,
        "pictures": run.pictures,
        "windows": run.windows,
        "kinds": len(run.kinds),
        "seconds": round(seconds, 1),
        "events_a_second": round(arguments.events / seconds),
        "exceptions": at_most(len(run.exceptions), 0),
        "growth_mb": at_most(round(warm[-1] - warm[0], 1), GROWTH_MB),
        "peak_growth_mb": round(max(warm) - warm[0], 1),
        "memory_mb": round(warm[-1], 1),
    }
    return {**figures, "printed": run.exceptions[:PRINTED], "missed": missed(figures)}


class Run:
    """A window that is given events, and what came of it."""

    def __init__(self, folder: Path, classifier: Classifier, seed: int):
        from digits.window import event_loop  # late: it reads the environment when the display opens

        self.rng = np.random.default_rng(seed)
        self.exceptions: list[str] = []
        self.memory: list[tuple[int, float]] = []
        self.kinds: Counter = Counter()
        self.pictures = self.windows = 0
        self._window, self._pygame = event_loop, event_loop.pygame
        self._folder = folder
        self._files = write_files(folder)
        self._classifiers = [classifier, Unsure(self.rng), Unsure(self.rng)]
        self._hand = Hand(classifier, VisitStore())
        self._now = 0.0
        self._done = 0
        self._others = set(threading.enumerate())  # threads that are none of the window's
        self._kinds = self._choices()
        names, weights = zip(*self._kinds, strict=True)
        self._makers: list[Callable] = list(names)
        self._shares = np.array(weights, float) / sum(weights)

    def events(self, count: int) -> None:
        """Give a window after another that many events in all."""
        for session, length in enumerate(session_lengths(count)):
            self._open(session)
            for index, maker in enumerate(self.rng.choice(len(self._makers), length, p=self._shares)):
                self._session_share = index / length
                self._try(lambda maker=maker: self._makers[maker]())
                self._done += 1
                if self._done % PAINTED == 0:
                    self._try(self._go_round)
                if self._done % max(1000, count // LOOKS) == 0 or self._done == count:
                    self._look_at_memory()
            self._pygame.quit()

    def _look_at_memory(self) -> None:
        """Note the memory in one and the same situation: an empty window of the usual size, and no file being read."""
        for thread in set(threading.enumerate()) - self._others:
            thread.join(PATIENCE)
        self.shown.state.forget()  # the drawing and the hundred steps that can be undone
        self._resize_to(WINDOW_SIZE)
        self._try(self._go_round)
        gc.collect()
        give_back_what_is_free()
        self.memory.append((self._done, resident_mb()))

    def _try(self, do: Callable[[], None]) -> None:
        try:
            do()
        except Exception:
            self.exceptions.append(f"event {self._done}: {traceback.format_exc(limit=-3)}")

    def _open(self, session: int) -> None:
        from digits.window.state import State

        self._pygame.display.quit()
        look = self._window.Options(
            theme=("light", "dark")[session % 2],
            numbers=session % 3 == 1,
            projector=session % 5 == 4,
            kiosk=session % 4 == 3,
        )
        answers = self._folder / "answers.jsonl" if session % 2 else None
        if answers:
            answers.unlink(missing_ok=True)
        for drawing in self._hand.drawings():
            self._hand.forget(drawing.name)
        hands = None if look.kiosk else Hands(self._folder / "collection")
        self.shown = self._window.Window(
            State(answers), lambda _: None, options=look, clock=lambda: self._now, hands=hands
        )
        self.windows += 1

    def _go_round(self) -> None:
        """Do what the loop of the window does after its events."""
        for event in self._pygame.event.get():
            self._handle(event)
        self.shown._reset_kiosk()
        self.shown._paint()
        self.pictures += 1
        self._now += 0.016
        check(self.shown)

    def _handle(self, event) -> None:
        self.kinds[event.type] += 1
        self.shown.handle(event)
        self.shown._is_open = True  # closed by an event, it is used again

    def _send(self, kind: int, **values) -> None:
        self._handle(self._pygame.event.Event(kind, values))

    # What may happen

    def _choices(self) -> list[tuple[Callable, float]]:
        """Return what makes each kind of event, and how often, by thousands."""
        return [
            (self._draw, 40),
            (self._move, 500),
            (self._press, 90),
            (self._lift, 100),
            (self._wheel, 10),
            (self._touch, 120),
            (self._type, 80),
            (self._wait, 5),
            (self._resize, 2),
            (self._lose_focus, 4),
            (self._model, 2),
            (self._say, 4),
            (self._drop, 1),
            (self._other, 40),
        ]

    def _place(self) -> tuple[int, int]:
        """Return a pixel, most often in the window."""
        width, height = self.shown._surface.get_size()
        x, y = self.rng.uniform(-0.1, 1.1, 2)
        return int(x * width), int(y * height)

    def _draw(self) -> None:
        """Draw a stroke that may be one of a digit."""
        layout, pygame = self.shown._layout, self._pygame
        stroke = template_digits.strokes(int(self.rng.integers(10)))[0] * self.rng.uniform(0.3, 1.6)
        corner = self.rng.uniform(0, (self.shown.state.canvas.columns - 8, 20))
        pixels = ((stroke + corner) * layout.cell + layout.canvas[:2]).astype(int).tolist()
        button = 1 if self.rng.random() < 0.9 else 3
        self._send(pygame.MOUSEBUTTONDOWN, pos=tuple(pixels[0]), button=button, touch=False)
        held = (int(button == 1), 0, int(button == 3))
        for pixel in pixels[1:]:
            self._send(pygame.MOUSEMOTION, pos=tuple(pixel), rel=(0, 0), buttons=held, touch=False)
        self._send(pygame.MOUSEBUTTONUP, pos=tuple(pixels[-1]), button=button, touch=False)

    def _move(self) -> None:
        held = tuple(self.rng.integers(0, 2, 3).tolist()) if self.rng.random() < 0.1 else (1, 0, 1)
        touch = self.rng.random() < 0.02
        self._send(self._pygame.MOUSEMOTION, pos=self._place(), rel=(0, 0), buttons=held, touch=touch)

    def _press(self) -> None:
        self._send(self._pygame.MOUSEBUTTONDOWN, pos=self._part(), button=self._button(), touch=False)

    def _lift(self) -> None:
        self._send(self._pygame.MOUSEBUTTONUP, pos=self._part(), button=self._button(), touch=False)

    def _button(self) -> int:
        return int(self.rng.choice([1, 1, 1, 3, 2, 4, 5, 7]))

    def _part(self) -> tuple[int, int]:
        """Return a pixel anywhere, or one of a button or a bar."""
        layout = self.shown._layout
        parts = [*layout.buttons.values(), *layout.teaching.values(), *layout.bars]
        if self.rng.random() < 0.5:
            return self._place()
        x, y, width, height = parts[self.rng.integers(len(parts))]
        return x + width // 2, y + height // 2

    def _wheel(self) -> None:
        x, y = self.rng.integers(-3, 4, 2).tolist()
        self._send(self._pygame.MOUSEWHEEL, x=x, y=y, flipped=False)

    def _touch(self) -> None:
        pygame = self._pygame
        kind = (pygame.FINGERDOWN, pygame.FINGERMOTION, pygame.FINGERMOTION, pygame.FINGERUP)[self.rng.integers(4)]
        x, y = self.rng.uniform(-0.1, 1.1, 2).tolist()
        self._send(kind, touch_id=0, finger_id=int(self.rng.integers(4)), x=x, y=y, dx=0.0, dy=0.0, pressure=1.0)

    def _type(self) -> None:
        pygame, rng = self._pygame, self.rng
        mod = int(rng.choice([0, 0, 0, pygame.KMOD_LCTRL, pygame.KMOD_LSHIFT, pygame.KMOD_LMETA, pygame.KMOD_ALT]))
        if rng.random() < 0.7:
            key = list(OF_KEYS)[rng.integers(len(OF_KEYS))]
            if OF_KEYS[key] in (Action.SAVE, Action.HAND) and rng.random() < 0.8:
                return  # files take their time
            name = key.rpartition("+")[2] or key
            mod |= pygame.KMOD_LCTRL if key.startswith("ctrl+") else 0
            code, typed = pygame.key.key_code(name) if name not in "?+" else 0, name if len(name) == 1 else ""
        else:
            code, typed = int(rng.integers(0, 400)), chr(rng.integers(0, 1000)) if rng.random() < 0.5 else ""
        self._send(pygame.KEYDOWN, key=code, mod=mod, unicode=typed, scancode=0)

    def _wait(self) -> None:
        self._now += float(self.rng.choice([0.1, 1.0, 30.0, 61.0, 4000.0]))

    def _resize(self) -> None:
        self._resize_to(SIZES[self.rng.integers(len(SIZES))])

    def _resize_to(self, size: tuple[int, int]) -> None:
        width, height = size
        self._pygame.display.set_mode((width, height), self._pygame.RESIZABLE)
        self._send(self._pygame.VIDEORESIZE, size=(width, height), w=width, h=height)

    def _lose_focus(self) -> None:
        pygame = self._pygame
        self._send((pygame.WINDOWFOCUSLOST, pygame.WINDOWLEAVE, pygame.VIDEOEXPOSE)[self.rng.integers(3)])

    def _model(self) -> None:
        window, luck = self._window, self.rng.random()
        if luck < 0.5:
            self._send(window.MODEL_LOADED, classifier=self._classifiers[self.rng.integers(len(self._classifiers))])
        elif luck < 0.9 or self._session_share < FAILING:
            self._send(window.MODEL_LOADING)
        else:
            self._send(window.MODEL_FAILED, sentence="No such model. " * int(self.rng.integers(1, 20)))

    def _say(self) -> None:
        window, rng = self._window, self.rng
        if rng.random() < 0.5:
            self._send(window.NOTE, text="words " * int(rng.integers(0, 60)), is_error=bool(rng.random() < 0.5))
        elif rng.random() < 0.5:
            hand, problem = ((None, ""), (self._hand, ""), (None, "No such folder."))[rng.integers(3)]
            self._send(window.HAND_OPENED, hand=hand, owner="Ada" if hand or problem else GUEST, problem=problem)
        else:
            picture = rng.integers(0, 256, (CELLS, CELLS)).astype(np.uint8)
            self._send(window.IMAGE_READ, picture=picture, name="seven.png")

    def _drop(self) -> None:
        self._send(self._pygame.DROPFILE, file=str(self._files[self.rng.integers(len(self._files))]))

    def _other(self) -> None:
        pygame = self._pygame
        kinds = (pygame.KEYUP, pygame.TEXTINPUT, pygame.ACTIVEEVENT, pygame.WINDOWENTER, pygame.USEREVENT, pygame.QUIT)
        text = chr(self.rng.integers(1, 1000))
        self._send(kinds[self.rng.integers(len(kinds))], key=0, mod=0, text=text)


def session_lengths(count: int) -> list[int]:
    """Return how many events each window gets, of that many: the first ones few, so that all modes are seen early."""
    early = min(count, WARM_UP)
    lengths = [len(part) for total in (early, count - early) for part in np.array_split(np.arange(total), SESSIONS)]
    return [length for length in lengths if length]


def check(shown) -> None:
    """Raise AssertionError where what the window holds does not fit together."""
    state, canvas = shown.state, shown.state.canvas
    layout = shown._layout
    assert layout.canvas.width == canvas.columns * layout.cell, "the layout is not of this canvas"
    assert canvas.cells().shape == (CELLS, canvas.columns), "the cells are not of this canvas"
    assert len(canvas.strokes) == len(canvas.widths), "a stroke without a pen"
    assert not canvas.is_drawing or shown._pointer.held is not None, "a stroke that nobody draws"
    assert not state.is_final or state.answer is not None or state.is_number, "a final answer that is none"
    assert not (state.is_number and state.answer), "one digit's answer to a number"
    assert state.is_number or not state.readings, "a number's answer to one digit"
    assert not state.teaching.told or state.is_final, "a correction of nothing"
    assert state.chosen < max(1, len(state.readings)), "a digit is chosen that is not there"
    assert state.is_number or len(layout.bars) == len(state.bar_labels), "the layout is not of these bars"
    for stroke in canvas.strokes:
        assert len(stroke), "a stroke without points"
        assert stroke.min() >= 0, "ink beyond the canvas"
        assert (stroke.max(axis=0) <= (canvas.columns, CELLS)).all(), "ink beyond the canvas"


def write_files(folder: Path) -> list[Path]:
    """Write files to be dropped, and return them: an image, a text, nothing and a folder."""
    from PIL import Image

    picture = ink.rasterize([stroke * 5 + 20 for stroke in template_digits.strokes(7)], 10, (120, 100))
    image, text, empty = (folder / name for name in ("seven.png", "notes.txt", "empty.png"))
    Image.fromarray(255 - picture).save(image)
    text.write_text("a shopping list")
    empty.touch()
    return [image, text, empty, folder]


def use_one_arena() -> None:
    """Have all threads share one heap, where the C library is glibc: each heap more keeps some memory for itself."""
    with suppress(OSError, AttributeError):
        CDLL("libc.so.6").mallopt(M_ARENA_MAX, 1)


def give_back_what_is_free() -> None:
    """Have the C library return to the system what it keeps for later, where it is glibc."""
    with suppress(OSError, AttributeError):
        CDLL("libc.so.6").malloc_trim(0)


def resident_mb() -> float:
    """Return this process's resident memory, in units of 1,000,000 bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    raise SystemExit(main())
