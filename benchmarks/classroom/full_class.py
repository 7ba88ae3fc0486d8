"""How a full class does: forty pupils draw at once, and the wall shows it.

    python -m benchmarks.classroom.full_class [--pupils 40] [--seconds 120] [--show]

A class of its own is opened in a child process. Each pupil joins and draws one digit after another, sending its strokes
as a phone does: in steps while they grow, and at the end. The wall listens to the events of the class.
    wall        seconds from the moment when a finished drawing is sent until the wall is told of just this drawing
    reply       seconds until the pupil has the answer to it
    lost        finished drawings of which the wall was not told within PATIENCE, without those that a new round cleared
                off the wall before it was told: these are `cleared`
    memory      of the class's process: the medians of the second and the last quarter of the time, and how much it grew
    processor   seconds of the processor that the class's process took, for each second
--show draws until it is interrupted, and prints the address of the wall, to be looked at.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.cookies import SimpleCookie
from typing import NamedTuple

import numpy as np
import psutil

from benchmarks.page.visitors import drawing, percentile
from benchmarks.support.harness import ROOT, positive, report
from benchmarks.support.http_client import HttpClient
from benchmarks.support.measures import at_most
from digits.classroom.host import ClassHost
from digits.models import loading

SECONDS_TO_WALL, GROWN_MB = 1.0, 5.0  # the goals: p95, between the second and the last quarter
STEPS = 2  # in which a growing drawing is sent
BETWEEN = (0.3, 0.8)  # seconds before each of them, at random ...
LOOKING = (0.6, 1.2)  # ... and after the last, while the pupil looks at the answer
PATIENCE = 5.0  # seconds
PROMPTS = (None, "4", "7", "8")  # that are asked for in turn
SHOWN_PROMPT = "4"
LOOK = 0.5  # seconds between looks at the memory
NAMES = ("Ada", "Ben", "Chiara", "Dae-jung", "Elif", "Finn", "Grace", "Hugo", "", "Iris")


class Server(NamedTuple):
    """The class's process: its port, the code, the teacher's key."""

    process: psutil.Process
    port: int
    code: str
    key: str


class Figures:
    """What was measured: finished drawings and when each was sent, by what the wall will be told of it."""

    def __init__(self):
        self.awaited: dict[str, float] = {}
        self.wall: list[float] = []
        self.reply: list[float] = []
        self.memory: list[tuple[float, float]] = []  # time, MB
        self.num_refused = self.num_cleared = 0

    @property
    def num_lost(self) -> int:
        """Drawings that the wall was not told of in time."""
        return sum(time.monotonic() - sent > PATIENCE for sent in self.awaited.values())


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="full_class", description="Measure a class of pupils who draw at once.")
    parser.add_argument("--pupils", type=positive, default=40, help="default: %(default)s")
    parser.add_argument("--seconds", type=positive, default=120, help="default: %(default)s")
    parser.add_argument("--show", action="store_true", help="measure nothing: draw, and say where the wall is")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.serve:
        return serve()
    return report("full_class", lambda: measure(arguments))


def serve() -> int:
    """In the child: open a class until standard input closes."""
    host = ClassHost(ports=(0,), find_addresses=lambda: ["127.0.0.1"])
    opened = host.open(loading.load())
    print(json.dumps({"port": opened.port, "code": opened.room.code, "key": opened.room.key}), flush=True)
    sys.stdin.read()
    host.close()
    return 0


@contextmanager
def running_class() -> Iterator[Server]:
    """Open a class in a child process."""
    command = [sys.executable, "-m", "benchmarks.classroom.full_class", "--serve"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        yield Server(psutil.Process(child.pid), **json.loads(child.stdout.readline()))
        child.stdin.close()


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures."""
    with running_class() as server:
        return asyncio.run(run(server, arguments.pupils, arguments.seconds, arguments.show))


async def run(server: Server, num_pupils: int, seconds: float, is_shown: bool) -> dict:
    """Have the pupils draw for so long and return the figures."""
    figures, began = Figures(), time.monotonic()
    cookie = await open_wall(server)
    if is_shown:
        print(f"http://localhost:{server.port}/wall?key={server.key}", file=sys.stderr)
        seconds = float("inf")
    watchers = [
        asyncio.create_task(watch_wall(server, cookie, figures)),
        asyncio.create_task(watch_memory(server, figures)),
        asyncio.create_task(ask_in_turn(server, cookie, is_shown, seconds)),
    ]
    await asyncio.gather(*(draw_until(began + seconds, server, number, figures) for number in range(num_pupils)))
    await asyncio.sleep(PATIENCE)
    for watcher in watchers:
        watcher.cancel()
    second, last = (median_memory(figures, began, seconds, quarter) for quarter in (1, 3))
    used = server.process.cpu_times()
    return {
        "pupils": num_pupils,
        "drawings": len(figures.reply),
        "wall_p50_s": percentile(figures.wall, 50),
        "wall_p95_s": at_most(percentile(figures.wall, 95), SECONDS_TO_WALL),
        "reply_p95_s": percentile(figures.reply, 95),
        "lost": at_most(figures.num_lost, 0),
        "cleared": figures.num_cleared,
        "refused": at_most(figures.num_refused, 0),
        "memory_mb": [round(second, 1), round(last, 1)],
        "memory_grown_mb": at_most(last - second, GROWN_MB),
        "processor_share": round((used.user + used.system) / (time.monotonic() - began), 3),
    }


async def open_wall(server: Server) -> dict[str, str]:
    """Return the headers with which the teacher asks."""
    async with HttpClient(server.port) as client:
        _, headers, _ = await client.request("GET", f"/wall?key={server.key}")
    (morsel,) = SimpleCookie(headers["set-cookie"]).values()
    return {"Cookie": f"{morsel.key}={morsel.value}"}


async def watch_wall(server: Server, cookie: dict[str, str], figures: Figures) -> None:
    """Note when the wall is told of each drawing."""
    asked = None
    async with HttpClient(server.port) as client:
        async for event in client.events("/wall/events", cookie):
            now, news = time.monotonic(), json.loads(event)
            if news["asked"] != asked:
                asked = news["asked"]
                figures.num_cleared += len(figures.awaited)
                figures.awaited.clear()
            for pupil in news["changed"]:
                sent = figures.awaited.pop(signature(pupil.get("strokes", [])), None)
                if sent is not None:
                    figures.wall.append(now - sent)


async def watch_memory(server: Server, figures: Figures) -> None:
    """Note how much memory the class takes."""
    while True:
        figures.memory.append((time.monotonic(), server.process.memory_info().rss / 1e6))
        await asyncio.sleep(LOOK)


async def ask_in_turn(server: Server, cookie: dict[str, str], is_shown: bool, seconds: float) -> None:
    """Ask for one digit after another, so that rounds come and go."""
    async with HttpClient(server.port) as client:
        for label in [SHOWN_PROMPT] if is_shown else PROMPTS:
            await client.request("POST", "/wall/ask", json.dumps({"label": label}).encode(), headers=cookie)
            if not is_shown:
                await asyncio.sleep(seconds / len(PROMPTS))


async def draw_until(end: float, server: Server, number: int, figures: Figures) -> None:
    """Be a pupil who draws one digit after another."""
    rng = np.random.default_rng(number)
    async with HttpClient(server.port) as client:
        name = {"name": NAMES[number % len(NAMES)]}
        _, _, body = await client.request("POST", f"/{server.code}/join", json.dumps(name).encode())
        token, version = json.loads(body)["token"], 0
        while time.monotonic() < end:
            strokes = [stroke.round(2) for stroke in drawing(rng)]
            for step in range(1, STEPS + 1):
                await asyncio.sleep(rng.uniform(*BETWEEN))
                version += 1
                shown = strokes if step == STEPS else [strokes[0][: max(2, len(strokes[0]) * step // STEPS)]]
                await send(client, server, {"token": token, "version": version, "columns": 28}, shown, figures, step)
            await asyncio.sleep(rng.uniform(*LOOKING))


async def send(
    client: HttpClient, server: Server, body: dict, strokes: Sequence[np.ndarray], figures: Figures, step: int
) -> None:
    """Send a drawing; what is finished is expected on the wall."""
    content = json.dumps({**body, "strokes": [stroke.tolist() for stroke in strokes]}).encode()
    sent = time.monotonic()
    if step == STEPS:
        figures.awaited[signature([stroke.round(1).tolist() for stroke in strokes])] = sent
    status, _, _ = await client.request("POST", f"/{server.code}/draw", content)
    figures.num_refused += status != 200
    if step == STEPS:
        figures.reply.append(time.monotonic() - sent)


def signature(strokes: list) -> str:
    """Return the strokes of a drawing as the key by which it is found."""
    return json.dumps(strokes)


def median_memory(figures: Figures, began: float, seconds: float, quarter: int) -> float:
    """Return the median of a quarter of the time, in MB."""
    start = began + quarter * seconds / 4
    found = [size for at, size in figures.memory if start <= at < start + seconds / 4]
    return float(np.median(found)) if found else float("nan")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        raise SystemExit(main())
