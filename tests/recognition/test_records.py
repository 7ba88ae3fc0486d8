"""The record format, at both ends."""

import json
import os
import resource
import signal
import subprocess
import sys

import numpy as np
import pytest

from digits.recognition.classifier import Answer
from digits.recognition.records import append_record, classification, number, read_records
from digits.recognition.segmentation import Reading
from tests.support.processes import ROOT

ANSWER = Answer(7, 0.91, (0.01,) * 7 + (0.91, 0.01, 0.01))


def test_records_come_back_as_they_were_written(tmp_path):
    records = [{"event": "start", "name": "ünï\ncode\u2028"}, {"nested": {"list": [1, 2.5, None, True]}}, {}]
    for record in records:
        append_record(tmp_path / "records", record)
    assert read_records(tmp_path / "records") == records


def test_a_classification_holds_all_that_the_page_shows(tmp_path):
    strokes = [np.array([[1.23456, 2.0], [3.0, 4.0]], np.float32), np.array([[5.0, 6.0]])]
    append_record(tmp_path / "records", classification(ANSWER, strokes, clock=lambda: 1780000000.5))
    assert read_records(tmp_path / "records") == [
        {
            "time": 1780000000.5,
            "digit": 7,
            "confidence": 0.91,
            "probabilities": list(ANSWER.probabilities),
            "is_sure": True,
            "strokes": [[[1.235, 2.0], [3.0, 4.0]], [[5.0, 6.0]]],
        }
    ]


def test_a_number_holds_what_each_digit_is_and_where(tmp_path):
    strokes = [np.array([[1.0, 2], [3, 20]]), np.array([[30.0, 2], [40, 20.12345]])]
    unsure = ANSWER._replace(digit=2, is_sure=False)
    readings = [Reading((0,), (1, 2, 3, 20), unsure), Reading((1,), (30.0, 2, 40, 20.12345), ANSWER)]
    append_record(tmp_path / "records", number(readings, strokes, clock=lambda: 1780000000.5))
    (record,) = read_records(tmp_path / "records")
    digits = record.pop("digits")
    assert record == {
        "time": 1780000000.5,
        "number": "27",
        "strokes": [[[1.0, 2.0], [3.0, 20.0]], [[30.0, 2.0], [40.0, 20.123]]],
    }
    assert digits == [
        {**unsure._asdict(), "probabilities": list(unsure.probabilities), "places": [0], "box": [1, 2, 3, 20]},
        {**ANSWER._asdict(), "probabilities": list(ANSWER.probabilities), "places": [1], "box": [30, 2, 40, 20.123]},
    ]


def test_each_record_is_one_line(tmp_path):
    append_record(tmp_path / "records", {"text": "two\nlines"})
    append_record(tmp_path / "records", classification(ANSWER, []))
    assert (tmp_path / "records").read_bytes().count(b"\n") == 2


def test_no_file_is_no_records(tmp_path):
    assert read_records(tmp_path / "missing") == []


@pytest.mark.parametrize(
    ("content", "records"),
    [
        (b"", []),
        (b"\n\n", []),
        (b'{"a":1}', []),  # the writer is in the middle of it
        (b'{"a":1}\n{"b', [{"a": 1}]),
        (b'{"a":1}\n{"b\n{"c":3}\n', [{"a": 1}, {"c": 3}]),
        (b'[1]\n7\nnull\n"text"\n{"a":1}\n', [{"a": 1}]),
        (b'\xff\xfe\n{"a":1}\n', [{"a": 1}]),
        (b'{"a":1}\r\n', [{"a": 1}]),
    ],
)
def test_only_whole_lines_that_are_json_objects_are_read(tmp_path, content, records):
    (tmp_path / "records").write_bytes(content)
    assert read_records(tmp_path / "records") == records


def test_a_record_after_a_line_that_was_cut_off_is_not_lost(tmp_path):
    path = tmp_path / "records"
    append_record(path, {"a": 1})
    path.write_bytes(path.read_bytes() + b'{"cut')
    append_record(path, {"b": 2})
    assert read_records(path) == [{"a": 1}, {"b": 2}]


def test_a_full_disk_is_an_error_and_costs_one_record_only(tmp_path):
    path = tmp_path / "records"
    append_record(path, {"a": 1})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20, limits[1]))
        with pytest.raises(OSError, match="No space left"):
            append_record(path, {"text": "x" * 100})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    append_record(path, {"b": 2})
    assert read_records(path) == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("place", ["missing/records", "."])
def test_a_place_that_cannot_be_written_is_an_error(tmp_path, place):
    with pytest.raises(OSError, match=r"No such file|Is a directory"):
        append_record(tmp_path / place, {})


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_what_json_has_not_is_not_written(tmp_path, loss):
    with pytest.raises(ValueError, match="JSON"):
        append_record(tmp_path / "records", {"loss": loss})
    assert read_records(tmp_path / "records") == []


def test_a_pipe_takes_records_too():
    read_end, write_end = os.pipe()
    append_record(f"/dev/fd/{write_end}", {"a": 1})
    os.close(write_end)
    with open(read_end, "rb") as pipe:
        assert json.loads(pipe.read()) == {"a": 1}


def test_writers_at_the_same_time_do_not_mix_their_lines(tmp_path):
    path = tmp_path / "records"
    code = (
        "import sys; from digits.recognition.records import append_record\n"
        "for number in range(200): append_record(sys.argv[1], {'writer': sys.argv[2], 'text': sys.argv[2] * 500})"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, path, name], cwd=ROOT) for name in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    records = read_records(path)
    assert len(records) == 600
    assert all(set(record["text"]) == {record["writer"]} for record in records)
