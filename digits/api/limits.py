"""Limits: how much is done at once.

Work is done by a few threads, off the event loop that the page is served from. What they cannot begin soon is refused
at once, with the time after which to ask again: a queue without an end would keep everybody waiting.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from digits.system.process_pool import CORES
from digits.system.rate_limit import TooManyRequestsError

MOST_AT_ONCE = 8  # requests whose picture is received, waits or is read: with more, the page's pad waits for them
RETRY_SECONDS = 1  # after which a client that was refused may ask again

Result = TypeVar("Result")


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
            raise TooManyRequestsError("The server is too busy just now; ask again in a second.", RETRY_SECONDS)
        self._num_requests += 1
        try:
            yield
        finally:
            self._num_requests -= 1

    async def run(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Return what a function returns, called by one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)
