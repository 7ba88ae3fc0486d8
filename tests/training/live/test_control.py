"""What a training is told to do through a file."""

import pytest

from digits.system.json_lines import append_record
from digits.training.live.control import Control


@pytest.fixture
def told(tmp_path):
    """Return a control, and a function that tells it something."""
    path = tmp_path / "control"
    return Control(path), lambda *commands: [append_record(path, {"command": command}) for command in commands]


def test_without_a_file_and_before_there_is_one_a_training_goes_on(tmp_path):
    for control in (Control(), Control(tmp_path / "none"), Control(tmp_path)):
        assert control.may_go_on()
        assert not control.is_paused


@pytest.mark.parametrize(
    ("commands", "batches"),
    [
        (["pause"], 0),
        (["pause", "step"], 1),
        (["step"], 1),
        (["step", "step"], 2),
        (["pause", "step", "pause"], 0),
        (["pause", "faster", 7, None], 0),
        (["continue", "faster"], 5),
        (["pause", "continue"], 5),
        (["step", "continue"], 5),
        (["pause", "stop"], 5),
    ],
)
def test_it_may_take_as_many_batches_as_it_is_told_to(told, commands, batches):
    control, tell = told
    tell(*commands)
    assert [control.may_go_on() for _ in range(5)] == [True] * batches + [False] * (5 - batches)


def test_commands_count_once_as_they_come(told):
    control, tell = told
    for command, is_free, is_paused in (("pause", False, True), ("continue", True, False), ("step", True, True)):
        tell(command)
        assert (control.may_go_on(), control.is_paused) == (is_free, is_paused), command
    assert not control.may_go_on()
    assert not control.is_stopped
    tell("stop")
    assert control.may_go_on()
    assert control.is_stopped


def test_waiting_takes_time_and_no_work():
    waited = []
    Control(sleep=waited.append).wait()
    assert waited[0] >= 0.05
