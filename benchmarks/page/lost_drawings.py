"""Whether a drawing on the pad is ever left without an answer, with many visitors at once.

    python -m benchmarks.page.lost_drawings [--visitors 30] [--drawings 5000] [--send-once]

The page looks at the window every second, as for a visitor at the computer, and every visitor (they speak Streamlit's
protocol, see `benchmarks/page/visitors.py`) draws one digit after the other, stroke by stroke. `sent_again` counts the
drawings that had no answer after a second and were sent once more, as `pad.js` does. With --send-once none is: then
`lost` says how many replies Streamlit drops.
"""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.page.visitors import RESEND_AFTER, Visitor, drawing, percentile
from benchmarks.support import served
from benchmarks.support.harness import positive, report
from benchmarks.support.measures import at_most
from benchmarks.support.served import Page

LOOKING = (0.5, 1.0)  # seconds at an answer
BETWEEN_STROKES = 0.25  # seconds


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="lost_drawings", description="Count the drawings that are never answered.")
    parser.add_argument("--visitors", type=positive, default=30, help="at once (default: %(default)s)")
    parser.add_argument("--drawings", type=positive, default=5000, help="of all visitors (default: %(default)s)")
    parser.add_argument("--send-once", action="store_true", help="send no drawing again that is not answered")
    arguments = parser.parse_args(argv)
    return report("lost_drawings", lambda: measure(arguments))


def measure(arguments: argparse.Namespace) -> dict:
    """Return how many of the drawings are never answered."""
    with TemporaryDirectory() as folder:
        environment = served.own_environment(Path(folder)) | {"DISPLAY": ":0"}  # nobody opens a window on it
        with served.running_page(environment) as page:
            return asyncio.run(draw_together(page, arguments))


async def draw_together(page: Page, arguments: argparse.Namespace) -> dict:
    """Have visitors draw at once, each its share; return what became of the drawings."""
    share = -(-arguments.drawings // arguments.visitors)
    resend_after = () if arguments.send_once else RESEND_AFTER
    visitors = [Visitor(page.address, f"visitor {index}", resend_after) for index in range(arguments.visitors)]
    seconds = await asyncio.gather(*(draw_many(visitor, index, share) for index, visitor in enumerate(visitors)))
    answered = [each for many in seconds for each in many]
    return {
        "visitors": arguments.visitors,
        "drawings": share * arguments.visitors,
        "sent_again": sum(visitor.num_resent for visitor in visitors),
        "lost": at_most(share * arguments.visitors - len(answered), 0),
        "p50_s": percentile(answered, 50),
        "p95_s": percentile(answered, 95),
        "longest_s": round(max(answered, default=0.0), 2),
    }


async def draw_many(visitor: Visitor, seed: int, count: int) -> list[float]:
    """Draw so many digits; return the seconds of each that was answered."""
    rng, seconds = np.random.default_rng(seed), []
    async with visitor:
        for _ in range(count):
            await asyncio.sleep(rng.uniform(*LOOKING))
            with suppress(TimeoutError):
                seconds.append(await visitor.draw(drawing(rng), BETWEEN_STROKES))
    return seconds


if __name__ == "__main__":
    raise SystemExit(main())
