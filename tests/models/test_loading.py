"""Loading: a model is converted once and cached, and a converted file is used only if its card says it belongs."""

import json
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.support import template_digits
from digits.drawing import ink
from digits.models import loading, model_card
from digits.recognition.calibration import soften
from digits.recognition.classifier import Classifier, Interpreter
from digits.system import child_processes
from digits.system.files import UserError, sha256
from tests.support.keras_models import KERAS_2, PICTURES
from tests.support.processes import ROOT

SEVEN = ink.normalize(template_digits.strokes(7))


@pytest.fixture
def model(tmp_path) -> Path:
    """A user's model, without companions."""
    return Path(shutil.copy(KERAS_2 / "functional.h5", tmp_path / "model.h5"))


@pytest.fixture
def conversions(keras_models, monkeypatch) -> list[Path]:
    """Replaces conversions by quick ones; lists what was converted."""
    converted = []

    def convert(model_path: Path, tflite: Path) -> None:
        converted.append(model_path)
        shutil.copy(keras_models["keras-2-functional.h5"]["tflite"], tflite)
        model_card.write_card(model_card.companions(tflite).card, sha256(model_path), tflite, {})

    monkeypatch.setattr(loading, "run_conversion", convert)
    return converted


def write_companions(model: Path, tflite: str, **entries) -> None:
    shutil.copy(tflite, model_card.companions(model).tflite)
    model_card.write_card(
        model_card.companions(model).card, sha256(model), model_card.companions(model).tflite, entries
    )


def test_two_processes_convert_a_model_at_once_and_a_third_need_not(model, cache_folder, monkeypatch):
    code = f"""
from pathlib import Path
from digits.models import loading
import numpy as np
classifier = loading.load(Path({str(model)!r}), lambda: print("converting"))
print(classifier.card.sha256, *classifier.classify(np.array({SEVEN.tolist()}, np.uint8)).probabilities)
"""
    command = [sys.executable, "-c", code]
    children = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [child.communicate()[0].splitlines() for child in children]
    assert ["converting"] in [lines[:-1] for lines in said]
    monkeypatch.setattr(loading, "run_conversion", lambda *paths: pytest.fail("converted again"))
    classifier = loading.load(model, before_conversion=lambda: pytest.fail("announced again"))
    answer = " ".join(map(str, (sha256(model), *classifier.classify(SEVEN).probabilities)))
    assert [lines[-1] for lines in said] == [answer, answer]
    assert sorted(path.suffix for path in cache_folder.iterdir()) == [".json", ".tflite"]
    assert sorted(path.name for path in model.parent.iterdir() if path.is_file()) == ["model.h5"]


def test_the_same_model_under_another_name_is_known(model, cache_folder, conversions):
    loading.load(model)
    loading.load(model.rename(model.with_name("other.h5")))
    assert len(conversions) == 1


def test_another_model_under_the_same_name_is_converted(model, cache_folder, conversions):
    loading.load(model)
    shutil.copy(KERAS_2 / "sequential.h5", model)
    loading.load(model)
    assert len(conversions) == 2


@pytest.mark.parametrize("damage", [b"", b"neither here nor there"])
@pytest.mark.parametrize("suffix", [".tflite", ".json"])
def test_a_damaged_cache_is_made_anew(model, cache_folder, conversions, suffix, damage):
    before = loading.load(model).classify(SEVEN)
    next(cache_folder.glob(f"*{suffix}")).write_bytes(damage)
    assert loading.load_if_converted(model) is None
    assert loading.load(model).classify(SEVEN) == before
    assert len(conversions) == 2


def test_a_converted_file_that_the_card_confirms_is_tried_once_and_used(
    model, keras_models, cache_folder, conversions, monkeypatch
):
    write_companions(model, keras_models["keras-2-functional.h5"]["tflite"], temperature=2.0)
    assert loading.load(model).temperature == 2.0
    monkeypatch.setattr(child_processes, "run", lambda *_, **__: pytest.fail("it was tried again"))
    assert loading.load(model).temperature == 2.0
    assert conversions == []


WITHOUT_KERNEL = struct.pack("<4i", 3, 0, 2, 1), struct.pack("<4i", 3, 0, -1, 1)  # inputs of the first convolution
TOO_WIDE = struct.pack("<5i", 4, 1, 28, 28, 1), struct.pack("<5i", 4, 1, 40_000, 40_000, 1)  # the picture


@pytest.mark.parametrize("edit", [WITHOUT_KERNEL, TOO_WIDE])
def test_a_converted_file_that_would_end_its_process_is_as_if_it_were_not_there(
    model, cache_folder, conversions, tmp_path, edit
):
    content = model_card.companions(loading.SHIPPED).tflite.read_bytes()
    assert content.count(edit[0]) == 1
    (tmp_path / "hostile").write_bytes(content.replace(*edit))
    write_companions(model, str(tmp_path / "hostile"))
    assert loading.load(model).classify(SEVEN)
    assert conversions == [model]


@pytest.mark.parametrize(
    "entries",
    [
        {"sha256": "of another model"},
        {"tflite_sha256": "of another conversion"},
        {"temperature": 0},
        {"temperature": "warm"},
        {"temperature": float("nan")},
        {"temperature": -1.0},
        {"least_odds": "long"},
    ],
)
def test_without_the_cards_confirmation_a_model_is_converted(model, keras_models, cache_folder, conversions, entries):
    write_companions(model, keras_models["keras-2-functional.h5"]["tflite"], **entries)
    assert loading.load_if_converted(model) is None
    loading.load(model)
    assert conversions == [model]


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"class_name": "Sequential", "config": {}}', "\x00"])
def test_a_json_file_that_is_no_card_is_left_alone(model, cache_folder, conversions, content):
    card_path = model_card.companions(model).card
    card_path.write_text(content)
    loading.load(model)
    assert card_path.read_text() == content
    assert model_card.read_card(card_path).is_empty


BAD_FILES = {
    "missing": (lambda path: path.unlink(), r"There is no model file .*; train one with: python handwriting\.py "),
    "empty": (lambda path: path.write_bytes(b""), r"is empty; train a new one with: python handwriting\.py "),
    "a text": (lambda path: path.write_text("weights"), "is not a Keras model"),
    "a folder": (lambda path: path.unlink() or path.mkdir(), "is a folder"),
}


@pytest.mark.parametrize(("spoil", "words"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_is_clearly_no_model_is_refused_without_a_child(model, conversions, cache_folder, spoil, words):
    spoil(model)
    for load in (loading.load, loading.load_if_converted, loading.convert):
        with pytest.raises(UserError, match=words):
            load(model)
    assert conversions == []


@pytest.mark.parametrize("name", ["x" * 300 + ".h5", ".", "/", "a\0b.h5"])
def test_impossible_names_get_a_sentence_too(name):
    with pytest.raises(UserError):
        loading.load(Path(name))


def test_a_file_that_the_child_refuses_gets_the_childs_sentence(model, cache_folder):
    model.write_bytes(model.read_bytes()[:20_000])
    with pytest.raises(UserError, match=f"^The model {model} is damaged or cut off; fetch or train it again.$"):
        loading.load(model)
    assert list(cache_folder.iterdir()) == []


def ends(code: str):
    """Return a runner whose child does that instead of converting."""
    return lambda command, **options: child_processes.run([sys.executable, "-c", code], **options)


def test_each_failure_of_a_child_has_its_sentence(model, tmp_path):
    ways = {
        "import os, signal; os.kill(os.getpid(), signal.SIGXCPU)": "takes too long to convert; it is too large",
        "import os; os.kill(os.getpid(), 9)": "was ended by signal 9, often for lack of memory",
        "import sys; print('noise\\nIt is so.', file=sys.stderr); sys.exit(2)": "^It is so.$",
        "raise RuntimeError('no room')": "was not converted: RuntimeError: no room",
        "import sys; sys.exit(3)": "was not converted: no reason was given",
        "import os; os.write(2, bytes([255])); os._exit(4)": "was not converted: \ufffd",
    }
    for code, words in ways.items():
        with pytest.raises(UserError, match=words):
            loading.run_conversion(model, tmp_path / "out.tflite", ends(code))


def test_a_conversion_ends_with_its_parent(model, tmp_path):
    command = [
        sys.executable,
        "-m",
        "digits.models.conversion",
        str(model),
        str(tmp_path / "out.tflite"),
        "--parent-pipe",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as child:
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(60) == 1
    assert list(tmp_path.glob("*.tflite")) == []


def test_a_conversion_that_takes_too_long_is_given_up(model, tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "CONVERSION_SECONDS", 0.2)
    with pytest.raises(UserError, match=r"was not converted in 0\.2 s"):
        loading.run_conversion(model, tmp_path / "out.tflite", ends("import threading; threading.Event().wait()"))


def test_a_cache_that_cannot_be_made_gets_a_sentence_with_the_remedy(model, tmp_path, monkeypatch, conversions):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(UserError, match=r"cannot be kept in .*file.*; make that folder writable or set XDG_CACHE_HOME"):
        loading.load(model)


def test_a_cached_file_that_cannot_be_written_gets_a_sentence(model, cache_folder):
    (cache_folder / f"{sha256(model)}-{loading.CONVERSION}.tflite").mkdir(parents=True)
    with pytest.raises(UserError, match="is a folder; name a file for the converted model"):
        loading.load(model)


def test_the_shipped_model_needs_no_conversion_and_reads_all_digits():
    shipped = loading.load_if_converted(loading.SHIPPED)
    assert shipped is not None
    assert shipped.card.test_accuracy is not None
    assert shipped.card.test_accuracy >= 0.995
    for digit in range(10):
        assert shipped.classify(ink.normalize(template_digits.strokes(digit))).digit == digit


def test_an_answer_is_the_softened_output_of_the_network(keras_models):
    tflite = keras_models["softmax.h5"]["tflite"]
    raw = Interpreter(Path(tflite).read_bytes())(ink.network_input(PICTURES[0]))
    answer = Classifier(tflite, temperature=3.0).classify(PICTURES[0])
    assert answer.probabilities == pytest.approx(soften(raw[0], 3.0))
    assert sum(answer.probabilities) == pytest.approx(1)
    assert answer.digit == np.argmax(raw)
    assert answer.confidence == max(answer.probabilities)
    untaught = [[], None]
    assert json.loads(json.dumps(answer)) == [
        answer.digit,
        answer.confidence,
        list(answer.probabilities),
        False,
        *untaught,
    ]


def test_an_answer_is_sure_from_the_least_odds_on(keras_models):
    tflite, temperature = keras_models["softmax.h5"]["tflite"], 0.02
    second, first = sorted(Classifier(tflite, temperature).classify(PICTURES[0]).probabilities)[-2:]
    assert first > 0.5
    odds = first / second
    for least_odds, is_sure in ((0.99 * odds, True), (odds, True), (np.nextafter(odds, np.inf), False)):
        assert Classifier(tflite, temperature, least_odds).classify(PICTURES[0]).is_sure is is_sure
