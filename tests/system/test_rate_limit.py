"""The rate limit: a bucket of requests for each client, by a clock of the test's own."""

import pytest

from digits.system import rate_limit
from digits.system.rate_limit import RateLimit, TooManyRequestsError


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_client_may_ask_a_minutes_requests_at_once_and_then_in_turn():
    clock = Clock()
    rate = RateLimit(4, clock)
    for _ in range(4):
        rate.take("client")
    for seconds_passed, retry_after in ((0, 15), (3.75, 12), (7.5, 8)):
        clock.now = seconds_passed
        with pytest.raises(TooManyRequestsError) as error:
            rate.take("client")
        assert error.value.retry_after == retry_after
    clock.now = 15
    rate.take("client")
    rate.take("another client")
    with pytest.raises(TooManyRequestsError):
        rate.take("client")


def test_no_more_clients_are_remembered_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(rate_limit, "MOST_CLIENTS", 2)
    rate = RateLimit(1, Clock())
    for client in ("a", "b", "c", "a"):  # the first is forgotten
        rate.take(client)
    with pytest.raises(TooManyRequestsError):
        rate.take("c")


def test_a_rate_of_nought_is_none():
    rate = RateLimit(0, Clock())
    for _ in range(1000):
        rate.take("client")
