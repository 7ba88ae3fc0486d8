"""A hand: what is taught counts at once, everywhere, can be taken back, and survives what may happen to a folder."""

import errno
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.drawing import ink
from digits.models import loading
from digits.recognition import collection, hand_cache
from digits.recognition.classifier import Answer
from digits.recognition.features import reader_of
from digits.recognition.hand import Hand, Imported, open_hand
from digits.recognition.stores import FolderStore, VisitStore
from digits.system.files import UserError

CROSS = [np.array([[0.0, 8], [10, 8]]), np.array([[5.0, 3], [5, 13]])]
SEVEN = [stroke + np.array([6, 5]) for stroke in template_digits.strokes(7)]


@pytest.fixture(scope="module")
def shipped() -> loading.LoadedModel:
    return loading.load()


@pytest.fixture
def hand(shipped, tmp_path, cache_folder) -> Hand:
    return open_hand(shipped, tmp_path / "mine")


def drawn(strokes: list[np.ndarray], seed: int) -> list[np.ndarray]:
    """Return the same drawing by a hand that shakes."""
    rng = np.random.default_rng(seed)
    return [stroke + rng.normal(0, 0.2, stroke.shape) for stroke in strokes]


def teach(hand: Hand, strokes: list[np.ndarray], label: str) -> str:
    picture = ink.normalize(strokes)
    return hand.remember(picture, label, hand.classify(picture), strokes)


def read(hand: Hand, strokes: list[np.ndarray]) -> Answer:
    return hand.classify(ink.normalize(strokes))


def test_until_something_is_taught_nothing_changes(hand, shipped):
    for picture in template_digits.pictures(20, seed=1)[0]:
        assert hand.classify(picture) == shipped.classify(picture)
    assert hand.drawings() == []


def test_a_sign_is_answered_after_a_few_examples_and_says_by_which_drawing(hand):
    for seed in range(3):
        teach(hand, drawn(CROSS, seed), "+")
    answer = read(hand, drawn(CROSS, 9))
    assert (answer.text, answer.candidates, answer.is_sure) == ("+", ("+",), True)
    source = hand.drawing(answer.source)
    assert source is not None
    assert source.label == "+"
    assert source.picture.shape == (28, 28)
    assert answer.signs == (("+", answer.confidence),)
    seven, alone = read(hand, SEVEN), hand._classifier.classify(ink.normalize(SEVEN))
    assert (seven.text, seven.is_sure, seven.source) == (alone.text, alone.is_sure, None)
    assert seven.probabilities == pytest.approx(alone.probabilities, abs=1e-6)


def test_switched_off_it_answers_as_the_classifier_does(hand, shipped):
    teach(hand, CROSS, "+")
    hand.is_on = False
    assert read(hand, CROSS) == shipped.classify(ink.normalize(CROSS))
    hand.is_on = True
    assert read(hand, CROSS).text == "+"


def test_each_step_can_be_taken_back(hand):
    name = teach(hand, CROSS, "+")
    hand.correct(name, "x")
    hand.forget(name)
    assert hand.drawings() == []
    seen = []
    while hand.undo():
        seen.append([drawing.label for drawing in hand.drawings()])
    assert seen == [["x"], ["+"], []]
    assert read(hand, CROSS).signs == ()


def test_a_second_thought_replaces_the_first(hand):
    name = teach(hand, CROSS, "+")
    picture = ink.normalize(CROSS)
    assert hand.remember(picture, "4", hand.classify(picture), CROSS, name) == name
    assert [drawing.label for drawing in hand.drawings()] == ["4"]


def test_a_picture_without_strokes_is_remembered_as_a_picture(hand, shipped, tmp_path):
    picture = ink.normalize(CROSS)
    hand.remember(picture, "+", hand.classify(picture))
    again = open_hand(shipped, tmp_path / "mine")
    np.testing.assert_array_equal(again.drawings()[0].picture, picture)
    assert "<rect" in collection.write_overview(tmp_path / "mine").read_text()


def test_programs_know_of_each_others_corrections_at_once(hand, shipped, tmp_path):
    window, page = hand, open_hand(shipped, tmp_path / "mine")
    name = teach(window, CROSS, "+")
    assert read(page, CROSS).text == "+"
    page.correct(name, "x")
    assert read(window, CROSS).text == "x"
    page.forget(name)
    assert read(window, CROSS).signs == ()


def test_a_very_picture_is_found_also_when_it_is_read_from_the_cache(hand, shipped, tmp_path):
    name = teach(hand, SEVEN, "7")
    for each in (hand, open_hand(shipped, tmp_path / "mine"), open_hand(shipped, tmp_path / "mine")):
        found = each.find(ink.normalize(SEVEN))
        assert found is not None
        assert found.name == name
        assert each.find(ink.normalize(CROSS)) is None
    hand.forget(name)
    assert hand.find(ink.normalize(SEVEN)) is None


def test_a_hand_answers_the_same_in_another_process(shipped):
    hand = Hand(shipped, VisitStore())
    for seed in range(3):
        teach(hand, drawn(CROSS, seed), "+")
    copy = pickle.loads(pickle.dumps(hand))
    assert read(copy, drawn(CROSS, 9)) == read(hand, drawn(CROSS, 9))
    assert not copy.can_undo


def test_two_that_write_at_once_lose_nothing(shipped, tmp_path, cache_folder):
    hands = [open_hand(shipped, tmp_path) for _ in range(2)]
    threads = [
        threading.Thread(target=lambda hand=hand: [teach(hand, SEVEN, "7") for _ in range(10)]) for hand in hands
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(hand.drawings()) for hand in hands] == [20, 20]


def test_hands_are_kept_apart(shipped, tmp_path, cache_folder):
    teach(open_hand(shipped, tmp_path, "Ada"), CROSS, "+")
    assert open_hand(shipped, tmp_path).drawings() == []
    assert len(open_hand(shipped, tmp_path, "Ada").drawings()) == 1
    assert collection.hands(tmp_path) == [collection.default_hand(), "Ada"]
    assert collection.hand_folder(tmp_path, collection.default_hand()) == tmp_path


@pytest.mark.parametrize("name", ["", " ", "..", ".hidden", "a/b", "a\\b", "c:", "a\nb", "n" * 41, "x.json", "dot."])
def test_a_name_that_is_no_folder_is_refused(shipped, tmp_path, name):
    with pytest.raises(UserError, match="A hand has a name"):
        open_hand(shipped, tmp_path, name)


@pytest.mark.parametrize(
    ("name", "kept"), [("A", "A"), (" n" * 20, "n" + " n" * 19), ("n" * 40, "n" * 40), ("Zoe\u0308", "Zo\xeb")]
)
def test_any_other_name_is_kept_in_one_form(name, kept):
    assert collection.hand_name(name) == kept


def test_what_was_computed_is_used_again_and_only_for_the_same_model(hand, shipped, tmp_path, monkeypatch):
    names = [teach(hand, drawn(SEVEN, seed), "7") for seed in range(4)]
    open_hand(shipped, tmp_path / "mine")  # saves
    cache = hand_cache.place_of(tmp_path / "mine")
    assert cache is not None
    hand.forget(names[0])
    hand.correct(names[1], "1")
    read_files: list[str] = []
    read_one = FolderStore.read
    monkeypatch.setattr(FolderStore, "read", lambda store, name: read_files.append(name) or read_one(store, name))
    again = open_hand(shipped, tmp_path / "mine")
    assert read_files == [names[1]]
    assert [drawing.label for drawing in again.drawings()] == ["7", "7", "1"]
    assert read(again, SEVEN).probabilities == pytest.approx(read(hand, SEVEN).probabilities, abs=1e-4)
    read_files.clear()
    assert len(again.with_classifier(shipped)) == 3
    assert read_files == []
    monkeypatch.setattr(reader_of(shipped), "identity", "of another model")
    assert len(open_hand(shipped, tmp_path / "mine").drawings()) == len(read_files) == 3


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive at all", "a file of another kind"])
def test_a_damaged_cache_is_made_anew(hand, shipped, tmp_path, content):
    teach(hand, SEVEN, "7")
    cache = hand_cache.place_of(tmp_path / "mine")
    assert cache is not None
    cache.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
        with cache.open("wb") as file:
            np.savez(file, identity=np.array(content))
    else:
        cache.write_bytes(content)
    assert len(open_hand(shipped, tmp_path / "mine").drawings()) == 1


def test_a_cache_that_lacks_a_row_is_none_and_one_that_cannot_be_written_is_done_without(hand, shipped, cache_folder):
    teach(hand, SEVEN, "7")
    open_hand(shipped, hand._store.folder)  # saves
    (cache,) = cache_folder.iterdir()
    identity = reader_of(shipped).identity
    assert hand_cache.load(cache, identity) is not None
    with np.load(cache) as file:
        arrays = dict(file)
    for name in ("labels", "stamps", "pictures", "vectors"):
        with cache.open("wb") as file:
            np.savez(file, **{**arrays, name: arrays[name][:-1]})
        assert hand_cache.load(cache, identity) is None
    cache.unlink()
    cache.mkdir()
    assert read(open_hand(shipped, hand._store.folder), SEVEN).text == "7"


def test_damaged_files_are_counted_and_the_others_count(hand, shipped, tmp_path):
    teach(hand, CROSS, "+")
    (tmp_path / "mine" / "broken.json").write_text("{")
    (tmp_path / "mine" / "folder.json").mkdir()
    for each in (hand, open_hand(shipped, tmp_path / "mine")):
        assert read(each, CROSS).text == "+"
        assert each.damaged == 2


def test_a_full_disk_is_one_sentence_and_nothing_is_lost(hand, monkeypatch):
    name = teach(hand, CROSS, "+")

    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        for step in (lambda: teach(hand, SEVEN, "7"), lambda: hand.correct(name, "x")):
            with pytest.raises(UserError, match="No space left on device"):
                step()
    assert [drawing.label for drawing in hand.drawings()] == ["+"]
    assert hand.undo()
    assert hand.drawings() == []


def test_a_folder_that_cannot_be_read_leaves_what_is_known(hand, monkeypatch):
    teach(hand, CROSS, "+")

    def denied(*arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", denied)
        assert read(hand, CROSS).text == "+"
        assert "Permission denied" in hand.problem
    read(hand, CROSS)
    assert hand.problem == ""


def test_a_file_in_place_of_the_folder_is_one_sentence(shipped, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="is no folder"):
        open_hand(shipped, tmp_path / "file")


def test_a_drawing_that_was_forgotten_elsewhere_cannot_be_corrected(hand):
    name = teach(hand, CROSS, "+")
    (hand._store.folder / name).unlink()
    with pytest.raises(UserError, match="forgotten elsewhere"):
        hand.correct(name, "x")


def test_a_visits_drawings_are_taken_along_as_one_file(shipped, hand):
    visit = Hand(shipped, VisitStore())
    teach(visit, CROSS, "+")
    teach(visit, SEVEN, "7")
    content = visit.export()
    back = Hand(shipped, VisitStore())
    assert back.import_zip(content) == Imported(2, 0, 0)
    assert back.import_zip(content) == Imported(0, 2, 0)
    assert read(back, CROSS).text == "+"
    assert hand.import_zip(content) == Imported(2, 0, 0)
    assert hand.undo()
    assert hand.drawings() == []


def test_another_model_knows_what_was_taught(shipped, hand):
    for one in (hand, Hand(shipped, VisitStore())):
        teach(one, CROSS, "+")
        assert read(one.with_classifier(shipped), CROSS).text == "+"
