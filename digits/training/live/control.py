"""What a training is told to do while it goes on, through a file that the page appends to.

The file (`handwriting.py --control FILE`) holds JSON lines, looked at between two batches:
    {"command": "pause"}      wait after this batch
    {"command": "step"}       take one more batch and wait
    {"command": "continue"}   go on
    {"command": "stop"}       end, and keep what was learned until now
A line that is none of these is passed over. One that was there before the training counts too: a training can begin
with a pause.
"""

import time
from collections.abc import Callable
from pathlib import Path

from digits.system.json_lines import Follower

LOOK = 0.1  # seconds between two looks at the file during a pause


class Control:
    """Obeys the commands of a file; without one, a training just goes on."""

    def __init__(self, path: Path | None = None, sleep: Callable[[float], None] = time.sleep):
        self._follower = Follower(path) if path else None
        self._sleep = sleep
        self._steps = 0  # that may still be taken during a pause
        self.is_paused = False
        self.is_stopped = False

    def may_go_on(self) -> bool:
        """Look at the file and tell whether the next batch may be taken now; True after a stop as well.

        A single step that is granted is thereby used up.
        """
        self._look()
        if self.is_stopped or not self.is_paused:
            return True
        if self._steps:
            self._steps -= 1
            return True
        return False

    def wait(self) -> None:
        """Let a moment pass, without work for the processor."""
        self._sleep(LOOK)

    def _look(self) -> None:
        try:
            records = self._follower.new_records() if self._follower else []
        except OSError:  # the file cannot be read just now
            return
        for record in records:
            match record.get("command"):
                case "pause":
                    self.is_paused, self._steps = True, 0
                case "step":
                    self.is_paused, self._steps = True, self._steps + 1
                case "continue":
                    self.is_paused, self._steps = False, 0
                case "stop":
                    self.is_stopped = True
