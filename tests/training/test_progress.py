"""The progress of a training: what is printed and recorded, and which epoch is the best."""

import subprocess
import sys

import pytest

from digits.training.configuration import Configuration
from digits.training.progress import Epoch, Progress, best_epoch
from tests.support.processes import ROOT

EPOCH = Epoch(0.5, 0.875, 0.25, 0.9375, 0.9, 30.0)


@pytest.mark.parametrize(
    ("done", "line"),
    [
        (0, "epoch  1/11  loss 0.5000  accuracy 87.50%  validation 93.75%  30 s, 5.0 min left\n"),
        (7, "epoch  8/11  loss 0.5000  accuracy 87.50%  validation 93.75%  30 s, 1.5 min left\n"),
    ],
    ids=["anew", "resumed"],
)
def test_the_remaining_time_goes_by_the_epochs_of_this_run(capsys, done, line):
    """Those of an earlier run took no time of this one."""
    times = iter([100.0, 130.0])
    progress = Progress(None, clock=lambda: next(times))
    progress.start(Configuration(epochs=11), done)
    progress.epoch([EPOCH] * (done + 1))
    assert capsys.readouterr().out == line


def test_a_progress_file_that_fails_does_not_cost_the_training(tmp_path, capsys):
    progress = Progress(tmp_path / "gone" / "progress")
    progress.start(Configuration())
    progress.end("finished", [], 0.9)
    assert capsys.readouterr().err.count("no more progress in") == 1


def test_a_training_that_never_started_leaves_no_record(tmp_path):
    Progress(tmp_path / "progress").end("failed", [], None)
    assert list(tmp_path.iterdir()) == []


def test_nobody_reading_does_not_cost_the_training():
    code = """
import sys
from digits.training.progress import print_line
for _ in range(9):
    print_line("")
print("here", file=sys.stderr)
"""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=pipe, stderr=pipe, text=True) as child:
        assert child.stdout
        assert child.stderr
        child.stdout.close()
        assert child.stderr.read() == "here\n"
    assert child.returncode == 0


@pytest.mark.parametrize(("plain", "distorted"), [(0.995, 0.96), (0.99, 0.965), (0.989, 0.97)])
def test_right_answers_plain_and_distorted_count_before_a_lower_loss(plain, distorted):
    surer = Epoch(0.1, 0.9, 0.02, 0.99, 0.96, 1)
    more_right = Epoch(0.1, 0.9, 0.03, plain, distorted, 1)
    assert best_epoch([surer, more_right]) is more_right
    assert best_epoch([more_right, surer]) is more_right
