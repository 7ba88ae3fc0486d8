"""How the API does: one client, as many as keep it busy, and four times as many, with somebody at the pad meanwhile.

    python -m benchmarks.api.load [--seconds 60] [--data mnist.npz]

A server of its own answers digits as PNG files of 28x28 pixels, over connections that stay open. Clients and server
share this computer's cores.
    one client    asks, waits for the answer and asks again: milliseconds from the request to the answer
    busy          as many clients as there are places for requests: answers a second, and their share of what a bare
                  loop of the classifier over the same files, in this process, answered right before
    overload      four times as many, for the given time. One that is refused (status 429) asks again after the time
                  that it is told. An answer is wrong if it differs from the bare loop's, lost if there is none after
                  PATIENCE. Meanwhile a visitor draws on the pad, a digit every second or so.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from benchmarks.images.image_files import encoded
from benchmarks.page.visitors import Visitor, drawing, percentile
from benchmarks.support import served, template_digits
from benchmarks.support.bare_loop import bare_loop
from benchmarks.support.harness import positive, report
from benchmarks.support.http_client import HttpClient
from benchmarks.support.measures import at_least, at_most
from digits.api.limits import MOST_AT_ONCE

MILLISECONDS, SHARE, SECONDS_AT_PAD = 3.0, 0.5, 0.3  # the goals: p50, of the bare loop, p95
NUM_PICTURES = 500
WARM_UP = 50  # requests
SECONDS_BUSY = 10.0
PATIENCE = 30.0  # seconds until an answer that has not come is lost
BETWEEN_STROKES, LOOKING = 0.25, 1.0  # seconds


class Client(HttpClient):
    """A client of the API."""

    async def ask(self, picture: bytes) -> dict:
        """Return the answer to a PNG file; one that is refused is sent again when the server says so."""
        while True:
            status, headers, body = await self.request("POST", "/api/classify", picture, "image/png")
            if status == 200:
                return json.loads(body)
            if status != 429:
                raise ValueError(f"status {status}: {body.decode()}")
            await asyncio.sleep(float(headers["retry-after"]))


class Tally:
    """Requests of several clients: their seconds, and how many were answered wrongly or not at all."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.num_wrong = self.num_lost = 0

    async def ask_until(
        self, end: float, port: int, pictures: Sequence[bytes], digits: Sequence[int], first: int
    ) -> None:
        """Ask again and again until then (time.monotonic), each client beginning with another picture."""
        number = first
        async with Client(port) as client:
            while time.monotonic() < end:
                began = time.monotonic()
                try:
                    answer = await asyncio.wait_for(client.ask(pictures[number % len(pictures)]), PATIENCE)
                    self.num_wrong += answer["digit"] != digits[number % len(digits)]
                except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
                    self.num_lost += 1
                    return
                self.seconds.append(time.monotonic() - began)
                number += 1


def main(argv: list[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="load", description="Measure the API alone, busy and overloaded.")
    parser.add_argument("--seconds", type=positive, default=60, help="of the overload (default: %(default)s)")
    parser.add_argument("--data", type=Path, metavar="FILE.npz", help="MNIST (default: digits drawn from templates)")
    arguments = parser.parse_args(argv)
    return report("api", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return the figures."""
    with TemporaryDirectory() as folder:
        data = arguments.data or template_digits.write_dataset(Path(folder, "drawn.npz"))
        pictures = [encoded(Image.fromarray(picture), "PNG") for picture in np.load(data)["x_test"][:NUM_PICTURES]]
        bare, digits = bare_loop(pictures)
        with served.running_page(served.own_environment(Path(folder))) as page:
            return asyncio.run(measure_server(page, pictures, digits, bare, arguments.seconds))


async def measure_server(
    page: served.Page, pictures: Sequence[bytes], digits: Sequence[int], bare: float, seconds: float
) -> dict:
    """Return the figures of a server; bare: answers a second of the bare loop, digits: what it answered."""
    async with Client(page.port) as client:
        for picture in pictures[:WARM_UP]:
            await client.ask(picture)
    one = await ask_at_once(1, SECONDS_BUSY, page, pictures, digits)
    busy = await ask_at_once(MOST_AT_ONCE, SECONDS_BUSY, page, pictures, digits)
    rate = len(busy.seconds) / SECONDS_BUSY
    at_pad: list[float] = []
    pad = asyncio.create_task(draw(page, at_pad))
    overload = await ask_at_once(4 * MOST_AT_ONCE, seconds, page, pictures, digits)
    pad.cancel()
    return {
        "one_client_p50_ms": at_most(1000 * percentile(one.seconds, 50), MILLISECONDS),
        "one_client_p95_ms": round(1000 * percentile(one.seconds, 95), 2),
        "bare_loop_per_second": round(bare),
        "busy_per_second": round(rate),
        "busy_share_of_bare_loop": at_least(rate / bare, SHARE),
        "overload_answers": len(overload.seconds),
        "overload_lost": at_most(overload.num_lost, 0),
        "overload_wrong": at_most(overload.num_wrong, 0),
        "drawings_meanwhile": len(at_pad),
        "pad_p95_s": at_most(percentile(at_pad, 95), SECONDS_AT_PAD),
    }


async def ask_at_once(
    num_clients: int, seconds: float, page: served.Page, pictures: Sequence[bytes], digits: Sequence[int]
) -> Tally:
    """Return what so many clients got within a time."""
    tally, end = Tally(), time.monotonic() + seconds
    await asyncio.gather(
        *(tally.ask_until(end, page.port, pictures, digits, 7 * number) for number in range(num_clients))
    )
    return tally


async def draw(page: served.Page, seconds: list[float]) -> None:
    """Draw digits on the pad, and note the seconds of each answer."""
    rng = np.random.default_rng(0)
    async with Visitor(page.address, "visitor") as visitor:
        while True:
            seconds.append(await visitor.draw(drawing(rng), BETWEEN_STROKES))
            await asyncio.sleep(LOOKING)


if __name__ == "__main__":
    raise SystemExit(main())
