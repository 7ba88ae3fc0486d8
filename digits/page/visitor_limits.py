"""Visitor limits: how many visitors the server has at once, and how many uploads it receives at once.

An ASGI middleware before Streamlit's own routes: a visitor too many costs no session.
"""

import asyncio
from collections import Counter

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

MOST_VISITORS = 200  # connections that are open at once ...
MOST_OF_A_CLIENT = 60  # ... and those from one address, which a class may share
MOST_UPLOADS = 4  # received at once, each held in memory until it is whole; the others wait
SECONDS_OF_UPLOAD = 120
FULL = "This page has as many visitors as it can take; come back in a minute."
SLOW = "The upload did not arrive in time; send it again."
RETRY_SECONDS = 60


class VisitorLimits:
    """Refuses visitors and delays uploads that are too many."""

    def __init__(self, app: ASGIApp):
        self._app = app
        self._visitors: Counter[str] = Counter()  # connections, by the client's address
        self._uploads = asyncio.Semaphore(MOST_UPLOADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, now, later or not."""
        if scope["type"] == "websocket":
            await self._visit(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] == "PUT":
            await self._upload(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/" and self._is_full(_client(scope)):
            refusal = PlainTextResponse(FULL, 503, {"Retry-After": str(RETRY_SECONDS)})
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _visit(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = _client(scope)
        if self._is_full(client):
            await receive()
            await send({"type": "websocket.close", "code": 1013, "reason": FULL})
            return
        self._visitors[client] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._visitors[client] -= 1
            self._visitors += Counter()  # without those who have left

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._uploads:
            try:
                async with asyncio.timeout(SECONDS_OF_UPLOAD):
                    await self._app(scope, receive, send)
            except TimeoutError:
                await PlainTextResponse(SLOW, 408)(scope, receive, send)

    def _is_full(self, client: str) -> bool:
        return self._visitors.total() >= MOST_VISITORS or self._visitors[client] >= MOST_OF_A_CLIENT


def _client(scope: Scope) -> str:
    client = HTTPConnection(scope).client
    return client.host if client else ""
