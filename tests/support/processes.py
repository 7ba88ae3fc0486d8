"""Child processes of the tests."""

import subprocess
import sys

from digits.system.paths import ROOT

CHILD_SECONDS = 300  # that a child may take on a busy machine


def run_python(*arguments: object, **options) -> subprocess.CompletedProcess:
    """Run this Python in a child, with what it says as text."""
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=CHILD_SECONDS, **options)
