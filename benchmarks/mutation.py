"""How many small faults the tests would notice: mutants of four rooms, made and run by mutmut.

    python -m benchmarks.mutation [--rooms drawing recognition images sheets] [--sample 200] [--seed 0]

mutmut changes one operator, number, name or text of a function at a time. It works on a copy of what is committed. Of
all mutants of a room a random sample is run, each with those tests of `TESTS` that reach the changed function. A mutant
is killed when one of them fails or does not end. Printed per room: the mutants made and run, the share killed, and the
names of the survivors; `mutmut show NAME` in the folder named by --keep shows what was changed.
Needs mutmut, which does not run on Windows.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.support.harness import positive, report
from benchmarks.support.measures import at_least
from digits.system.files import UserError
from digits.system.paths import ROOT

GOAL = 0.85  # share of the mutants that are killed
TESTS = {  # of each room: its own and those of its nearest callers
    "drawing": ["tests/drawing", "tests/window/test_state.py"],
    "recognition": ["tests/recognition", "tests/window/test_state.py", "tests/page/test_pad.py"],
    "images": ["tests/images", "tests/sheets"],
    "sheets": ["tests/sheets"],
}
SURVIVED = (0, 5, 33)  # exit codes of mutmut's workers: tests passed, none was found, none reaches the function
# forkserver: a mutant's process does not inherit a pool whose threads it lacks, for which its tests would wait forever.
SETTINGS = """[mutmut]
source_paths=
    digits
only_mutate=
    digits/{room}/*.py
also_copy=
    benchmarks
    assets
    handwriting.py
    recognition.py
    app.py
pytest_add_cli_args_test_selection=
    {tests}
use_git_change_detection=False
process_isolation=forkserver
"""


def main(argv: list[str] | None = None) -> int:
    """Print the share of mutants killed in each room; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description="Do the tests notice faults?")
    parser.add_argument("--rooms", nargs="+", choices=TESTS, default=list(TESTS), help="default: all four")
    parser.add_argument("--sample", type=positive, default=200, help="mutants per room; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the sample; default: %(default)s")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the mutants here")
    arguments = parser.parse_args(argv)

    def measure() -> dict:
        rooms = {}
        with TemporaryDirectory(prefix="mutants-") as temporary:
            for room in arguments.rooms:
                folder = Path(arguments.keep or temporary, room)
                copy_commit(folder)
                rooms[room] = measure_room(room, folder, arguments.sample, arguments.seed)
        killed, run = (sum(room[key] for room in rooms.values()) for key in ("killed", "run"))
        return {"killed": at_least(killed / run, GOAL), "rooms": rooms}

    return report("mutation", measure)


def measure_room(room: str, folder: Path, sample: int, seed: int) -> dict:
    """Return what becomes of a sample of a room's mutants, in a copy of the checkout."""
    (folder / "setup.cfg").write_text(SETTINGS.format(room=room, tests="\n    ".join(TESTS[room])))
    run_mutmut(folder, ["no such mutant"])  # which makes all of them and runs none
    made = sorted(exit_codes(folder))
    chosen = random.Random(seed).sample(made, min(sample, len(made)))
    said = run_mutmut(folder, chosen)
    codes = exit_codes(folder)
    if any(codes[name] is None for name in chosen):
        raise UserError(f"mutmut has not run all mutants of {room}; it said: {said}")
    survivors = [name for name in chosen if codes[name] in SURVIVED]
    killed = len(chosen) - len(survivors)
    return {"made": len(made), "run": len(chosen), "killed": killed, "survivors": survivors}


def run_mutmut(folder: Path, mutants: Sequence[str]) -> str:
    """Run mutmut on some mutants; return the last line of what it said; raises UserError where it made none."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(os.cpu_count() or 1), *mutants]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if "No module named mutmut" in done.stderr:
        raise UserError("mutmut is not installed; run: pip install mutmut")
    said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
    if not exit_codes(folder):
        raise UserError(f"mutmut made no mutants: {said[-1]}")
    return said[-1]


def exit_codes(folder: Path) -> dict[str, int | None]:
    """Return the exit code of the tests of each mutant, None for one that was not run."""
    files = (folder / "mutants" / "digits").rglob("*.py.meta")
    return {name: code for file in files for name, code in json.loads(file.read_text())["exit_code_by_key"].items()}


def copy_commit(folder: Path) -> None:
    """Copy the files of the latest commit; raises UserError outside a git checkout."""
    archived = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True)
    if archived.returncode:
        raise UserError("The mutants are made from a git checkout; run this in one.")
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=BytesIO(archived.stdout)) as archive:
        archive.extractall(folder, filter="data")


if __name__ == "__main__":
    raise SystemExit(main())
