"""How bulk does: very many pictures from a Parquet file into one, killed in the middle and resumed.

    python -m benchmarks.bulk.many_pictures [--pictures 1000000] [--data mnist.npz]

The pictures are PNG files of 28x28 pixels, DISTINCT of them again and again. `recognition.py --classify` is killed
(SIGKILL) with all its processes once half of them are answered, and resumed.
    per second    of the resumed run, from its start to its end, against a bare loop of the classifier over the same
                  files in one process, times the number of cores; the median of LOOPS before and LOOPS after
    memory        of all its processes every second, those that share some of it counted in full; it has grown by the
                  last quarter of the resumed run over the second quarter, in which a run of few pictures still starts
    rows          missing, doubled, or with another digit than the bare loop's
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from benchmarks.images.image_files import encoded
from benchmarks.page.server import resident_megabytes, with_children
from benchmarks.support import template_digits
from benchmarks.support.bare_loop import bare_loop
from benchmarks.support.harness import positive, report
from benchmarks.support.measures import at_least, at_most
from digits.system.paths import ROOT
from digits.system.process_pool import CORES

SHARE, GROWTH = 0.85, 20.0  # the goals: of the bare loop times cores; units of 1,000,000 bytes
DISTINCT = 2000
LOOPS = 7  # over them, a second each: one alone may meet a fast moment, or a slow one


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="many_pictures", description="Measure bulk, killed and resumed.")
    parser.add_argument("--pictures", type=positive, default=1_000_000, help="(default: %(default)s)")
    parser.add_argument("--data", type=Path, metavar="FILE.npz", help="MNIST (default: digits drawn from templates)")
    arguments = parser.parse_args(argv)
    return report("bulk", lambda: measure(arguments.pictures, arguments.data))


def measure(num_pictures: int, data: Path | None) -> dict:
    """Return the figures."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        files = distinct_files(data)
        write_pictures(folder / "pictures.parquet", files, num_pictures)
        loops = [bare_loop(files) for _ in range(LOOPS)]
        num_killed = answer_and_kill(folder, num_pictures // 2)
        began = time.monotonic()
        memory = resume(folder)
        rate = (num_pictures - num_killed) / (time.monotonic() - began)
        loops += [bare_loop(files) for _ in range(LOOPS)]
        bare = median(rate for rate, _ in loops)
        quarter = max(1, len(memory) // 4)
        return {
            "pictures": num_pictures,
            "answered_when_killed": num_killed,
            "bare_loop_per_second": round(bare),
            "per_second": round(rate),
            "share_of_bare_loop_times_cores": at_least(rate / bare / CORES, SHARE),
            "megabytes_at_most": round(max(memory), 1),
            "megabytes_grown": at_most(median(memory[-quarter:]) - median(memory[quarter : 2 * quarter]), GROWTH),
            **check_rows(folder / "answers.parquet", num_pictures, loops[0][1]),
        }


def distinct_files(data: Path | None) -> list[bytes]:
    """Return the image files of different digits."""
    images = np.load(data)["x_test"] if data else template_digits.pictures(DISTINCT, seed=1)[0]
    return [encoded(Image.fromarray(image), "PNG") for image in images[:DISTINCT]]


def command(folder: Path, *options: str) -> list[str]:
    """Return how the pictures in a folder are answered."""
    pictures, output = folder / "pictures.parquet", folder / "answers.parquet"
    return [
        sys.executable,
        str(ROOT / "recognition.py"),
        "--classify",
        str(pictures),
        "--output",
        str(output),
        *options,
    ]


def answer_and_kill(folder: Path, after: int) -> int:
    """Answer so many pictures at least, kill all processes, and return how many are answered."""
    with subprocess.Popen(command(folder), start_new_session=True, stdout=subprocess.DEVNULL) as child:
        while num_answered(folder) < after and child.poll() is None:
            time.sleep(0.2)
        os.killpg(child.pid, signal.SIGKILL)
    return num_answered(folder)


def num_answered(folder: Path) -> int:
    """Return how many of the pictures in a folder have been answered."""
    ends = [int(path.stem.partition("-")[2]) for path in (folder / "answers.parquet.parts").glob("*.parquet")]
    return max(ends, default=0)


def resume(folder: Path) -> list[float]:
    """Answer the pictures that are left; return the memory of all processes every second."""
    memory = []
    with subprocess.Popen(command(folder, "--resume"), stdout=subprocess.DEVNULL) as child:
        while child.poll() is None:
            with suppress(OSError, StopIteration):  # one of them has just ended
                memory.append(sum(map(resident_megabytes, with_children(child.pid))))
            time.sleep(1.0)
    if child.returncode:
        raise AssertionError(f"the resumed run ended with exit code {child.returncode}")
    return memory


def check_rows(path: Path, num_pictures: int, digits: Sequence[int]) -> dict:
    """Return how many rows are missing, doubled and wrong."""
    table = pq.read_table(path, columns=["file", "digit"])
    numbers = np.array([int(name.as_py().rpartition("[")[2][:-1]) for name in table["file"]])
    expected = np.array(digits)[numbers % len(digits)]
    return {
        "rows_missing": at_most(num_pictures - len(np.unique(numbers)), 0),
        "rows_doubled": at_most(len(numbers) - len(np.unique(numbers)), 0),
        "rows_wrong": at_most(int((table["digit"].to_numpy() != expected).sum()), 0),
    }


def write_pictures(path: Path, files: Sequence[bytes], num_pictures: int) -> None:
    """Write so many pictures, the files in turn."""
    table = pa.table({"image": list(files)})
    with pq.ParquetWriter(path, table.schema) as writer:
        for first in range(0, num_pictures, len(files)):
            writer.write_table(table.slice(0, min(len(files), num_pictures - first)))


if __name__ == "__main__":
    raise SystemExit(main())
