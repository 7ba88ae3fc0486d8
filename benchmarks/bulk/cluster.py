"""How bulk does on a Ray cluster: two nodes on this machine, of which one is killed in the middle.

    python -m benchmarks.bulk.cluster [--pictures 60000] [--data mnist.npz]

It needs the extra `bulk`. Each node has half of the cores. Once half of the pictures are answered, the second node
and its processes are killed (SIGKILL).
    per second    of the whole run, against a bare loop of the classifier over the same files in one process, times the
                  number of cores: half of these are lost in the middle, and all serve Ray as well
    rows          missing, doubled, or with another digit than the bare loop's
"""

import argparse
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.bulk.many_pictures import check_rows, command, distinct_files, num_answered, write_pictures
from benchmarks.support.bare_loop import bare_loop
from benchmarks.support.harness import positive, report
from digits.system.files import UserError
from digits.system.process_pool import CORES

STORE = 100_000_000  # bytes of a node's object store


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="cluster", description="Measure bulk on a cluster, a node of which is killed."
    )
    parser.add_argument("--pictures", type=positive, default=60_000, help="(default: %(default)s)")
    parser.add_argument("--data", type=Path, metavar="FILE.npz", help="MNIST (default: digits drawn from templates)")
    arguments = parser.parse_args(argv)
    return report("cluster", lambda: measure(arguments.pictures, arguments.data))


def measure(num_pictures: int, data: Path | None) -> dict:
    """Return the figures."""
    with TemporaryDirectory() as name, two_nodes() as (cluster, second):
        folder = Path(name)
        files = distinct_files(data)
        write_pictures(folder / "pictures.parquet", files, num_pictures)
        bare, digits = bare_loop(files)
        began = time.monotonic()
        with subprocess.Popen(command(folder, "--cluster", cluster.address), stdout=subprocess.DEVNULL) as child:
            while num_answered(folder) < num_pictures // 2 and child.poll() is None:
                time.sleep(0.2)
            num_before = num_answered(folder)
            cluster.remove_node(second, allow_graceful=False)
        if child.returncode:
            raise AssertionError(f"the run ended with exit code {child.returncode}")
        rate = num_pictures / (time.monotonic() - began)
        return {
            "pictures": num_pictures,
            "answered_when_killed": num_before,
            "bare_loop_per_second": round(bare),
            "per_second": round(rate),
            "share_of_bare_loop_times_cores": round(rate / bare / CORES, 4),
            **check_rows(folder / "answers.parquet", num_pictures, digits),
        }


@contextmanager
def two_nodes() -> Iterator[tuple[Any, Any]]:
    """Run a cluster of two nodes, each with half of the cores; yield it and its second node."""
    try:
        from ray.cluster_utils import Cluster  # pyright: ignore[reportMissingImports]  # an extra
    except ModuleNotFoundError as error:
        raise UserError("Ray is not installed; install it with: python -m pip install 'ray[client]'") from error
    cluster = Cluster(initialize_head=True, head_node_args=node(CORES - CORES // 2))
    try:
        yield cluster, cluster.add_node(**node(max(1, CORES // 2)))
    finally:
        cluster.shutdown()


def node(num_cores: int) -> dict:
    """Return how a node is started."""
    return {"num_cpus": num_cores, "object_store_memory": STORE, "include_dashboard": False}


if __name__ == "__main__":
    raise SystemExit(main())
