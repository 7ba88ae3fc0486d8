"""Visitor limits: too many visitors are refused, too many uploads wait, and those who leave make room."""

import asyncio
from collections.abc import Callable

import pytest

from digits.page import visitor_limits
from digits.page.visitor_limits import VisitorLimits
from tests.support.processes import run_async


class Server:
    """An application that holds each request until it is let go, behind the limits."""

    def __init__(self):
        self.num_inside = 0
        self._let_go = asyncio.Event()
        self._limited = VisitorLimits(self)

    async def __call__(self, scope, receive, send):
        self.num_inside += 1
        await self._let_go.wait()
        self.num_inside -= 1

    def begin(self, kind: str, client: str = "a", method: str = "GET", path: str = "/_stcore/stream") -> asyncio.Task:
        scope = {"type": kind, "client": (client, 1), "method": method, "path": path, "headers": []}
        return asyncio.create_task(self._ask(scope))

    async def refusal(self, *request: str) -> dict | None:
        """Return what a request is refused with at once; None if it comes inside."""
        task = self.begin(*request)
        await settle()
        return (task.result() or [None])[0] if task.done() else None

    async def let_all_go(self) -> None:
        those_inside, self._let_go = self._let_go, asyncio.Event()
        those_inside.set()
        await settle()

    async def _ask(self, scope: dict) -> list[dict]:
        sent = []

        async def send(message):
            sent.append(message)

        async def receive():
            return {"type": "websocket.connect"}

        await self._limited(scope, receive, send)
        return sent


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    for name, most in (("MOST_VISITORS", 3), ("MOST_OF_A_CLIENT", 2), ("MOST_UPLOADS", 2)):
        monkeypatch.setattr(visitor_limits, name, most)


def with_server(test: Callable) -> Callable:
    async def run():
        await test(Server())

    return lambda: run_async(run())


@with_server
async def check_visitors(server):
    assert [await server.refusal("websocket", client) for client in "aab"] == [None] * 3
    for client in "abc":
        refusal = await server.refusal("websocket", client)
        assert refusal
        assert (refusal["type"], refusal["code"]) == ("websocket.close", 1013)
    page = await server.refusal("http", "c", "GET", "/")
    assert page
    assert page["status"] == 503
    assert await server.refusal("http", "c", "GET", "/_stcore/health") is None
    await server.let_all_go()
    assert await server.refusal("websocket", "c") is None


@with_server
async def check_one_client(server):
    assert [await server.refusal("websocket", "a") for _ in range(2)] == [None] * 2
    assert await server.refusal("websocket", "a")
    assert await server.refusal("websocket", "b") is None


@with_server
async def check_uploads(server):
    for _ in range(3):
        server.begin("http", "a", "PUT", "/_stcore/upload_file/1/1")
    await settle()
    assert server.num_inside == 2
    await server.let_all_go()
    assert server.num_inside == 1


@with_server
async def check_slow_uploads(server):
    sent = await server.begin("http", "a", "PUT", "/_stcore/upload_file/1/1")
    assert sent[0]["status"] == 408


def test_visitors_beyond_the_limit_are_refused_until_others_leave():
    check_visitors()


def test_one_client_leaves_room_for_others():
    check_one_client()


def test_uploads_beyond_the_limit_wait():
    check_uploads()


def test_an_upload_that_does_not_arrive_is_given_up(monkeypatch):
    monkeypatch.setattr(visitor_limits, "SECONDS_OF_UPLOAD", 0.01)
    check_slow_uploads()
