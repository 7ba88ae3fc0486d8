"""Bulk: pictures from everywhere into one table, in order, once each, whatever happens on the way."""

import csv
import errno
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import recognition
from benchmarks.images import clean_pages
from benchmarks.support import template_digits
from benchmarks.support.screens import wait_until
from benchmarks.support.served import PATIENCE
from digits.bulk import answers, parts, run, sources, workers
from digits.drawing import ink
from digits.models import loading
from digits.system.files import UserError, replacing
from digits.system.paths import ROOT

DRAWN = np.stack([ink.normalize(template_digits.strokes(digit)) for digit in range(10)])


def encoded(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(run, "CHUNK", 3)
    monkeypatch.setattr(run, "PART_ROWS", 6)


@pytest.fixture
def here(monkeypatch):
    """Have chunks answered in this process, and count them."""
    chunks = []

    def submit(self, chunk):
        chunks.append([item.name for item in chunk])
        return partial(self._answer, chunk)

    monkeypatch.setattr(workers.Processes, "submit", submit)
    return chunks


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "pictures"
    (folder / "more").mkdir(parents=True)
    for digit, picture in enumerate(DRAWN):
        (folder / ("more" if digit > 4 else ".") / f"{digit}.png").write_bytes(encoded(picture))
    (folder / "notes.txt").write_text("no picture")
    return folder


def classify(*paths: Path, output: Path, **options) -> list[dict]:
    settings: dict = {"of_sheets": False, "is_resumed": False, "show": False} | options
    num_rows = run.run(loading.SHIPPED, paths, output, **settings)
    rows = pq.read_table(output).to_pylist()
    assert len(rows) == num_rows
    return rows


def as_parquet(path: Path, in_struct: bool = False) -> Path:
    contents = [encoded(picture) for picture in DRAWN]
    column = [{"bytes": content, "path": None} for content in contents] if in_struct else contents
    pq.write_table(pa.table({"label": list(range(10)), "image": column}), path)
    return path


def as_tar(path: Path) -> Path:
    with tarfile.open(path, "w") as archive:
        for digit, picture in enumerate(DRAWN):
            for name, content in ((f"{digit}.png", encoded(picture)), (f"{digit}.cls", b"7")):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return path


def as_npz(path: Path) -> Path:
    np.savez(path, x_train=DRAWN[:2], x_test=DRAWN, y_test=np.arange(10))
    return path


def as_npy(path: Path) -> Path:
    np.save(path, DRAWN)
    return path


def as_idx(path: Path) -> Path:
    content = sources.IDX_IMAGES + np.array(DRAWN.shape, ">u4").tobytes() + DRAWN.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (as_parquet, "digits.parquet"),
        (lambda path: as_parquet(path, in_struct=True), "dataset.parquet"),
        (as_tar, "digits.tar"),
        (as_npz, "mnist.npz"),
        (as_npy, "digits.npy"),
        (as_idx, "t10k-images-idx3-ubyte"),
        (as_idx, "t10k-images-idx3-ubyte.gz"),
    ],
)
def test_pictures_come_from_archives_in_their_order(here, tmp_path, write, name):
    path = write(tmp_path / name)
    rows = classify(path, output=tmp_path / "answers.parquet")
    assert [row["digit"] for row in rows] == list(range(10))
    assert all(row["file"].startswith(str(path)) and row["error"] is None for row in rows)
    assert sources.count([path]) == (None if path.suffix == ".tar" else 10)


def test_a_folder_is_answered_by_the_workers_as_the_command_line_answers_each_picture(folder, tmp_path, capsys):
    output = tmp_path / "answers.parquet"
    assert recognition.main(["--classify", str(folder), "--output", str(output)]) == 0
    assert capsys.readouterr().out == f"Wrote 10 rows to {output}.\n"
    rows = pq.read_table(output).to_pylist()
    assert [row["file"] for row in rows] == [str(path) for path in sorted(folder.rglob("*.png"))]
    classifier = loading.load()
    for row, picture in zip(rows, DRAWN, strict=True):
        answer = classifier.classify(picture)
        assert (row["digit"], row["is_sure"]) == (answer.digit, answer.is_sure)
        assert row["probabilities"] == pytest.approx(answer.probabilities, abs=1e-6)
    assert not output.with_name("answers.parquet.parts").exists()


def test_a_damaged_picture_is_a_row_with_its_sentence(here, folder, tmp_path):
    (folder / "2.png").write_text("a shopping list")
    (folder / "3.png").write_bytes(clean_pages.encoded(clean_pages.draw_page("20 6\n8")))
    rows = classify(folder, folder / "missing.png", output=tmp_path / "answers.parquet")
    assert [row["digit"] for row in rows] == [0, 1, None, None, 4, 5, 6, 7, 8, 9, None]
    for place, words in ((2, "not an image"), (3, "4 digits"), (10, "There is no image file")):
        assert words in rows[place]["error"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_any_name_of_a_file_is_one_printable_line(here, tmp_path):
    for name in (b"\xff\xfe.png", b"two\nlines\x1b[2J.png", "r\N{RIGHT-TO-LEFT OVERRIDE}l.png".encode()):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(encoded(DRAWN[3]))
    rows = classify(tmp_path, output=tmp_path / "answers.parquet")
    assert [row["digit"] for row in rows] == [3, 3, 3]
    names = [Path(row["file"]).name for row in rows]
    assert names == [r"r\u202el.png", r"two\nlines\x1b[2J.png", r"\udcff\udcfe.png"]


@pytest.mark.parametrize("step", ["begin", "add", "finish"])
def test_a_full_disk_is_said_and_what_is_answered_is_kept(here, folder, tmp_path, monkeypatch, step):
    output, number = tmp_path / "answers.csv", {"begin": 1, "add": 2, "finish": 4}[step]
    written = []

    @contextmanager
    def full(path):
        written.append(path)
        if len(written) >= number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with replacing(path) as draft:
            yield draft

    with monkeypatch.context() as patch:
        patch.setattr(parts, "replacing", full)
        with pytest.raises(UserError, match=r"No space left on device\); make room and go on with .* --resume\.$"):
            run.run(loading.SHIPPED, [folder], output, False, False, show=False)
    assert not output.exists()
    assert run.run(loading.SHIPPED, [folder], output, False, True, show=False) == 10


def test_what_no_picture_should_do_is_a_row_too(here, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(answers, "classify", lambda *_: 1 / 0)
    rows = classify(folder, output=tmp_path / "answers.parquet")
    assert {row["error"] for row in rows} == {"It could not be read (ZeroDivisionError: division by zero)."}


def test_sheets_are_read_with_their_numbers_and_boxes(here, tmp_path):
    page, blank = tmp_path / "page.png", tmp_path / "blank.png"
    page.write_bytes(clean_pages.encoded(clean_pages.draw_page("20 6\n8")))
    blank.write_bytes(encoded(np.full((90, 90), 255, np.uint8)))
    first, second = classify(page, blank, output=tmp_path / "answers.parquet", of_sheets=True)
    assert (first["page"], first["number"]) == (1, "20 6\n8")
    assert [digit["digit"] for digit in first["digits"]] == [2, 0, 6, 8]
    assert all(len(digit["box"]) == 4 for digit in first["digits"])
    assert "looks blank" in second["error"]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_other_tables_hold_the_same(here, folder, tmp_path, suffix, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "=1+1.png").write_bytes(b"")
    paths = [Path("=1+1.png"), Path("more")]
    output = tmp_path / f"answers{suffix}"
    assert run.run(loading.SHIPPED, paths, output, False, False, show=False) == 6
    with output.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file)) if suffix == ".csv" else [json.loads(line) for line in file]
    assert [row["file"] for row in rows][:2] == ["'=1+1.png" if suffix == ".csv" else "=1+1.png", "more/5.png"]
    assert [str(row["digit"]) for row in rows[1:]] == list("56789")
    probabilities = rows[1]["probabilities"]
    assert len(json.loads(probabilities) if suffix == ".csv" else probabilities) == 10


def test_an_interrupted_run_is_resumed_where_it_was(here, folder, tmp_path, monkeypatch):
    output, submit = tmp_path / "answers.parquet", workers.Processes.submit

    def interrupted(self, chunk):
        if any("6.png" in item.name for item in chunk):
            raise KeyboardInterrupt
        return submit(self, chunk)

    monkeypatch.setattr(run, "AHEAD", 1)
    monkeypatch.setattr(workers.process_pool, "CORES", 1)
    monkeypatch.setattr(workers.process_pool, "stop", lambda: None)
    monkeypatch.setattr(workers.Processes, "submit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        classify(folder, output=output)
    partial = [pq.read_table(path) for path in sorted(output.with_name("answers.parquet.parts").glob("*.parquet"))]
    assert pa.concat_tables(partial)["digit"].to_pylist() == list(range(6))
    assert not output.exists()
    monkeypatch.setattr(workers.Processes, "submit", submit)
    with pytest.raises(UserError, match="continue it with --resume"):
        classify(folder, output=output)
    here.clear()
    rows = classify(folder, output=output, is_resumed=True)
    assert [row["digit"] for row in rows] == list(range(10))
    assert [Path(name).name for chunk in here for name in chunk] == ["6.png", "7.png", "8.png", "9.png"]
    with pytest.raises(UserError, match="nothing to resume"):
        classify(folder, output=output, is_resumed=True)


def test_a_run_is_not_resumed_over_other_pictures(here, folder, tmp_path, monkeypatch):
    output = tmp_path / "answers.parquet"
    with monkeypatch.context() as patch:
        patch.setattr(run.Parts, "finish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            classify(folder, output=output)
    with pytest.raises(UserError, match="other pictures"):
        classify(folder / "more", output=output, is_resumed=True)
    (folder / "more" / "9.png").rename(folder / "more" / "91.png")
    with pytest.raises(UserError, match="have changed"):
        classify(folder, output=output, is_resumed=True)


def test_a_killed_run_is_resumed_without_a_row_too_many_or_too_few(tmp_path):
    pictures, output = tmp_path / "digits.npy", tmp_path / "answers.parquet"
    np.save(pictures, np.tile(DRAWN, (200, 1, 1)))
    code = "import digits.bulk.run as run, recognition; run.CHUNK, run.PART_ROWS = 20, 20; recognition.main()"
    command = [sys.executable, "-c", code, "--classify", str(pictures), "--output", str(output)]
    parts = output.with_name("answers.parquet.parts")
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as first:
        wait_until(lambda: first.poll() is not None or len(list(parts.glob("*.parquet"))) > 2, PATIENCE)
        os.killpg(first.pid, signal.SIGKILL)
    assert 2 < len(list(parts.glob("*.parquet"))) < 100
    assert recognition.main([*command[3:], "--resume"]) == 0
    table = pq.read_table(output)
    assert table["file"].to_pylist() == [f"{pictures}[{index}]" for index in range(2000)]
    assert table["digit"].to_pylist() == list(range(10)) * 200


def test_a_picture_that_ends_its_process_is_a_row_and_those_beside_it_are_answered(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "_answer_all", end_at_three)
    rows = classify(folder, output=tmp_path / "answers.parquet")
    assert [row["digit"] for row in rows] == [0, 1, 2, None, 4, 5, 6, 7, 8, 9]
    assert "process" in rows[3]["error"]


def end_at_three(model: Path, of_sheets: bool, chunk: list) -> pa.Table:
    if any(item.name.endswith("3.png") for item in chunk):
        os._exit(1)
    digits = [int(Path(item.name).stem) for item in chunk]
    rows = [{"file": item.name, "digit": digit} for item, digit in zip(chunk, digits, strict=True)]
    return pa.Table.from_pylist(rows, answers.DIGITS)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("cut.parquet", b"PAR1", "expected a whole .parquet file"),
        ("cut.npz", b"PK", "expected a whole .npz file"),
        ("cut.tar", b"1" * 600, "expected a whole .tar file"),
        ("damaged.npy", b"\x93NUMPY\1\0\x0a\0{'descr': (\n", "expected a whole .npy file"),
        ("images-ubyte.gz", gzip.compress(bytes(200))[:10] + bytes(20), "expected a file or folder"),
        ("labels-idx1-ubyte", b"\0\0\x08\x01" + bytes(20), "no IDX file of pictures"),
        ("pictures", None, "no image file in"),
    ],
)
def test_what_is_no_source_is_said_in_one_sentence(here, tmp_path, name, content, words, capsys):
    path = tmp_path / name
    path.mkdir() if content is None else path.write_bytes(content)
    assert recognition.main(["--classify", str(path), "--output", str(tmp_path / "answers.csv")]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_a_table_of_another_kind_is_refused(tmp_path, capsys):
    assert recognition.main(["--classify", str(tmp_path), "--output", str(tmp_path / "answers.xls")]) == 2
    assert "one of .parquet, .csv, .jsonl" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        recognition.main(["--output", "answers.csv"])
    for option in (["--resume"], ["--cluster", "127.0.0.1:6379"]):
        with pytest.raises(SystemExit):
            recognition.main(["--classify", "a.png", *option])


def test_a_cluster_needs_ray(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ray", None)
    output = tmp_path / "answers.csv"
    assert recognition.main(["--classify", str(folder), "--output", str(output), "--cluster", "127.0.0.1:6379"]) == 2
    assert "install it with: python -m pip install 'ray[client]'" in capsys.readouterr().err
    assert list(tmp_path.glob("answers*")) == []


def test_a_picture_for_another_machine_brings_its_content_or_why_there_is_none(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 1000)
    (folder / "1.png").write_bytes(bytes(1001))
    paths = [folder / "0.png", folder / "1.png", tmp_path / "missing.png"]
    first, *others = (sources.with_content(item).content for item in sources.items(paths))
    assert first == encoded(DRAWN[0])
    for found, words in zip(others, ["more than 1,000 bytes", "There is no image file"], strict=True):
        assert isinstance(found, UserError)
        assert words in str(found)
    array = sources.Item("array", DRAWN[0])
    assert sources.with_content(array) is array


def test_a_folder_is_walked_by_name(tmp_path):
    names = ["a/1.png", "a/b/2.JPG", "a!/3.png", "a.png", "b.png/4.png", "c.txt", "ü.webp"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    expected = [str(tmp_path / name) for name in names if name != "c.txt"]
    assert [item.name for item in sources.items([tmp_path])] == expected
    assert sources.count([tmp_path]) == len(expected)


def test_a_large_parquet_file_is_not_held_in_memory(tmp_path):
    path = tmp_path / "large.parquet"
    content = np.random.default_rng(1).bytes(20_000_000)
    pq.write_table(pa.table({"image": [content[i : i + 400] for i in range(0, len(content), 400)]}), path)
    before = pa.total_allocated_bytes()
    pictures = sources.items([path])
    assert next(pictures).content == content[:400]
    assert pa.total_allocated_bytes() - before < len(content) / 4
