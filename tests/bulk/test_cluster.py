"""Bulk on a Ray cluster of two nodes on this machine. Not collected where Ray is missing: see conftest.py."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest
import ray  # pyright: ignore[reportMissingImports]  # an extra

import recognition
from benchmarks.bulk.cluster import two_nodes
from benchmarks.support.screens import wait_until
from benchmarks.support.served import PATIENCE
from digits.bulk import cluster, run
from digits.models import loading
from digits.models.loading import LoadedModel
from digits.recognition.classifier import Answer
from tests.bulk.test_run import DRAWN, encoded


@pytest.fixture(scope="module")
def nodes():
    with two_nodes() as (nodes, second):
        yield nodes, second


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(run, "CHUNK", 3)
    monkeypatch.setattr(run, "PART_ROWS", 6)


@pytest.fixture
def pictures(tmp_path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for digit, picture in enumerate(DRAWN):
        (folder / f"{digit}.png").write_bytes(encoded(picture))
    return folder


class EndsItsProcess(NamedTuple):
    """Ends the worker that is given a 3."""

    classifier: LoadedModel

    def classify(self, picture: np.ndarray) -> Answer:
        if (picture == DRAWN[3]).all():
            os._exit(1)
        return self.classifier.classify(picture)


class AwaitsKill(NamedTuple):
    """On the second node, answers nothing and creates a file; on the first, waits until the second is killed."""

    classifier: LoadedModel
    second: str
    is_reached: Path
    is_killed: Path

    def classify(self, picture: np.ndarray) -> Answer:
        if ray.get_runtime_context().get_node_id() == self.second:
            self.is_reached.touch()
            signal.pause()
        wait_until(self.is_killed.exists, 2 * PATIENCE)
        return self.classifier.classify(picture)


def test_no_cluster_at_an_address_is_said_in_one_sentence(pictures, tmp_path, capsys):
    output = tmp_path / "answers.parquet"
    command = ["--classify", str(pictures), "--output", str(output), "--cluster", "127.0.0.1:9"]
    assert recognition.main(command) == 2
    said = capsys.readouterr().err
    assert "No Ray cluster answers at 127.0.0.1:9" in said
    assert said.count("\n") == 1
    assert list(tmp_path.glob("answers*")) == []


def test_the_nodes_answer_as_this_machine_does_after_ctrl_c_too(nodes, pictures, tmp_path, monkeypatch, capsys):
    (pictures / "2.png").write_text("a shopping list")
    output, missing, add = tmp_path / "answers.parquet", tmp_path / "missing.png", run.Parts.add
    command = ["--classify", str(pictures), str(missing), "--output", str(output), "--cluster", nodes[0].address]

    def interrupted(*arguments):
        add(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run.Parts, "add", interrupted)
        assert recognition.main(command) == 130
    assert not ray.is_initialized()
    assert recognition.main([*command, "--resume"]) == 0
    rows = pq.read_table(output).to_pylist()
    assert [row["file"] for row in rows] == [*(str(pictures / f"{digit}.png") for digit in range(10)), str(missing)]
    assert [row["digit"] for row in rows] == [0, 1, None, *range(3, 10), None]
    assert "not an image" in rows[2]["error"]
    assert "There is no image file" in rows[10]["error"]
    assert "--resume" in capsys.readouterr().err


def test_a_picture_that_ends_its_worker_is_a_row(nodes, pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "RETRIES", 0)
    rows = classify(EndsItsProcess(loading.load()), nodes, pictures, tmp_path, monkeypatch)
    assert [row["digit"] for row in rows] == [0, 1, 2, None, *range(4, 10)]
    assert "was ended" in rows[3]["error"]


def test_every_picture_is_answered_once_though_a_node_is_killed(nodes, pictures, tmp_path, monkeypatch):
    cluster, second = nodes
    model = AwaitsKill(loading.load(), second.node_id, tmp_path / "is_reached", tmp_path / "is_killed")

    def kill():
        try:
            wait_until(model.is_reached.exists, PATIENCE)
            cluster.remove_node(second, allow_graceful=False)
        finally:
            model.is_killed.touch()

    with ThreadPoolExecutor() as thread:
        killed = thread.submit(kill)
        rows = classify(model, nodes, pictures, tmp_path, monkeypatch)
        killed.result()
    assert [row["digit"] for row in rows] == list(range(10))


def classify(model, nodes, pictures: Path, tmp_path: Path, monkeypatch) -> list[dict]:
    monkeypatch.setattr(cluster.loading, "load", lambda _: model)
    output = tmp_path / "answers.parquet"
    run.run(loading.SHIPPED, [pictures], output, False, False, nodes[0].address, show=False)
    return pq.read_table(output).to_pylist()
