"""Rate limit: how often a client of a server may ask."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_CLIENTS = 10_000  # that are remembered


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
