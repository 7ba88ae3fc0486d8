"""Conversion: models of users give the answers that Keras gives; bad files get one sentence before Keras opens them."""

import json
import shutil
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from digits.drawing import ink
from digits.models import conversion, keras_allowlist, keras_files
from digits.recognition.classifier import Interpreter
from digits.system.files import UserError
from tests.support.keras_models import KERAS_2, PICTURES
from tests.support.processes import run_python

GOOD = (
    *("softmax", "logits", "square", "recurrent", "decorated", "pixels", "half", "branches", "wrapped"),
    "operations",
)
GOOD_FILES = [f"{name}{suffix}" for name in GOOD for suffix in (".h5", ".keras") if name + suffix != "operations.h5"]


def answers(tflite: Path, pictures: np.ndarray) -> np.ndarray:
    interpreter = Interpreter(Path(tflite).read_bytes())
    return np.concatenate([interpreter(ink.network_input(picture)) for picture in pictures])


@pytest.mark.parametrize("name", GOOD_FILES)
def test_a_converted_model_answers_as_keras_does(keras_models, name):
    model = keras_models[name]
    assert (model["code"], model["said"]) == (0, "")
    # Half precision is rebuilt in single precision, which moves Keras' own answers by its rounding.
    np.testing.assert_allclose(
        answers(model["tflite"], PICTURES), model["answers"], atol=2e-3 if "half" in name else 1e-5
    )


@pytest.mark.parametrize("name", ["sequential", "functional"])
def test_hdf5_files_of_keras_2_answer_as_keras_2_did(keras_models, name):
    model = keras_models[f"keras-2-{name}.h5"]
    assert (model["code"], model["said"]) == (0, "")
    recorded = np.load(KERAS_2 / f"{name}.npz")
    expected = recorded["answers"].astype(float)
    if name == "sequential":  # logits
        expected = np.exp(expected) / np.exp(expected).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(answers(model["tflite"], recorded["pictures"]), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "nine outputs",
            "has input 28x28x1 and output 9; expected one picture as input, of 28x28 pixels or near it",
        ),
        ("letters too", "has output 47, letters among them"),
        ("other things", "has output 12, and its first ten do not tell the digits"),
        ("a sound", "has input 4x100 and output 10"),
        ("a picture out", "has input 28x28x1 and output 28x28x10"),
        ("two inputs", "has input 28x28x1 and 28x28x1 and output 10"),
        ("not numbers", "values that are not numbers"),
    ],
)
def test_a_model_of_another_shape_gets_one_sentence(keras_models, name, words):
    model = keras_models[f"{name}.keras"]
    assert model["code"] == 2
    assert words in model["said"]
    assert model["said"].count("\n") == 1
    assert not Path(model["tflite"]).exists()


# Bad files. Each maker turns a good copy, an .h5 or a .keras file, into a bad one.


def cut(share: float) -> Callable:
    def make(path: Path) -> None:
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return make


def content(data: bytes) -> Callable:
    return lambda path: path.write_bytes(data)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def in_config(edit: Callable[[dict], None]) -> Callable:
    """Return a maker that edits the configuration of the model as a whole."""

    def make(path: Path) -> None:
        if zipfile.is_zipfile(path):
            members = read_archive(path)
            edit(config := json.loads(members["config.json"]))
            write_archive(path, {**members, "config.json": json.dumps(config).encode()})
        else:
            with h5py.File(path, "r+") as file:
                edit(config := json.loads(str(file.attrs["model_config"])))
                file.attrs["model_config"] = json.dumps(config)

    return make


def layer(**values) -> Callable:
    """Return a maker that changes what the last layer is."""
    return in_config(lambda config: config["config"]["layers"][-1].update(values))


def activation(**values) -> Callable:
    """Return a maker that hides an object deep in the last layer."""
    return in_config(lambda config: config["config"]["layers"][-1]["config"].update(activation={"x": [values]}))


def multiply_layers(config: dict, count: int) -> None:
    config["config"]["layers"] = [{"class_name": "ReLU", "config": {}}] * count


def in_a_row(config: dict) -> None:
    config["class_name"] = "Sequential"
    multiply_layers(config, 200)


def multiply_models(config: dict) -> None:
    """Put a model into itself, called twice, thirty times over."""
    inner: dict = {"class_name": "ReLU", "config": {"name": "again"}}
    for _ in range(30):
        inner = {"class_name": "Functional", "config": {"layers": [{**inner, "inbound_nodes": [[], []]}]}}
    config["config"]["layers"].append(inner)


def in_archive(**members: bytes | None) -> Callable:
    """Return a maker that adds, replaces or (None) removes members of a .keras file; "__" stands for a dot."""

    def make(path: Path) -> None:
        changed = {name.replace("__", "."): data for name, data in members.items()}
        kept = {name: data for name, data in {**read_archive(path), **changed}.items() if data is not None}
        write_archive(path, kept)

    return make


def in_hdf5(edit: Callable[[h5py.File], object]) -> Callable:
    def make(path: Path) -> None:
        with h5py.File(path, "r+") as file:
            edit(file)

    return make


def read_archive(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_archive(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def twice(member: str) -> Callable:
    """Put a file into an archive once more, first an empty one."""

    def spoil(path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            members = [(name, archive.read(name)) for name in archive.namelist()]
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
            warnings.simplefilter("ignore")
            for name, data in [(member, b"{}"), *members]:
                archive.writestr(name, data)

    return spoil


def without_architecture(file: h5py.File) -> None:
    del file.attrs["model_config"]


def external_storage(file: h5py.File) -> None:
    file.create_dataset("more", (4,), "u1", external=[("/etc/hostname", 0, 4)])


def virtual_storage(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((4,), "u1")
    layout[:] = h5py.VirtualSource("other.h5", "data", (4,))
    file.create_virtual_dataset("more", layout)


def external_link(file: h5py.File) -> None:
    file["model_weights/more"] = h5py.ExternalLink("other.h5", "/")


def soft_loop(file: h5py.File) -> None:
    file["model_weights/more"] = h5py.SoftLink("/model_weights/more")


def huge(file: h5py.File) -> None:
    file.create_dataset("more", (2**40,), "f4", chunks=(2**20,))


BAD_HDF5 = {
    "missing": (Path.unlink, "There is no model file"),
    "empty": (content(b""), "is empty"),
    "cut off in the signature": (content(b"\x89HDF"), "is not a Keras model"),
    "cut off early": (cut(0.01), "is damaged or cut off"),
    "cut off in the middle": (cut(0.5), "is damaged or cut off"),
    "cut off late": (cut(0.999), "is damaged or cut off"),
    "only a signature": (content(b"\x89HDF\r\n\x1a\n"), "is damaged or cut off"),
    "a text": (content(b"weights\n"), "is not a Keras model"),
    "a folder": (folder, "is a folder"),
    "weights only": (in_hdf5(without_architecture), "holds weights without an architecture"),
    "another file": (in_hdf5(external_link), "refers to data elsewhere"),
    "another file's bytes": (in_hdf5(external_storage), "refers to data elsewhere"),
    "another file's data set": (in_hdf5(virtual_storage), "refers to data elsewhere"),
    "a loop": (in_hdf5(soft_loop), "refers to data elsewhere"),
    "4 TiB": (in_hdf5(huge), "unpacks to 4096.0 GiB"),
    "no JSON": (in_hdf5(lambda file: file.attrs.update(model_config="{")), "is damaged or cut off"),
    "a number": (in_hdf5(lambda file: file.attrs.update(model_config=7)), "is damaged or cut off"),
    "no model": (in_hdf5(lambda file: file.attrs.update(model_config="[]")), "has no layers"),
    "deep JSON": (in_hdf5(lambda file: file.attrs.update(model_config="[" * 60_000)), "is damaged or cut off"),
}
BAD_ARCHIVES = {
    "cut off early": (cut(0.1), "is damaged or cut off"),
    "cut off late": (cut(0.99), "is damaged or cut off"),
    "no configuration": (in_archive(config__json=None), "is not a Keras model"),
    "no weights": (in_archive(model__weights__h5=None), "is damaged or cut off"),
    "damaged weights": (in_archive(model__weights__h5=b"\x89HDF"), "is damaged or cut off"),
    "files of its own": (in_archive(**{"assets/words__txt": b"one"}), "brings files of its own (assets/words.txt)"),
    "no JSON": (in_archive(config__json=b"{"), "is damaged or cut off"),
    "two configurations": (twice("config.json"), "holds two files of one name"),
    "a bomb": (in_archive(config__json=bytes(2**21)), "unpacks to"),
}
BAD_OBJECTS = {  # in both formats
    "a Lambda layer": (layer(class_name="Lambda"), "holds code of its own (Lambda)"),
    "a Lambda layer by its module": (layer(class_name="Lambda", module="keras.src.layers.core.lambda_layer"), "code"),
    "an operation of Keras 2": (layer(class_name="TFOpLambda"), "holds code of its own (TFOpLambda)"),
    "a function": (activation(class_name="function", config="exec", module="builtins"), "code of its own (function)"),
    "an embedding of 8 GB": (layer(class_name="Embedding", config={"input_dim": 2**20, "output_dim": 2**11}), "holds"),
    "a picture of 40,000 x 40,000": (
        layer(class_name="Resizing", config={"height": 40_000, "width": 40_000}),
        "values",
    ),
    "too many layers": (in_config(lambda config: multiply_layers(config, 20_000)), "more than 10,000 layers and parts"),
    "a long row of layers": (in_config(in_a_row), "more layers than Keras can build soon"),
    "models that multiply": (in_config(multiply_models), "more layers than Keras can build soon"),
    "a name of two lines": (
        layer(class_name="Dense\nhandwriting.py: saved\x1b[2J", module=None),
        "needs Dense handwriting.py: saved [2J;",
    ),
    "a name of 400 characters": (
        layer(class_name="A" * 400, module=None),
        f"needs {'A' * 40}\N{HORIZONTAL ELLIPSIS}{'A' * 39};",
    ),
    "millions of layers": (in_config(lambda config: multiply_layers(config, 200_000)), "beyond 4 MB"),
    "a lambda": (activation(class_name="__lambda__", config={"value": "4wAA"}), "code of its own (__lambda__)"),
    "a function of os": (layer(class_name="system", module="os"), "needs os.system"),
    "a function of builtins": (activation(class_name="exec", module="builtins", config={}), "needs builtins.exec"),
    "a function of Keras": (layer(class_name="get_file", module="keras.utils"), "needs keras.utils.get_file"),
    "a switch of Keras": (
        activation(class_name="enable_unsafe_deserialization", module="keras.config", config={}),
        "needs keras.config.enable_unsafe_deserialization",
    ),
    "a module outside Keras": (layer(class_name="Dense", module="keras_evil.layers"), "needs keras_evil.layers.Dense"),
    "a class that Keras does not have": (layer(class_name="Dances"), "Dances"),
    "a class registered under another name": (layer(class_name="Dense", registered_name="stranger>Dense"), "Dense"),
    "a saved TensorFlow program": (layer(class_name="TFSMLayer"), "TFSMLayer"),
    "a PyTorch pickle": (layer(class_name="TorchModuleWrapper"), "TorchModuleWrapper"),
    "a layer that reads files": (layer(class_name="StringLookup"), "StringLookup"),
    "a type of TensorFlow": (activation(class_name="__typespec__", module="tensorflow", config=[]), "__typespec__"),
    "a name that is no text": (layer(class_name=["Dense"]), "needs"),
    "a module that is no text": (layer(class_name="Dense", module=["keras"]), "needs"),
}
CASES = [
    *(pytest.param(".h5", *case, id=f"{name}.h5") for name, case in {**BAD_HDF5, **BAD_OBJECTS}.items()),
    *(pytest.param(".keras", *case, id=f"{name}.keras") for name, case in {**BAD_ARCHIVES, **BAD_OBJECTS}.items()),
]


@pytest.mark.parametrize(("suffix", "spoil", "words"), CASES)
def test_a_bad_file_is_refused_before_keras_opens_it(keras_models, tmp_path, monkeypatch, capsys, suffix, spoil, words):
    monkeypatch.setattr(conversion, "in_full_precision", lambda model: pytest.fail("Keras opened the file"))
    monkeypatch.setattr(keras_files, "LARGEST_CONTENT", 2**20)
    path, output = tmp_path / f"bad{suffix}", tmp_path / "out.tflite"
    shutil.copy(KERAS_2 / "functional.h5" if suffix == ".h5" else keras_models["softmax.keras"]["path"], path)
    spoil(path)
    output.write_bytes(b"an older model")
    assert conversion.main([str(path), str(output)]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert str(path) in said
    assert said.removesuffix("\n").isprintable()
    assert output.read_bytes() == b"an older model"
    assert sorted(tmp_path.iterdir()) == sorted({output, *tmp_path.glob("bad*")})
    assert "keras" not in sys.modules


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lambda", "code of its own (Lambda)"),
        ("lambda in a model", "code of its own (Lambda)"),
        ("lambda in a wrapper", "code of its own (Lambda)"),
        ("class of its own", "Doubled"),
        ("discretization", "Discretization"),
    ],
)
def test_custom_code_in_files_that_keras_wrote_is_refused(keras_models, name, suffix, words):
    with pytest.raises(UserError, match=words.replace("(", r"\(").replace(")", r"\)")):
        keras_allowlist.check_config(Path(keras_models[name + suffix]["path"]))


# The arguments of a layer of a size: refused where it is beyond all reason, and not where it is as in known networks.
LARGE_LAYERS: dict[str, Callable[[int], dict]] = {
    "InputLayer": lambda side: {"batch_shape": [None, side, side, 3]},
    "Resizing": lambda side: {"height": side, "width": side},
    "UpSampling2D": lambda side: {"size": [side, side]},
    "ZeroPadding2D": lambda side: {"padding": [[side, side], [0, side]]},
    "Reshape": lambda side: {"target_shape": [-1, side, side]},
    "RepeatVector": lambda side: {"n": side**2},
    "Dense": lambda side: {"units": side},
    "Conv2D": lambda side: {"filters": side, "kernel_size": [3, 3]},
    "LSTM": lambda side: {"units": side},
    "Embedding": lambda side: {"input_dim": side, "output_dim": side},
}


@pytest.mark.parametrize("kind", LARGE_LAYERS)
def test_layers_beyond_all_reason_are_refused_and_those_of_known_networks_are_not(tmp_path, kind):
    path = Path(shutil.copy(KERAS_2 / "functional.h5", tmp_path))
    for side in np.random.default_rng(0).integers(5000, 10**6, 20).tolist():
        layer(class_name=kind, config=LARGE_LAYERS[kind](side))(path)
        with pytest.raises(UserError, match=r"far more weights|a layer of more than 4,194,304 values"):
            keras_allowlist.check_config(path)
    layer(class_name=kind, config=LARGE_LAYERS[kind](224))(path)
    with h5py.File(path, "r+") as file:
        file["model_weights/more"] = np.random.default_rng(0).random((3, 3, 224, 224), np.float32)
    keras_allowlist.check_config(path)


def test_one_array_serves_a_layer_and_its_copy_and_no_more(tmp_path):
    path = Path(shutil.copy(KERAS_2 / "functional.h5", tmp_path))
    with h5py.File(path, "r+") as file:
        file["model_weights/more"] = np.ones(70, np.float32)
    dense = {"class_name": "Dense", "config": {"units": 70}}
    in_config(lambda config: config["config"]["layers"].extend([dense] * 2))(path)
    keras_allowlist.check_config(path)
    in_config(lambda config: config["config"]["layers"].append(dense))(path)
    with pytest.raises(UserError, match="needs far more weights than its file holds"):
        keras_allowlist.check_config(path)


def test_weights_that_keras_saved_alone_are_refused(keras_models):
    path = Path(keras_models["softmax.h5"]["path"]).with_name("alone.weights.h5")
    with pytest.raises(UserError, match=r"weights without an architecture; save the whole model with model\.save"):
        keras_allowlist.check_config(path)


def test_a_group_that_contains_itself_is_no_endless_loop(tmp_path):
    path = Path(shutil.copy(KERAS_2 / "functional.h5", tmp_path))
    with h5py.File(path, "r+") as file:
        file["model_weights/again"] = file["model_weights"]
    keras_allowlist.check_config(path)


def test_content_may_be_as_large_as_the_limit_and_no_larger(monkeypatch):
    path, sizes = KERAS_2 / "functional.h5", []
    with h5py.File(path) as file:
        file.visititems(lambda name, item: sizes.append(item.nbytes) if isinstance(item, h5py.Dataset) else None)
    monkeypatch.setattr(keras_files, "LARGEST_CONTENT", sum(sizes))
    keras_allowlist.check_config(path)
    monkeypatch.setattr(keras_files, "LARGEST_CONTENT", sum(sizes) - 1)
    with pytest.raises(UserError, match="unpacks to"):
        keras_allowlist.check_config(path)


def test_what_takes_no_place_in_a_file_is_no_weight(tmp_path):
    path = Path(shutil.copy(KERAS_2 / "functional.h5", tmp_path))
    with h5py.File(path, "r+") as file:
        file.create_dataset("more", (2**27,), "u1")
    with pytest.raises(UserError, match="unpacks to far more than its own size"):
        keras_allowlist.check_config(path)


def test_bytes_are_no_weights_of_their_number(tmp_path):
    path, before = Path(shutil.copy(KERAS_2 / "functional.h5", tmp_path)), keras_files.read(KERAS_2 / "functional.h5")
    with h5py.File(path, "r+") as file:
        file["more"] = np.ones(1000, np.uint8)
    assert keras_files.read(path).num_values == before.num_values + 500


def test_a_configuration_beyond_the_limit_is_not_parsed(tmp_path, monkeypatch):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["model_config"] = "[" + " " * keras_files.LARGEST_CONFIG + "]"
    monkeypatch.setattr("json.loads", lambda text: pytest.fail("it was parsed"))
    with pytest.raises(UserError, match="a configuration beyond 4 MB"):
        keras_files.read(tmp_path / "m.h5")


def test_a_file_that_takes_long_to_look_through_is_given_up(tmp_path, monkeypatch):
    path = Path(shutil.copy(KERAS_2 / "functional.h5", tmp_path))
    monkeypatch.setattr(keras_files, "READING_SECONDS", 0.2)
    monkeypatch.setattr("json.loads", lambda text: [None for _ in iter(int, 1)])
    with pytest.raises(UserError, match=r"takes more than 0\.2 s to look through"):
        keras_files.read(path)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("m.onnx", b"\x08\x07", "is an ONNX model"),
        ("model.json", b'{"class_name": "Sequential"}', "perhaps an architecture without its weights"),
        ("saved/saved_model.pb", b"", "is a TensorFlow SavedModel"),
    ],
)
def test_a_model_of_another_format_gets_told_how_to_save_it(tmp_path, name, content, words):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content or b"0")
    with pytest.raises(UserError, match=words + r".*; save the whole Keras model where it was made, with model\.save"):
        keras_allowlist.check_container(path if path.parent == tmp_path else path.parent)


def test_a_file_may_have_the_other_formats_suffix(keras_models, tmp_path):
    for name, suffix in [("softmax.keras", ".h5"), ("softmax.h5", ".keras")]:
        path = tmp_path / f"renamed{suffix}"
        shutil.copy(keras_models[name]["path"], path)
        keras_allowlist.check_container(path)
        keras_allowlist.check_config(path)


def test_the_real_command_ends_with_2_and_one_sentence(tmp_path):
    path = tmp_path / "lambda.h5"
    shutil.copy(KERAS_2 / "functional.h5", path)
    layer(class_name="Lambda")(path)
    done = run_python("-m", "digits.models.conversion", path, tmp_path / "out.tflite")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"The model {path} holds code of its own (Lambda); it is refused for safety.\n"


@pytest.mark.parametrize("output", ["missing/out.tflite", "file/out.tflite", "."])
def test_an_output_that_cannot_be_written_gets_one_sentence(tmp_path, capsys, output):
    (tmp_path / "file").touch()
    assert conversion.main([str(KERAS_2 / "functional.h5"), str(tmp_path / output)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("kept", "words"),
    [(1.0, None), (0.5, "gives other answers once converted"), (None, "uses layers that LiteRT cannot run")],
)
def test_a_conversion_is_kept_only_if_it_gives_the_same_answers(keras_models, kept, words):
    content = Path(keras_models["softmax.h5"]["tflite"]).read_bytes()
    interpreter = Interpreter(content)

    def network(pictures: np.ndarray, training: bool) -> np.ndarray:
        return (kept or 1) * np.concatenate([interpreter(picture[None]) for picture in pictures])

    if words is None:
        conversion._check_same_answers(network, conversion._answer_tflite, content, Path("m.h5"), 1e-3)
    else:
        content = content if kept else b"no flatbuffer"
        with pytest.raises(UserError, match=words):
            conversion._check_same_answers(network, conversion._answer_tflite, content, Path("m.h5"), 1e-3)
