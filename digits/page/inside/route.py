"""The route by which a browser asks the network while one draws: by way of Streamlit it would take too long.

    POST /look-inside/KEY    a question and its answer as JSON (see `digits.page.inside.looks`)

What is wrong is said in one sentence, {"error": ...}: 404 for a key that is none, 413 for too much, 503 for too many.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from digits.page.inside import looks
from digits.page.inside.viewers import VIEWERS, Viewers
from digits.system.process_pool import CORES

MOST_BYTES = 250_000  # of a question: a full pad is 100,000
MOST_WAITING = 50  # questions that are read or wait; a browser asks one at a time
STRANGER = "This page is no longer known to the server; reload it."
TOO_LONG = f"The question is longer than {MOST_BYTES} bytes; clear the pad and draw again."
TOO_MANY = "The server is too busy just now; it goes on in a second."


def create(hosts: Sequence[str] = (), viewers: Viewers = VIEWERS) -> Starlette:
    """Return the route as an ASGI application; hosts: the names by which the server may be called, none for any."""
    trusted = Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts) or ["*"], www_redirect=False)
    return Starlette(routes=[Route("/{key}", _Route(viewers).ask, methods=["POST"])], middleware=[trusted])


class _Route:
    """Answers questions, as many at once as there are cores."""

    def __init__(self, viewers: Viewers):
        self._viewers = viewers
        self._cores = asyncio.Semaphore(CORES)
        self._waiting = 0

    async def ask(self, request: Request) -> JSONResponse:
        """Answer one question."""
        network = self._viewers.network_of(request.path_params["key"])
        if network is None:
            return JSONResponse({"error": STRANGER}, 404)
        if self._waiting >= MOST_WAITING:
            return JSONResponse({"error": TOO_MANY}, 503, {"Retry-After": "1"})
        async with self._place():
            body = await _body(request)
            if body is None:
                return JSONResponse({"error": TOO_LONG}, 413)
            async with self._cores:
                return JSONResponse(await asyncio.to_thread(_answer, body, network))

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1


async def _body(request: Request) -> bytes | None:
    """Return what was sent, or None as soon as it is too much."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _answer(body: bytes, network: looks.AnyNetwork) -> dict:
    try:
        question = json.loads(body)
    except (ValueError, RecursionError):  # ValueError: no JSON, no UTF-8, or a number of thousands of digits
        question = None
    return looks.answer(question, network)
