"""The API, made when it is first asked: importing FastAPI would double the time until the page's server is ready."""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from digits.api.connection import send_undelayed


class Late:
    """An ASGI application that another thread makes at the first request."""

    def __init__(self, make: Callable[[], ASGIApp]):
        self._make = make
        self._made: ASGIApp | None = None
        self._lock = asyncio.Lock()  # so that it is made once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if self._made is None:
            async with self._lock:
                self._made = self._made or await asyncio.to_thread(self._make)
        send_undelayed(receive)
        await self._made(scope, receive, send)
