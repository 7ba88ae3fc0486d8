"""Programs whose output is closed or full: one sentence and an exit code, never a traceback."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from digits.system.paths import ROOT


def run_in_shell(redirection: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = shlex.join([sys.executable, *map(str, arguments)])
    return subprocess.run(["sh", "-c", f"{command} {redirection}"], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("module", ["recognition", "collection"])
def test_a_full_standard_output_is_one_sentence(module, tmp_path):
    if module == "recognition":
        arguments = ["recognition.py", "--classify", seven(tmp_path)]
    else:
        arguments = ["-m", "digits.recognition.collection", tmp_path]
    done = run_in_shell(">/dev/full", *arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "cannot be written to standard output (No space left on device)" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other pipes")
def test_a_pipe_that_nobody_reads_ends_the_program_quietly(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "recognition.py", "--classify", str(seven(tmp_path))]
    done = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_closed_standard_error_changes_no_exit_code(tmp_path):
    done = run_in_shell("2>&-", "recognition.py", "--classify", tmp_path / "none.png", seven(tmp_path))
    assert done.returncode == 2
    assert '"digit": 7' in done.stdout
    assert len(done.stdout.splitlines()) == 1


def seven(folder: Path) -> Path:
    """Write an image of a seven."""
    from PIL import Image

    from benchmarks.support import template_digits

    path = folder / "seven.png"
    Image.fromarray(255 - template_digits.pictures(8, seed=1)[0][7]).resize((280, 280)).save(path)
    return path
