"""Bombs among models: small files that would take hours or all memory are refused in one sentence, soon.

    python -m benchmarks.models.model_bombs [KIND ...]

Each file goes to `recognition.py --classify`, as its user would give it. Figures:
    seconds             the longest until a file was refused, by the clock ...
    processor_seconds   ... and of the processor, for a busy machine
    memory_mb           the most that one of its processes had, or this one before it was started
    refusals            share of the files that are refused in one sentence
`kinds` tells of each file: the same, its size, and what was said.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import flatbuffers
import h5py
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from benchmarks.support.harness import ROOT, report
from benchmarks.support.measures import at_least, at_most
from digits.models.loading import SHIPPED
from digits.models.model_card import companions, write_card
from digits.system.files import sha256

SECONDS, MEGABYTES = 5.0, 1000.0  # the goals
IMAGE = (28, 28, 1)


def layer(kind: str, /, **arguments: object) -> dict:
    """Return the configuration of a layer."""
    return {"class_name": kind, "config": arguments}


def stacked(*layers: dict) -> dict:
    """Return the configuration of a model that takes a picture."""
    return layer("Sequential", name="model", layers=[layer("InputLayer", batch_shape=[None, *IMAGE]), *layers])


def nested(depth: int) -> dict:
    """Return models within models."""
    model = stacked(layer("Flatten"))
    for _ in range(depth):
        model = stacked(model)
    return model


def called_often(count: int, again: dict, name: str = "model") -> dict:
    """Return a model in which one layer, or model, is called on its own answer again and again."""
    calls = [[[own_name(again), 0, number - 1, {}]] if number else [["picture", 0, 0, {}]] for number in range(count)]
    picture = layer("InputLayer", batch_shape=[None, *IMAGE], name="picture")
    layers = [
        {**picture, "name": "picture", "inbound_nodes": []},
        {**again, "name": own_name(again), "inbound_nodes": calls},
    ]
    ends = {"input_layers": [["picture", 0, 0]], "output_layers": [[own_name(again), 0, count - 1]]}
    return layer("Functional", name=name, layers=layers, **ends)


def own_name(part: dict) -> str:
    """Return what a layer is called."""
    return part["config"]["name"]


def multiplied(depth: int) -> dict:
    """Return a model that calls a model twice, which calls a model twice, and so on."""
    model = layer("ReLU", name="again")
    for number in range(depth):
        model = called_often(2, model, f"model{number}")
    return model


FLAT = layer("Flatten")
CONFIGS: dict[str, Callable[[], dict]] = {
    "20,000 layers": lambda: stacked(*[layer("ReLU")] * 20_000),
    "9,000 layers": lambda: stacked(*[layer("ReLU")] * 9_000),
    "one layer called 20,000 times": lambda: called_often(20_000, layer("ReLU", name="again")),
    "2 to the power of 30 layers": lambda: multiplied(30),
    "300 models within each other": lambda: nested(300),
    "an embedding of 7 GB": lambda: stacked(FLAT, layer("Embedding", input_dim=1_750_000, output_dim=1000)),
    "a dense layer of 5 GB": lambda: stacked(FLAT, layer("Dense", units=1_600_000)),
    "dense layers of 5 GB": lambda: stacked(FLAT, *[layer("Dense", units=10_000)] * 13),
    "a picture of 40,000 x 40,000 pixels": lambda: stacked(layer("Resizing", height=40_000, width=40_000), FLAT),
}


def hdf5(config: str, path: Path, edit: Callable[[h5py.File], object] = lambda file: None) -> None:
    """Write an .h5 file with a configuration and no weights."""
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs["model_config"] = config
        file.create_group("model_weights").attrs["layer_names"] = []
        edit(file)


def archive(path: Path, *members: tuple[str, str | bytes]) -> None:
    """Write a .keras file of members whose names may be alike."""
    hdf5("", path)
    weights = path.read_bytes()
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        warnings.simplefilter("ignore")
        for name, content in (("metadata.json", "{}"), ("model.weights.h5", weights), *members):
            file.writestr(name, content)


def unwritten(file: h5py.File, kind: str) -> None:
    """Make a data set of half a GiB that takes no place in the file."""
    file.create_dataset("model_weights/more", (2**29 // np.dtype(kind).itemsize,), kind)


def many_groups(file: h5py.File) -> None:
    """Make more groups than any model has."""
    for number in range(50_000):
        file.create_group(f"model_weights/{number}")


PLAIN = json.dumps(stacked(FLAT, layer("Dense", units=10)))
LARGE = json.dumps(stacked(FLAT, layer("Dense", units=1_000_000)))


def with_conversion(path: Path, edit: Callable[[Any], object], share: float = 1.0) -> None:
    """Write an .h5 file that is refused, with a converted model of which a card says that it belongs.

    edit: changes the shipped one, as LiteRT's schema has it; share: of its bytes that are left.
    """
    tflite, card = companions(path)
    model: Any = schema.ModelT.InitFromPackedBuf(companions(SHIPPED).tflite.read_bytes(), 0)
    edit(model)
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    content = bytes(builder.Output())
    hdf5(LARGE, path)
    tflite.write_bytes(content[: int(share * len(content))])
    write_card(card, sha256(path), tflite, {})


def with_inputs(model: Any, place: int, *inputs: int) -> None:
    """Give an operator of a converted model other inputs."""
    model.subgraphs[0].operators[place].inputs = np.array(inputs, np.int32)


def with_shape(model: Any, tensor: int, *shape: int) -> None:
    """Give a tensor of a converted model another shape."""
    model.subgraphs[0].tensors[tensor].shape = np.array(shape, np.int32)


def with_operators(model: Any, count: int) -> None:
    """Have a converted model run its first operator so many times."""
    model.subgraphs[0].operators = model.subgraphs[0].operators[:1] * count


LAST = 35  # tensor of the shipped model: its probabilities
CONVERSIONS: dict[str, Callable[[Path], None]] = {
    "a converted model that is cut off": lambda path: with_conversion(path, lambda model: None, 0.99),
    "one of a picture of 40,000 x 40,000": lambda path: with_conversion(
        path, lambda model: with_shape(model, 0, 1, 40_000, 40_000, 1)
    ),
    "one whose weights are said to be of 8 GB": lambda path: with_conversion(
        path, lambda model: with_shape(model, 21, 10, 200_000_000)
    ),
    "one without its first weights": lambda path: with_conversion(path, lambda model: with_inputs(model, 0, 0, -1, 1)),
    "one with inputs that are not there": lambda path: with_conversion(
        path, lambda model: with_inputs(model, 1, 1_000_000, 20, 11)
    ),
    "one that goes in a circle": lambda path: with_conversion(path, lambda model: with_inputs(model, 0, LAST, 2, 1)),
    "one of 300,000 operators": lambda path: with_conversion(path, lambda model: with_operators(model, 300_000)),
}
FILES: dict[str, Callable[[Path], object]] = {
    "parentheses of 4 MB": lambda path: hdf5("[" * 4_000_000, path),
    "parentheses of 100 MB": lambda path: hdf5("[" * 100_000_000, path),
    "half a GiB of unwritten weights": lambda path: hdf5(LARGE, path, lambda file: unwritten(file, "f4")),
    "half a GiB of unwritten bytes": lambda path: hdf5(LARGE, path, lambda file: unwritten(file, "u1")),
    "50,000 groups": lambda path: hdf5(PLAIN, path, many_groups),
    "two configurations": lambda path: archive(path, ("config.json", PLAIN), ("config.json", LARGE)),
    "a configuration that unpacks to 100 MB": lambda path: archive(path, ("config.json", b" " * 100_000_000)),
    "an ONNX file that names another one": lambda path: path.write_bytes(b"\x08\x07B\x13../../../etc/passwd"),
    **CONVERSIONS,
}


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    kinds = [*CONFIGS, *FILES]
    parser = argparse.ArgumentParser(prog="model_bombs", description="Give bombs to the reader of models.")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="(default: all)")
    arguments = parser.parse_args(argv)
    return report("model_bombs", lambda: measure(arguments.kinds or kinds))


def measure(kinds: list[str]) -> dict:
    """Return the figures."""
    each = {kind: give(kind) for kind in kinds}
    worst = {
        name: max(entry[name] for entry in each.values()) for name in ("seconds", "processor_seconds", "memory_mb")
    }
    return {
        "number_of_files": len(each),
        "seconds": at_most(worst["seconds"], SECONDS),
        "processor_seconds": at_most(worst["processor_seconds"], SECONDS),
        "memory_mb": at_most(worst["memory_mb"], MEGABYTES),
        "refusals": at_least(sum(entry["is_refused"] for entry in each.values()) / len(each), 1.0),
        "kinds": each,
    }


def give(kind: str) -> dict:
    """Return what became of the file of a kind."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        path, said = folder / "model.h5", folder / "said"
        make(kind, path)
        command = [sys.executable, str(ROOT / "recognition.py"), str(path), "--classify", str(ROOT / "assets/icon.png")]
        environment = {**os.environ, "XDG_CACHE_HOME": name}
        began = time.monotonic()
        with said.open("wb") as stderr:
            child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr, env=environment)
            _, status, used = os.wait4(child.pid, 0)  # which tells of its child too, once that has ended
        seconds, child.returncode = time.monotonic() - began, os.waitstatus_to_exitcode(status)
        text = said.read_text()
        return {
            "seconds": round(seconds, 1),
            "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
            "memory_mb": round(used.ru_maxrss * 1024 / 1e6),
            "file_mb": round(path.stat().st_size / 1e6, 1),
            "is_refused": child.returncode == 2 and text.count("\n") == 1,
            "said": text.strip().replace(f"{path}", path.name)[-300:],
        }


def make(kind: str, path: Path) -> None:
    """Write the file of a kind."""
    if kind in FILES:
        FILES[kind](path)
    else:
        hdf5(json.dumps(CONFIGS[kind]()), path)


if __name__ == "__main__":
    raise SystemExit(main())
