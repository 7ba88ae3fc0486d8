"""The jobs of the tab Train beside its trainings: how fast the machine is, and the download of MNIST."""

import json
import sys
import threading

import pytest

from benchmarks.support.screens import wait_until
from digits.page.jobs import machine_speed
from digits.page.jobs.machine_speed import MachineSpeed, Speed
from digits.page.jobs.mnist_download import DownloadSnapshot, MnistDownload
from digits.system.files import UserError, sha256
from digits.training import mnist

MEASUREMENT = {"waking": 4.0, "presets": {"classroom": 20.5, "good": 70}, "cores": 2, "versions": {}}


@pytest.fixture
def measuring(monkeypatch):
    """Have a script of the test measure this machine; it gets the file's path."""

    def use(script):
        monkeypatch.setattr(machine_speed, "measuring_command", lambda path: [sys.executable, "-c", script, str(path)])

    return use


def test_the_machine_is_measured_once_and_known_from_then_on(tmp_path, measuring):
    measuring(f"import sys; open(sys.argv[1], 'w').write({json.dumps(json.dumps(MEASUREMENT))})")
    speed = MachineSpeed(tmp_path / "cache")
    assert speed.look(may_measure=False) == Speed()
    assert speed.look().is_being_measured
    wait_until(lambda: not speed.look().is_being_measured, 60)
    known = Speed({"classroom": 20.5, "good": 70.0})
    assert speed.look() == known
    measuring("raise SystemExit('not again')")
    assert MachineSpeed(tmp_path / "cache").look() == known
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".json"]


def test_a_measurement_makes_way_for_a_training_and_begins_anew_later(tmp_path, measuring):
    measuring("import sys; sys.stdin.read()")
    speed = MachineSpeed(tmp_path)
    assert speed.look().is_being_measured
    speed.stop()
    assert not speed.look(may_measure=False).is_being_measured
    assert speed.look().is_being_measured
    speed.stop()


def test_a_measurement_that_fails_is_not_tried_again(tmp_path, measuring):
    measuring("raise SystemExit(2)")
    speed = MachineSpeed(tmp_path)
    speed.look()
    wait_until(lambda: not speed.look().is_being_measured, 60)
    assert [speed.look() for _ in range(2)] == [Speed(), Speed()]


def test_a_download_tells_how_far_it_is_and_can_be_tried_again(tmp_path):
    go_on, halfway = threading.Event(), threading.Event()

    def download(on_progress, remedy):
        on_progress(5, 10)
        halfway.set()
        assert go_on.wait(60)
        raise UserError(f"There is no network; {remedy}.")

    job = MnistDownload(download)
    assert job.snapshot() == DownloadSnapshot()
    job.start()
    job.start()
    assert halfway.wait(60)
    assert (job.snapshot().is_going_on, job.snapshot().share_done) == (True, 0.5)
    go_on.set()
    wait_until(lambda: not job.snapshot().is_going_on, 60)
    assert job.snapshot().failure == (
        f"There is no network; try again when you are online, or copy an mnist.npz to {mnist.cache()}."
    )
    halfway.clear()
    job.start()
    assert halfway.wait(60)


def test_mnist_is_downloaded_part_by_part(tmp_path, monkeypatch, data_file):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(mnist, "URL", data_file.as_uri())
    monkeypatch.setattr(mnist, "SHA256", sha256(data_file))
    told = []
    assert mnist.download(lambda *progress: told.append(progress)) == tmp_path / "datasets" / "mnist.npz"
    size = data_file.stat().st_size
    assert told[-1] == (size, size)
    assert [received for received, _ in told] == sorted(received for received, _ in told)
    assert mnist.find() == tmp_path / "datasets" / "mnist.npz"
