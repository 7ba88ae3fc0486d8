"""JSON Lines: what is appended comes back whole, and a follower reads each record once."""

import json
import os
import resource
import signal
import subprocess
import sys

import pytest

from digits.system.json_lines import Follower, append_record, read_records
from tests.support.processes import ROOT


def test_records_come_back_as_they_were_written(tmp_path):
    records = [{"event": "start", "name": "ünï\ncode\u2028"}, {"nested": {"list": [1, 2.5, None, True]}}, {}]
    for record in records:
        append_record(tmp_path / "records", record)
    assert read_records(tmp_path / "records") == records


def test_each_record_is_one_line(tmp_path):
    append_record(tmp_path / "records", {"text": "two\nlines"})
    append_record(tmp_path / "records", {})
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
        (b"[" * 100_000 + b'\n{"a":1}\n', [{"a": 1}]),
        (b'{"a":' + b"7" * 5000 + b'}\n{"a":1}\n', [{"a": 1}]),
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
        "import sys; from digits.system.json_lines import append_record\n"
        "for number in range(200): append_record(sys.argv[1], {'writer': sys.argv[2], 'text': sys.argv[2] * 500})"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, path, name], cwd=ROOT) for name in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    records = read_records(path)
    assert len(records) == 600
    assert all(set(record["text"]) == {record["writer"]} for record in records)


def test_a_follower_waits_for_the_end_of_a_line(tmp_path):
    path = tmp_path / "records"
    follower = Follower(path)
    assert follower.new_records() == []
    path.write_text('{"digit": 1}\n{"dig')
    assert follower.new_records() == [{"digit": 1}]
    assert follower.new_records() == []
    with path.open("a") as file:
        file.write('it": 2}\n{"digit": 3}\n')
    assert follower.new_records() == [{"digit": 2}, {"digit": 3}]


def test_a_follower_reads_what_is_new_and_not_the_whole_file(tmp_path):
    path = tmp_path / "records"
    append_record(path, {"a": 1})
    follower = Follower(path)
    follower.new_records()
    path.write_text('{"b":2}\n{"c":3}\n')  # of the same length as before, and a line more
    assert follower.new_records() == [{"c": 3}]


@pytest.mark.parametrize("is_removed", [False, True])
def test_a_follower_begins_again_with_a_new_file(tmp_path, is_removed):
    path = tmp_path / "records"
    append_record(path, {"a": 1})
    append_record(path, {"b": 2})
    follower = Follower(path)
    follower.new_records()
    path.unlink()
    if is_removed:
        assert follower.new_records() == []
        append_record(path, {"text": "longer than before" * 9})
        assert [*follower.new_records()[0]] == ["text"]
    else:
        append_record(path, {"c": 3})
        assert follower.new_records() == [{"c": 3}]
