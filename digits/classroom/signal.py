"""A signal: tells those who wait in an event loop that there is something new."""

import asyncio
from contextlib import suppress


class Signal:
    """A number that grows with every change, and can be waited for.

    Whoever is slow sees the latest state once and not every change of it: nothing queues up.
    """

    def __init__(self):
        self.version = 0
        self._sent = asyncio.Event()

    def send(self) -> int:
        """Tell of a change and return its number; to be called in the event loop of those who wait."""
        self.version += 1
        self._sent.set()
        self._sent = asyncio.Event()
        return self.version

    async def wait(self, seen: int, seconds: float) -> None:
        """Wait until there is a change after the one that was seen, or for so many seconds."""
        sent = self._sent
        if self.version > seen:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await sent.wait()
