"""The window's state: what is answered and when, what the user is told, and what is kept; without any window."""

import numpy as np
import pytest

from digits.drawing.canvas import CELLS, PEN_WIDTH, PEN_WIDTHS, WIDE
from digits.recognition import collection
from digits.recognition.hands import GUEST
from digits.recognition.records import DigitRecord, NumberRecord
from digits.recognition.stores import FolderStore
from digits.system.json_lines import read_records
from digits.window.actions import Action
from digits.window.state import DOT, EMPTY, NOT_ANSWERED, UNSURE, WELCOME, WELCOME_NUMBER, State
from digits.window.teaching import A_GUEST, NOTHING_REMEMBERED, OPENING, counted
from tests.support.hands import Always, open_hand
from tests.support.processes import run_python

SEVEN = [(6, 5), (20, 5), (11, 25)]


@pytest.fixture
def classifier():
    return Always()


@pytest.fixture
def hand(classifier, tmp_path, monkeypatch):
    return open_hand(monkeypatch, classifier, FolderStore(tmp_path / "collection"))


@pytest.fixture
def ready(classifier, hand, tmp_path):
    """A state whose model and hand are there; it records."""
    ready = State(tmp_path / "answers.jsonl", clock=lambda: 1780000000.0)
    ready.model_loaded(classifier)
    ready.hand_opened(hand, "Ada")
    return ready


def draw(drawn: State, *strokes) -> None:
    """Draw as the window does, which asks for a guess whenever it paints."""
    for (x, y), *rest in strokes or [SEVEN]:
        drawn.press(x, y)
        for point in rest:
            drawn.canvas.move(*point)
            drawn.answer_live()
        drawn.canvas.release()
        drawn.answer_live()


# The live answer


def test_the_guess_follows_the_stroke_while_it_is_drawn(ready, classifier):
    ready.press(*SEVEN[0])
    for point in SEVEN[1:]:
        ready.canvas.move(*point)
        ready.answer_live()
        assert ready.answer == classifier.given
        assert not ready.is_final
        assert np.array_equal(classifier.pictures[-1], ready.canvas.picture())
    assert len(classifier.pictures) == len(SEVEN) - 1


def test_what_was_guessed_is_not_guessed_again_until_the_ink_changes(ready, classifier):
    draw(ready)
    count = len(classifier.pictures)
    for _ in range(5):
        ready.answer_live()
    assert len(classifier.pictures) == count
    draw(ready, [(3, 20), (24, 20)])
    assert len(classifier.pictures) > count


def test_what_the_network_sees_is_shown_while_it_is_drawn(ready):
    assert ready.seen is None
    draw(ready)
    seen: np.ndarray | None = ready.seen
    assert seen is not None
    assert np.array_equal(seen, ready.canvas.picture())
    ready.undo()
    ready.answer_live()
    assert ready.seen is None


def test_what_the_network_sees_needs_no_model_and_no_live_answer():
    drawn = State()
    drawn.switch_live()
    draw(drawn)
    assert drawn.seen is not None
    assert np.array_equal(drawn.seen, drawn.canvas.picture())
    assert drawn.answer is None


def test_live_answers_can_be_switched_off_and_on(ready, classifier):
    draw(ready)
    ready.switch_live()
    ready.answer_live()
    assert ready.answer is None
    draw(ready, [(3, 20), (24, 20)])
    assert ready.answer is None
    ready.classify()
    assert ready.answer == classifier.given
    ready.undo()
    ready.switch_live()
    ready.answer_live()
    assert ready.answer == classifier.given


def test_switching_live_answers_leaves_a_final_one(ready):
    draw(ready)
    ready.classify()
    ready.switch_live()
    assert ready.answer is not None
    assert ready.is_final


@pytest.mark.parametrize("strokes", [[], [[(9, 9)]], [[(9, 9), (9.4, 9.9)]]])
def test_neither_paper_nor_a_dot_gets_a_guess(ready, classifier, strokes):
    for stroke in strokes:
        draw(ready, stroke)
    ready.answer_live()
    assert ready.answer is None
    assert not classifier.pictures


def test_a_guess_is_not_recorded(ready, tmp_path):
    draw(ready)
    assert read_records(tmp_path / "answers.jsonl") == []


# Classify


def test_classify_fixes_the_answer_and_records_it(ready, classifier, tmp_path):
    draw(ready)
    ready.classify()
    assert ready.is_final
    assert ready.answer == classifier.given
    (record,) = read_records(tmp_path / "answers.jsonl")
    assert record["digit"] == 7
    assert record["strokes"] == [[list(map(float, point)) for point in SEVEN]]


@pytest.mark.parametrize(("strokes", "says"), [([], EMPTY), ([[(9, 9)]], DOT)])
def test_what_is_no_digit_gets_a_hint_and_no_record(ready, classifier, tmp_path, strokes, says):
    for stroke in strokes:
        draw(ready, stroke)
    ready.classify()
    assert ready.message == says
    assert ready.answer is None
    assert not classifier.pictures
    assert read_records(tmp_path / "answers.jsonl") == []
    ready.press(3, 3)
    assert ready.message == WELCOME


@pytest.mark.parametrize(
    "change",
    [
        lambda ready: ready.press(3, 3),
        lambda ready: ready.press(3, 3, erase=True),
        State.reset,
        State.undo,
        State.switch_numbers,
        State.forget,
    ],
    ids=["pen", "eraser", "reset", "undo", "numbers", "forget"],
)
def test_whatever_changes_the_ink_takes_back_the_answer(ready, change):
    draw(ready)
    ready.classify()
    change(ready)
    assert ready.answer is None
    assert not ready.is_final
    assert ready.teaching.label is None


def test_classify_before_the_model_is_there_answers_when_it_comes(classifier):
    waiting = State(loading="Wait ...")
    draw(waiting)
    waiting.classify()
    assert waiting.answer is None
    assert waiting.message.text == "Wait ..."
    waiting.model_loaded(classifier)
    assert waiting.answer == classifier.given
    assert waiting.is_final


def test_a_model_that_comes_while_more_is_drawn_does_not_end_the_stroke(classifier):
    waiting = State()
    draw(waiting)
    waiting.classify()
    waiting.press(3, 20)
    waiting.model_loaded(classifier)
    assert waiting.canvas.is_drawing
    assert not waiting.is_final


def test_a_model_that_comes_late_guesses_what_is_drawn(classifier):
    waiting = State()
    draw(waiting)
    waiting.model_loading()
    waiting.model_loaded(classifier)
    assert waiting.message == WELCOME
    waiting.answer_live()
    assert waiting.answer == classifier.given


def test_a_model_that_fails_says_so_for_good():
    failed = State()
    failed.model_failed("That is no model.")
    for act in (lambda: draw(failed), failed.classify, failed.reset, failed.undo, lambda: failed.correct("3")):
        act()
        assert failed.message == ("That is no model.", True)
        assert failed.answer is None


def test_results_that_cannot_be_written_lose_neither_answer_nor_drawing(classifier, tmp_path):
    ready = State(results=tmp_path)
    ready.model_loaded(classifier)
    draw(ready)
    ready.classify()
    assert ready.answer == classifier.given
    assert ready.message.is_error
    assert "not written" in ready.message.text
    assert not ready.canvas.is_empty()


# Steps and tools


def test_a_reset_can_be_undone_and_what_it_undid_is_answered_again(ready, classifier):
    draw(ready)
    ready.reset()
    ready.answer_live()
    assert ready.answer is None
    ready.undo()
    ready.answer_live()
    assert ready.answer == classifier.given
    ready.redo()
    assert ready.canvas.is_empty()


def test_the_eraser_takes_the_place_of_the_pen(ready):
    draw(ready)
    ready.switch_eraser()
    ready.press(*SEVEN[1])
    assert ready.canvas.is_erasing
    ready.canvas.release()
    ready.switch_eraser()
    ready.press(3, 3)
    assert not ready.canvas.is_erasing


def test_the_pen_has_a_finest_and_a_broadest_width(ready):
    assert ready.canvas.pen_width == PEN_WIDTH
    widths = []
    for steps in [1] * 9 + [-1] * 9:
        ready.change_pen(steps)
        widths.append(ready.canvas.pen_width)
    assert (max(widths), min(widths)) == (PEN_WIDTHS[-1], PEN_WIDTHS[0])
    assert ready.canvas.pen_width == PEN_WIDTHS[0]


def test_a_button_goes_through_all_widths_and_begins_again(ready):
    chosen = []
    for _ in PEN_WIDTHS:
        ready.change_pen(1, around=True)
        chosen.append(ready.canvas.pen_width)
    assert sorted(chosen) == sorted(PEN_WIDTHS)
    assert chosen[-1] == PEN_WIDTH


def test_a_stroke_keeps_its_width_to_its_end(ready):
    ready.press(3, 3)
    ready.change_pen(1)
    assert ready.canvas.pen_width == PEN_WIDTH


# Numbers


def test_a_number_is_read_digit_by_digit(ready, classifier, tmp_path):
    ready.switch_numbers()
    assert ready.message == WELCOME_NUMBER
    assert ready.canvas.columns == WIDE
    for left in (2, 30, 58):
        draw(ready, [(left + x, y) for x, y in SEVEN])
    ready.classify()
    assert [reading.answer.digit for reading in ready.readings] == [7, 7, 7]
    assert [round(reading.box[0]) for reading in ready.readings] == [8, 36, 64]
    assert all(reading.answer.confidence == 0.91 for reading in ready.readings)
    (record,) = read_records(tmp_path / "answers.jsonl")
    assert record["number"] == "777"
    assert len(record["digits"]) == len(record["strokes"]) == 3


def test_a_number_follows_the_pen_and_asks_the_network_of_new_digits_only(ready, classifier):
    ready.switch_numbers()
    draw(ready, SEVEN)
    assert len(ready.readings) == 1
    assert not ready.is_final
    asked = len(classifier.pictures)
    ready.press(60, 5)
    for y in (10, 15, 25):
        ready.canvas.move(60, y)
        ready.answer_live()
    assert len(ready.readings) == 2
    assert len(classifier.pictures) - asked <= 6


def test_each_canvas_keeps_its_drawing_and_its_history(ready):
    draw(ready)
    strokes = ready.canvas.strokes
    ready.change_pen(1)
    ready.switch_numbers()
    assert ready.canvas.is_empty()
    assert ready.canvas.pen_width == PEN_WIDTHS[PEN_WIDTHS.index(PEN_WIDTH) + 1]
    draw(ready, [(50, 5), (60, 20), (55, 25)])  # as many changes as before: versions alone do not tell them apart
    ready.switch_numbers()
    assert ready.canvas.columns == CELLS
    assert np.array_equal(ready.canvas.strokes[0], strokes[0])
    ready.answer_live()
    assert np.array_equal(ready.seen, ready.canvas.picture())
    assert ready.readings == ()
    ready.undo()
    assert ready.canvas.is_empty()
    ready.switch_numbers()
    assert not ready.canvas.is_empty()


def test_switching_in_the_middle_of_a_stroke_ends_it(ready):
    ready.press(3, 3)
    ready.canvas.move(9, 20)
    ready.switch_numbers()
    ready.canvas.move(20, 20)
    ready.switch_numbers()
    assert not ready.canvas.is_drawing
    assert len(ready.canvas.strokes[0]) == 2


def test_a_number_is_never_laid_out_as_one_digit(ready, monkeypatch):
    ready.switch_numbers()
    monkeypatch.setattr(ready.canvas, "picture", lambda: pytest.fail("it takes as long as all its digits"))
    draw(ready)
    ready.classify()
    assert [reading.answer.digit for reading in ready.readings] == [7]
    assert ready.seen is None
    ready.reset()
    for message, stroke in ((EMPTY, None), (DOT, [(5, 5)])):
        if stroke:
            draw(ready, stroke)
        ready.classify()
        assert ready.message == message
        assert not ready.readings


# Corrections


def test_a_correction_goes_to_the_collection(ready, tmp_path):
    draw(ready)
    ready.classify()
    ready.correct("1")
    (entry,) = collection.read(tmp_path / "collection").entries
    assert (entry.label, entry.answer.digit) == ("1", 7)
    assert np.array_equal(entry.strokes[0], np.array(SEVEN, float))
    assert ready.teaching.label == "1"
    assert ready.note == "Noted: 1. Ada's hand: 1 drawing."


def test_what_was_taught_counts_with_the_next_stroke_and_names_the_drawing(ready, hand):
    draw(ready)
    ready.classify()
    ready.correct("1")
    ready.reset()
    draw(ready)
    (taught,) = hand.drawings()
    assert not ready.is_final
    assert (ready.answer.text, ready.answer.source) == ("1", taught.name)


def test_a_second_thought_replaces_the_first(ready, hand, tmp_path):
    draw(ready)
    ready.classify()
    for label in ("1", "1", "9"):
        ready.correct(label)
    (entry,) = collection.read(tmp_path / "collection").entries
    assert entry.label == "9"
    assert len(hand) == 1


def test_undo_takes_back_what_was_told_before_it_takes_back_ink(ready, hand):
    draw(ready)
    ready.classify()
    ready.correct("1")
    ready.correct("9")
    seen = []
    for _ in range(2):
        ready.undo()
        seen.append((ready.teaching.label, [drawing.label for drawing in hand.drawings()]))
    assert seen == [("1", ["1"]), (None, [])]
    assert ready.is_final
    ready.undo()
    assert ready.canvas.is_empty()
    assert not ready.can_undo()


def test_right_remembers_the_answer(ready, hand):
    draw(ready)
    ready.classify()
    ready.confirm()
    assert [drawing.label for drawing in hand.drawings()] == ["7"]


def test_there_is_no_right_where_it_is_not_sure(ready, hand, classifier):
    classifier.given = classifier.given._replace(is_sure=False)
    draw(ready)
    ready.classify()
    ready.confirm()
    assert ready.note == UNSURE
    assert len(hand) == 0


@pytest.mark.parametrize("act", [lambda ready: ready.correct("1"), State.confirm, State.open_text_field])
@pytest.mark.parametrize("prepare", [lambda ready: None, draw], ids=["empty", "not classified"])
def test_what_was_not_answered_is_not_corrected(ready, hand, prepare, act):
    prepare(ready)
    act(ready)
    assert ready.note == NOT_ANSWERED
    assert ready.typed is None
    assert len(hand) == 0


@pytest.mark.parametrize(
    ("typed", "label"),
    [("+", "+"), (" x ", "x"), ("heart", "heart"), ("a longer label than allowed", "a longer lab"), ("\x07", "")],
)
def test_any_short_text_is_a_label(ready, hand, typed, label):
    draw(ready)
    ready.classify()
    ready.open_text_field()
    ready.type(typed)
    ready.close_text_field(takes=True)
    assert [drawing.label for drawing in hand.drawings()] == ([label] if label else [])
    assert ready.bar_labels == (*"0123456789", *([label] if label else []))
    assert ready.typed is None


def test_what_is_typed_and_left_teaches_nothing(ready, hand):
    draw(ready)
    ready.classify()
    ready.open_text_field()
    ready.type("+")
    ready.close_text_field()
    assert len(hand) == 0


def test_of_many_signs_the_likeliest_have_bars(ready):
    for place, sign in enumerate(("a", "b", "c", "d", "e", "f")):
        draw(ready, [(5, 5 + 3 * place), (25, 5 + 3 * place), (5 + 3 * place, 25)])
        ready.classify()
        ready.correct(sign)
        ready.reset()
    assert ready.bar_labels == (*"0123456789", "a", "b", "c", "d")
    draw(ready, [(5, 20), (25, 20), (20, 25)])
    assert ready.answer.text == "f"
    assert "f" in ready.bar_labels
    assert len(ready.bar_labels) == 14
    ready.switch_memory()
    assert ready.bar_labels == tuple("0123456789")


def test_a_collection_that_cannot_be_written_keeps_the_answer_and_says_why(ready, classifier, tmp_path):
    draw(ready)
    ready.classify()
    (tmp_path / "collection").touch()
    ready.correct("1")
    assert ready.message.is_error
    assert "folder" in ready.message.text
    assert ready.answer == classifier.given
    assert ready.teaching.label is None


def test_a_collection_that_cannot_be_read_is_said_once_and_answers_go_on(ready, classifier, tmp_path):
    (tmp_path / "collection").touch()
    draw(ready)
    for says in (True, False):
        ready.classify()
        assert ready.message.is_error is says
        assert ready.answer == classifier.given


def test_what_went_wrong_is_said_until_something_goes_right(ready):
    draw(ready)
    ready.classify()
    ready.show_error("No room.")
    assert ready.message == ("No room.", True)
    ready.correct("3")
    assert ready.message == WELCOME
    ready.show_error("No room.")
    ready.classify()
    assert ready.message == WELCOME


# Corrections of numbers


def test_each_digit_of_a_number_is_corrected_by_itself(ready, hand, tmp_path):
    ready.switch_numbers()
    for left in (2, 30, 58):
        draw(ready, [(left + x, y) for x, y in SEVEN])
    ready.classify()
    ready.choose(1)
    ready.correct("1")
    ready.choose(5)  # goes round
    ready.correct("+")
    parts = [reading.strokes for reading in ready.readings]
    assert {part: told.label for part, told in ready.teaching.told.items()} == {parts[1]: "1", parts[2]: "+"}
    entries = collection.read(tmp_path / "collection").entries
    assert [(entry.label, len(entry.strokes)) for entry in entries] == [("1", 1), ("+", 1)]
    for entry in entries:  # each on a canvas of its own
        assert 0 <= entry.strokes[0].min() <= entry.strokes[0].max() <= CELLS
        assert np.array_equal(entry.picture, hand.drawing(entry.path.name).picture)


def test_a_number_is_read_anew_after_a_correction(ready):
    ready.switch_numbers()
    draw(ready)
    ready.classify()
    ready.correct("1")
    ready.classify()
    assert [reading.answer.text for reading in ready.readings] == ["1"]


def test_another_number_begins_with_its_first_digit(ready):
    ready.switch_numbers()
    for left in (2, 30):
        draw(ready, [(left + x, y) for x, y in SEVEN])
    ready.choose(1)  # not answered yet
    assert ready.chosen == 0
    ready.classify()
    ready.choose(-1)
    assert ready.chosen == 1
    ready.reset()
    assert ready.chosen == 0


# What the page is told


def test_the_results_say_what_was_told_and_that_it_was_taken_back(ready, hand, tmp_path):
    draw(ready)
    ready.classify()
    ready.correct("+")
    (taught,) = hand.drawings()
    ready.undo()
    answered, told, taken_back = map(DigitRecord.from_json, read_records(tmp_path / "answers.jsonl"))
    assert (told.label, told.name) == ("+", taught.name)
    assert told.time == answered.time
    assert told.answer == answered.answer
    assert (taken_back.label, taken_back.name) == (None, None)


def test_the_results_say_which_digit_of_a_number_was_told(ready, tmp_path):
    ready.switch_numbers()
    for left in (2, 30):
        draw(ready, [(left + x, y) for x, y in SEVEN])
    ready.classify()
    ready.choose(1)
    ready.correct("1")
    record = NumberRecord.from_json(read_records(tmp_path / "answers.jsonl")[-1])
    assert {place: told.label for place, told in record.told.items()} == {1: "1"}


# Whose hand


def test_the_hand_is_named_with_what_it_knows(ready, hand):
    assert ready.teaching.in_words() == "Ada's hand: nothing taught yet."
    ready.switch_memory()
    assert ready.note == "Ada's hand is switched off."
    ready.hand_opened(None, GUEST)
    assert ready.note == "A guest: nothing is remembered."


def test_switched_off_it_answers_as_the_network_does_and_keeps_what_it_knows(ready, hand):
    draw(ready)
    ready.classify()
    ready.correct("1")
    ready.classify()
    texts = [ready.answer.text]
    for _ in range(2):
        ready.switch_memory()
        assert ready.is_final
        texts.append(ready.answer.text)
    assert texts == ["1", "7", "1"]
    assert len(hand) == 1


def test_a_guest_is_answered_and_teaches_nothing(ready, hand, classifier):
    ready.hand_opened(None, GUEST)
    draw(ready)
    ready.classify()
    assert ready.answer == classifier.given
    ready.correct("1")
    assert ready.note == A_GUEST
    assert not ready.can_teach
    assert len(hand) == 0


def test_a_window_without_hands_remembers_nothing(classifier):
    alone = State()
    alone.model_loaded(classifier)
    draw(alone)
    alone.classify()
    alone.correct("1")
    assert alone.note == NOTHING_REMEMBERED
    assert alone.teaching.in_words() == ""


def test_another_hand_answers_what_is_on_the_canvas_and_was_told_nothing_of_it(ready, monkeypatch):
    draw(ready)
    ready.classify()
    ready.correct("1")
    ready.classify()
    assert ready.answer.text == "1"
    ready.hand_opened(open_hand(monkeypatch, Always(7)), "Bob")
    assert ready.is_final
    assert ready.answer.text == "7"
    assert ready.teaching.label is None
    ready.undo()
    assert ready.canvas.is_empty()


def test_what_is_told_before_the_hand_is_there_is_remembered_when_it_comes(classifier, hand):
    state = State()
    state.model_loaded(classifier)
    state.teaching.without_hand = OPENING
    draw(state)
    state.classify()
    state.correct("1")
    assert state.note == OPENING
    state.hand_opened(hand, "Ada")
    assert [drawing.label for drawing in hand.drawings()] == ["1"]
    assert state.teaching.label == "1"


def test_the_first_hand_answers_what_is_drawn_and_leaves_what_was_answered(classifier, hand):
    for is_final in (True, False):
        state = State()
        state.model_loaded(classifier)
        draw(state)
        if is_final:
            state.classify()
        asked = len(classifier.pictures)
        state.hand_opened(hand, "Ada")
        state.answer_live()
        assert (len(classifier.pictures) == asked) is is_final
        assert state.note == ""


def test_a_hand_that_cannot_be_opened_is_said_and_answers_go_on(ready, classifier):
    ready.hand_opened(None, "Bob", "There is no room.")
    assert ready.message == ("There is no room.", True)
    draw(ready)
    ready.classify()
    assert ready.answer == classifier.given
    ready.correct("1")
    assert ready.note == "There is no room."


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 drawings"), (1, "1 drawing"), (2, "2 drawings"), (1234, "1,234 drawings")]
)
def test_drawings_are_counted_in_words(count, words):
    assert counted(count) == words


# Files that are dropped


def picture() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (28, 28), np.uint8)


def test_a_dropped_picture_is_shown_and_answered_as_it_is(ready, classifier, tmp_path):
    draw(ready)
    ready.show_image(dropped := picture(), "seven.png")
    assert ready.image is dropped
    assert np.array_equal(classifier.pictures[-1], dropped)
    assert np.array_equal(ready.seen, dropped)
    assert ready.answer == classifier.given
    assert ready.note == "seven.png"
    assert read_records(tmp_path / "answers.jsonl") == []  # there are no strokes to record


def test_after_a_dropped_picture_the_drawing_comes_back_with_undo(ready):
    draw(ready)
    ready.show_image(picture(), "seven.png")
    ready.undo()
    ready.answer_live()
    assert ready.image is None
    assert len(ready.canvas.strokes) == 1
    assert np.array_equal(ready.seen, ready.canvas.picture())


def test_a_dropped_picture_makes_way_for_the_pen(ready):
    ready.show_image(picture(), "seven.png")
    draw(ready)
    assert ready.image is None
    assert np.array_equal(ready.seen, ready.canvas.picture())


def test_a_picture_dropped_on_a_number_is_one_digit(ready, classifier):
    ready.switch_numbers()
    ready.show_image(picture(), "seven.png")
    assert not ready.is_number
    assert ready.answer == classifier.given


def test_a_dropped_picture_is_taught_without_strokes(ready, hand, tmp_path):
    ready.show_image(dropped := picture(), "seven.png")
    ready.correct("3")
    (entry,) = collection.read(tmp_path / "collection").entries
    assert (entry.label, len(entry.strokes)) == ("3", 0)
    assert np.array_equal(entry.picture, dropped)


def test_a_picture_that_was_dropped_early_is_answered_when_the_model_comes(classifier):
    waiting = State()
    waiting.show_image(dropped := picture(), "seven.png")
    waiting.model_loaded(classifier)
    assert waiting.answer == classifier.given
    assert np.array_equal(classifier.pictures[0], dropped)


# Beginning again


def test_forget_leaves_nothing_of_the_one_before(ready, classifier):
    fresh = State()
    fresh.model_loaded(classifier)
    draw(ready)
    ready.switch_numbers()
    draw(ready)
    ready.classify()
    ready.switch_numbers()
    for change in (ready.switch_eraser, ready.switch_live, ready.switch_help, lambda: ready.change_pen(2)):
        change()
    ready.focused = Action.RESET
    ready.forget()
    shown = (
        "answer",
        "readings",
        "is_final",
        "chosen",
        "typed",
        "message",
        "note",
        "is_live",
        "is_erasing",
        "has_help",
        "focused",
    )
    assert [getattr(ready, name) for name in shown] == [getattr(fresh, name) for name in shown]
    for _ in range(2):
        assert ready.canvas.is_empty()
        assert not ready.canvas.can_undo()
        assert ready.canvas.pen_width == PEN_WIDTH
        ready.switch_numbers()


def test_the_state_knows_no_window():
    code = (
        "import sys, digits.window.state; print([name for name in ('pygame', 'PIL', 'scipy') if name in sys.modules])"
    )
    assert run_python("-c", code).stdout.strip() == "[]"
