"""Workers: what they are given comes back in order, whatever happens to one of them, and Ctrl-C ends their work."""

import os
import signal
import subprocess
import sys
import threading
import time

from benchmarks.support.screens import wait_until
from digits.system import process_pool
from tests.support.processes import ROOT

PATIENCE = 30  # seconds, for what takes one or two on an idle machine


def place(number: int) -> tuple[int, int]:
    return number, os.getpid()


def end_there(number: int, here: int) -> int:
    if os.getpid() != here and number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_work_is_done_elsewhere_and_comes_back_in_order():
    numbers, places = zip(*process_pool.spread(place, range(20)), strict=True)
    assert numbers == tuple(range(20))
    assert os.getpid() not in places


def test_one_piece_of_work_is_done_here():
    assert process_pool.spread(place, [7]) == [(7, os.getpid())]


def test_a_worker_that_is_ended_costs_no_work_nor_the_next():
    here = [os.getpid()] * 5
    assert process_pool.spread(end_there, range(5), here) == list(range(5))
    assert os.getpid() not in {pid for _, pid in process_pool.spread(place, range(5))}


def test_all_threads_share_the_workers_which_outlive_them():
    pools, workers = [], set()

    def work():
        workers.update(pid for _, pid in process_pool.spread(place, range(20)))
        pools.append(process_pool.pool())

    for _ in range(3):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(PATIENCE)
    assert len(pools) == 3
    assert all(pool is pools[0] for pool in pools)
    assert len(workers) <= process_pool.CORES


def test_ctrl_c_ends_the_work_at_once(tmp_path):
    started = tmp_path / "started"
    program = f"""
import time
from pathlib import Path
from digits.system import process_pool

def work(number):
    Path({str(started)!r}).touch()
    time.sleep(10 * {PATIENCE})

if __name__ == "__main__":
    process_pool.spread(work, range(10))
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True) as child:
        wait_until(started.exists, PATIENCE)
        os.killpg(child.pid, signal.SIGINT)
        began = time.monotonic()
        stderr = child.communicate(timeout=PATIENCE)[1]
    assert time.monotonic() - began < PATIENCE
    assert child.returncode == -signal.SIGINT
    assert stderr.count("KeyboardInterrupt") == 1
