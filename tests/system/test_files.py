"""Files that a user could lose."""

import errno
import os
import resource
import signal
from pathlib import Path

import pytest

from digits.system.files import LONGEST_WORD, UserError, check_writable, replacing, sha256, shorten
from digits.system.output import native_stderr_silenced
from tests.support.processes import run_python


@pytest.fixture
def old(tmp_path) -> Path:
    path = tmp_path / "old.h5"
    path.write_text("old")
    return path


def test_a_block_that_succeeds_replaces_the_file(old):
    with replacing(old) as draft:
        assert (draft.parent.parent, draft.name) == (old.parent, "old.h5")
        draft.write_text("new")
        assert old.read_text() == "old"
    assert old.read_text() == "new"
    assert list(old.parent.iterdir()) == [old]


def test_who_reads_the_old_file_meanwhile_reads_it_to_its_end(old):
    with old.open() as reader:
        with replacing(old) as draft:
            draft.write_text("new")
        assert reader.read() == "old"


def write_half(path: Path, failure: type[BaseException]) -> None:
    with replacing(path) as draft:
        draft.write_text("half")
        raise failure


@pytest.mark.parametrize("failure", [OSError, ValueError, KeyboardInterrupt, SystemExit])
def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(old, failure):
    with pytest.raises(failure):
        write_half(old, failure)
    assert old.read_text() == "old"
    assert list(old.parent.iterdir()) == [old]


def test_a_draft_that_is_being_written_survives_another_save_beside_it(old):
    with replacing(old) as draft:
        draft.write_text("new")
        with replacing(old.with_name("other.h5")) as other:
            other.write_text("other")
    assert old.read_text() == "new"


def test_a_block_that_writes_nothing_leaves_the_old_file(old):
    with pytest.raises(FileNotFoundError), replacing(old):
        pass
    assert old.read_text() == "old"


def test_a_new_file_may_be_read_by_whom_the_user_lets(tmp_path):
    mask = os.umask(0o027)
    try:
        with replacing(tmp_path / "new.h5") as draft:
            draft.touch()
    finally:
        os.umask(mask)
    assert (tmp_path / "new.h5").stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(old):
    link = old.with_name("link.h5")
    link.symlink_to(old)
    with replacing(link) as draft:
        draft.write_text("new")
    assert link.is_symlink()
    assert old.read_text() == "new"


def test_a_full_disk_leaves_the_old_file(old):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
        with pytest.raises(OSError, match="large"), replacing(old) as draft:
            draft.write_bytes(bytes(1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert old.read_text() == "old"
    assert list(old.parent.iterdir()) == [old]


def test_the_name_may_be_as_long_as_the_system_allows(tmp_path):
    path = tmp_path / ("x" * 250 + ".h5")
    with replacing(path) as draft:
        draft.touch()
    assert path.exists()


def test_checking_changes_nothing(old):
    before = old.stat().st_mtime_ns
    check_writable(old, "model")
    check_writable(old.with_name("new.h5"), "model")
    assert old.stat().st_mtime_ns == before
    assert list(old.parent.iterdir()) == [old]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing/new.h5", "The folder .*missing for the model does not exist; create it or name another place"),
        ("old.h5/new.h5", "The folder .*old.h5 for the model does not exist"),
        (".", "is a folder; name a file for the model"),
        ("x" * 300, "The model cannot be written to .* \\(File name too long\\); name a place that you may write to"),
    ],
)
def test_a_place_that_cannot_be_written_is_named(old, name, words):
    with pytest.raises(UserError, match=words):
        check_writable(old.parent / name, "model")


def test_a_place_that_the_system_protects_is_named(old, monkeypatch):
    def denied(*arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", denied)
    with pytest.raises(UserError, match=r"cannot be written to .* \(Permission denied\); name a place"):
        check_writable(old, "progress")


def test_sha256_is_the_systems(old):
    assert sha256(old) == "cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4"


def test_silence_covers_native_code_and_ends():
    code = (
        "import os, threading\n"
        "from digits.system.output import native_stderr_silenced as silenced\n"
        "def hush():\n"
        "    with silenced(), silenced(): os.write(2, b'noise')\n"
        "threads = [threading.Thread(target=hush) for _ in range(20)]\n"
        "[thread.start() for thread in threads]; [thread.join() for thread in threads]\n"
        "os.write(2, b'heard')\n"
    )
    assert run_python("-c", code).stderr == "heard"


def test_silence_lets_exceptions_through():
    with pytest.raises(ValueError, match="heard"), native_stderr_silenced():
        raise ValueError("heard")


@pytest.mark.parametrize("character", ["\n", "\r", "\x1b", "\x00", "\u2028", "\u202e", "\ud800"])
def test_no_name_makes_a_sentence_two_lines_or_steers_a_terminal(character):
    assert str(UserError(f"There is no file a{character}b; name another.")) == "There is no file a b; name another."
    assert shorten(f"a{character}b{character}") == "a b"


def test_a_long_word_keeps_its_beginning_and_its_end():
    word = "".join(chr(ord("a") + place % 26) for place in range(400))
    short = shorten(word)
    assert len(short) == LONGEST_WORD
    begin, end = short.split("\N{HORIZONTAL ELLIPSIS}")
    assert word.startswith(begin)
    assert word.endswith(end)
    assert abs(len(begin) - len(end)) <= 1
    assert shorten(word[:LONGEST_WORD]) == word[:LONGEST_WORD]
    assert shorten("\n") == "without a name"
