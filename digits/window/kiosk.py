"""A kiosk's keeper: the process that opens the window in a child, and opens it again when it fails.

It waits and holds no window itself, so that nothing that ends the window ends the keeper. The child closes when the
keeper has gone: it is started with --parent-pipe.
"""

import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence

from digits.system.child_processes import CLOSING_SECONDS, Starter
from digits.system.files import UserError

PAUSE = 1.0  # seconds before the window is opened again
MOST_FAILURES, WITHIN = 5, 60.0  # that many within so many seconds, and it is given up
CANNOT = 2  # exit code of a window that said in a sentence why it cannot be opened: another try would not help


def keep_open(
    command: Sequence[str],
    starter: Starter = subprocess.Popen,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Run the window's command until somebody closes the window, and return its exit code.

    Raises UserError where it fails again and again.
    """
    failures: deque[float] = deque(maxlen=MOST_FAILURES)
    while True:
        code = _run(command, starter)
        if code in (0, CANNOT):
            return code
        failures.append(clock())
        if len(failures) == MOST_FAILURES and failures[-1] - failures[0] < WITHIN:
            often = f"The window failed {MOST_FAILURES} times within {WITHIN:.0f} seconds (exit code {code})"
            raise UserError(f"{often}; start it without --kiosk to see why, and mend that first.")
        sleep(PAUSE)


def _run(command: Sequence[str], starter: Starter) -> int:
    with starter(command, stdin=subprocess.PIPE) as child:
        try:
            return child.wait()
        except BaseException:  # Ctrl-C, which the child may not have got
            assert child.stdin is not None
            child.stdin.close()
            child.wait(CLOSING_SECONDS)
            raise
