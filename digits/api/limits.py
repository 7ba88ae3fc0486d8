"""Limits: how often a client may ask, and how much is done at once.

Work is done by a few threads, off the event loop that the page is served from. What they cannot begin soon is refused
at once, with the time after which to ask again: a queue without an end would keep everybody waiting.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from digits.system.process_pool import CORES

MOST_AT_ONCE = 8  # requests whose picture is received, waits or is read: with more, the page's pad waits for them
RETRY_SECONDS = 1  # after which a client that was refused may ask again
MOST_CLIENTS = 10_000  # that are remembered

Result = TypeVar("Result")


class TooManyRequestsError(Exception):
    """The client has to wait."""

    def __init__(self, sentence: str, retry_after: int):
        super().__init__(sentence)
        self.retry_after = retry_after  # seconds


class RateLimit:
    """At most so many requests a minute from each client, of which a whole minute's may come at once (token bucket).

    per_minute: 0 for no limit. clock: returns seconds.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic):
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # requests left, at which time

    def take(self, client: str) -> None:
        """Count a request of a client; raises TooManyRequestsError where it is one too many."""
        if not self._per_minute:
            return
        now = self._clock()
        left, then = self._buckets.pop(client, (self._per_minute, now))
        left = min(self._per_minute, left + (now - then) * self._per_minute / 60)
        self._buckets[client] = (max(left - 1, 0) if left >= 1 else left, now)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)  # the one who was away for longest
        if left < 1:
            sentence = f"You asked more than {self._per_minute} times in a minute; ask again later."
            raise TooManyRequestsError(sentence, math.ceil((1 - left) * 60 / self._per_minute))


class Workers:
    """A few threads for the work of all requests, and a limit on how many requests there are at once."""

    def __init__(self, num_threads: int = CORES, most: int = MOST_AT_ONCE):
        self._threads = ThreadPoolExecutor(num_threads, "api")
        self._most = most
        self._num_requests = 0  # known to the event loop alone

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for one request while the block lasts; raises TooManyRequestsError where all are taken."""
        if self._num_requests >= self._most:
            raise TooManyRequestsError("The server has more to do than it can; ask again in a second.", RETRY_SECONDS)
        self._num_requests += 1
        try:
            yield
        finally:
            self._num_requests -= 1

    async def run(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Return what a function returns, called by one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)
