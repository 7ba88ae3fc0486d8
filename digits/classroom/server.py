"""The routes of a class: a page for pupils under its code, and the wall for the teacher at this computer.

    GET  /                 where a pupil types the code
    GET  /CODE             the pupil's page
    POST /CODE/join        {name} -> {token}
    POST /CODE/draw        {token, version, columns, strokes} -> the answer
    GET  /CODE/events      ?token=...: what is asked for

    GET  /wall?key=...     the wall; from then on a cookie opens it
    GET  /wall/events      everybody's latest drawing, as it comes
    POST /wall/ask         {label}, null for anything
    POST /wall/hide        {number, is_hidden}
    POST /wall/remove      {number}
    POST /wall/end
    GET  /wall/class.zip   all drawings that are not hidden
    GET  /wall/qr.png      the address of the class

What is wrong is said in one sentence, {"error": ...}. Events are server-sent events, which a browser asks for again by
itself, and phones that slept are soon up to date.
"""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digits.classroom import qr_code, report
from digits.classroom.room import UNKNOWN, Pupil, Room
from digits.drawing.canvas import CELLS, PEN_WIDTH
from digits.system.addresses import is_local_request
from digits.system.design_tokens import DARK, LIGHT, css
from digits.system.files import UserError
from digits.system.rate_limit import RateLimit, TooManyRequestsError

FRONTEND = Path(__file__).parent / "frontend"
LARGEST = 200_000  # bytes of a request: 5,000 points of a drawing
SECONDS = 10.0  # that a request may take to arrive
WRONG_CODES_A_MINUTE = 20  # from one address; a guess is right once in two million
JOINS_A_MINUTE = 60  # from one address, which a class may share
MOST_STREAMS = 3  # of events, of one pupil at once; and of the wall ...
MOST_WALLS = 8
PAUSE = 0.1  # seconds between two events of a stream
ALIVE = 15.0  # seconds without news, after which a sign of life is sent
COOKIE = "class_key"
NO_CLASS = "There is no class with this code. Look at the wall and type it again."
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_templates = Environment(loader=FileSystemLoader(FRONTEND), autoescape=select_autoescape(["html"]))


class Classroom:
    """What answers the requests of a class.

    address: by which pupils reach it, without the code, such as "http://192.168.1.20:8080". on_end: called when the
    teacher ends the class on the wall.
    """

    def __init__(self, room: Room, address: str, on_end: Callable[[], None]):
        self._room = room
        self._address = address
        self._on_end = on_end
        self._wrong_codes = RateLimit(WRONG_CODES_A_MINUTE)
        self._joins = RateLimit(JOINS_A_MINUTE)
        self._streams: Counter[str] = Counter()  # open ones, by token

    def app(self) -> ASGIApp:
        """Return the class as an ASGI application."""
        wall = [
            Route("/", self._wall),
            Route("/events", self._wall_events),
            Route("/ask", self._ask, methods=["POST"]),
            Route("/hide", self._hide, methods=["POST"]),
            Route("/remove", self._remove, methods=["POST"]),
            Route("/end", self._end, methods=["POST"]),
            Route("/class.zip", self._save),
            Route("/qr.png", self._qr),
        ]
        routes = [
            Route("/", self._door),
            Route("/wall", self._wall),
            Mount("/wall", routes=wall),
            Mount("/files", StaticFiles(directory=FRONTEND / "files")),
            Route("/colours.css", _colours),
            Route("/{code}", self._pad),
            Route("/{code}/join", self._join, methods=["POST"]),
            Route("/{code}/draw", self._draw, methods=["POST"]),
            Route("/{code}/events", self._pupil_events),
        ]
        handlers = {UserError: _refuse, TooManyRequestsError: _delay, HTTPException: _fail}
        return Starlette(routes=routes, exception_handlers=handlers, middleware=[Middleware(SafeHeaders)])

    # Pupils

    async def _door(self, request: Request) -> Response:
        return _page("door.html")

    async def _pad(self, request: Request) -> Response:
        try:
            self._check_code(request)
        except HTTPException as error:
            return _page("door.html", error.status_code, error=error.detail)
        return _page("pupil.html", rows=CELLS, pen_width=PEN_WIDTH)

    async def _join(self, request: Request) -> Response:
        self._check_code(request)
        body = await _json(request)
        self._joins.take(_client(request))
        return JSONResponse({"token": self._room.join(body.get("name", ""))})

    async def _draw(self, request: Request) -> Response:
        self._check_code(request)
        body = await _json(request)
        token, _ = self._pupil(body.get("token"))
        return JSONResponse(self._room.draw(token, body))

    async def _pupil_events(self, request: Request) -> Response:
        self._check_code(request)
        token, pupil = self._pupil(request.query_params.get("token"))

        def news(seen: int) -> dict:
            is_in = self._room.find(token) is not None
            return {"asked": self._room.asked, "name": pupil.name, "is_over": self._room.is_over, "is_in": is_in}

        return self._stream(token, MOST_STREAMS, self._room.told, news)

    def _check_code(self, request: Request) -> None:
        """Raise HTTPException unless the address holds the code of the class, or where too many wrong ones came."""
        code = request.path_params["code"].upper()
        if not secrets.compare_digest(code.encode(), self._room.code.encode()):
            self._wrong_codes.take(_client(request))
            raise HTTPException(404, NO_CLASS)

    def _pupil(self, token: object) -> tuple[str, Pupil]:
        pupil = self._room.find(token)
        if pupil is None or not isinstance(token, str):
            raise HTTPException(403, UNKNOWN)
        return token, pupil

    # The teacher

    async def _wall(self, request: Request) -> Response:
        key = request.query_params.get("key", "")
        if key and self._is_teacher(request, key):
            opened = RedirectResponse("/wall", 303)  # without the key: a projector shows the address
            opened.set_cookie(COOKIE, key, httponly=True, samesite="strict", path="/wall")
            return opened
        self._check_teacher(request)
        return _page("wall.html", address=self._address.removeprefix("http://"), code=self._room.code)

    async def _wall_events(self, request: Request) -> Response:
        self._check_teacher(request)
        return self._stream(self._room.key, MOST_WALLS, self._room.changed, partial(wall_news, self._room))

    async def _ask(self, request: Request) -> Response:
        body = await self._order(request)
        self._room.ask(body.get("label"))
        return JSONResponse({})

    async def _hide(self, request: Request) -> Response:
        body = await self._order(request)
        self._room.hide(body.get("number"), bool(body.get("is_hidden")))
        return JSONResponse({})

    async def _remove(self, request: Request) -> Response:
        body = await self._order(request)
        self._room.remove(body.get("number"))
        return JSONResponse({})

    async def _end(self, request: Request) -> Response:
        await self._order(request)
        self._on_end()
        return JSONResponse({})

    async def _save(self, request: Request) -> Response:
        self._check_teacher(request)
        content = await asyncio.to_thread(report.as_zip, self._room.rounds())
        headers = {"Content-Disposition": f'attachment; filename="{report.file_name()}"'}
        return Response(content, media_type="application/zip", headers=headers)

    async def _qr(self, request: Request) -> Response:
        self._check_teacher(request)
        return Response(qr_code.png(f"{self._address}/{self._room.code}"), media_type="image/png")

    async def _order(self, request: Request) -> dict:
        self._check_teacher(request)
        return await _json(request)

    def _check_teacher(self, request: Request) -> None:
        if not self._is_teacher(request, request.cookies.get(COOKIE, "")):
            raise HTTPException(403, "Only the teacher sees the wall: open it from the tab Learn of the page.")

    def _is_teacher(self, request: Request, key: str) -> bool:
        has_key = secrets.compare_digest(key.encode(), self._room.key.encode())
        return has_key and is_local_request(_client(request), request.headers.items())

    # Events

    def _stream(self, token: str, most: int, signal, news: Callable[[int], dict]) -> Response:
        if self._streams[token] >= most:
            raise HTTPException(429, "The class is open too often here; close it in another tab of the browser.")

        async def events() -> AsyncIterator[str]:
            self._streams[token] += 1
            try:
                async for event in self._events(signal, news):
                    yield event
            finally:
                self._streams[token] -= 1
                self._streams += Counter()  # without those that are over

        return StreamingResponse(events(), media_type="text/event-stream")

    async def _events(self, signal, news: Callable[[int], dict]) -> AsyncIterator[str]:
        seen, told = -1, ""
        while True:
            version = signal.version
            if version > seen:
                told = json.dumps(news(seen), separators=(",", ":"))
                seen = version
                yield f"data: {told}\n\n"
            else:
                yield ": alive\n\n"
            if self._room.is_over:
                return
            await asyncio.sleep(PAUSE)
            await signal.wait(seen, ALIVE)


def wall_news(room: Room, seen: int) -> dict:
    """Return what has changed on the wall since a version, and what is small."""
    pupils = room.pupils()
    changed = [_on_wall(pupil) for pupil in pupils if pupil.version > seen]
    tally = [{"title": row.title, "counts": row.counts} for row in room.tally()]
    present = [pupil.number for pupil in pupils]
    return {"asked": room.asked, "changed": changed, "present": present, "tally": tally, "is_over": room.is_over}


def _on_wall(pupil: Pupil) -> dict:
    if pupil.is_hidden:
        return {"number": pupil.number, "is_hidden": True}
    drawn = {}
    if pupil.drawing:
        answer = pupil.drawing.answer
        said = (
            {"text": answer.text}
            if answer.is_sure
            else {"text": "?", "doubt": " or ".join(map(str, answer.candidates))}
        )
        strokes = [stroke.round(1).tolist() for stroke in pupil.drawing.strokes]
        drawn = {"strokes": strokes, "is_sure": answer.is_sure, **said}
    return {"number": pupil.number, "name": pupil.name, **drawn}


async def _json(request: Request) -> dict:
    """Return the JSON object that a request brings; raises HTTPException."""
    try:
        async with asyncio.timeout(SECONDS):
            content = b""
            async for part in request.stream():
                content += part
                if len(content) > LARGEST:
                    raise HTTPException(413, f"That is more than {LARGEST:,} bytes; clear the pad and draw again.")
        body = json.loads(content)
    except TimeoutError as error:
        raise HTTPException(408, "The request did not arrive in time; try again.") from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "That is no JSON; reload the page.") from error
    if not isinstance(body, dict):
        raise HTTPException(400, "Expected a JSON object; reload the page.")
    return body


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _page(name: str, status: int = 200, **values: object) -> Response:
    return Response(_templates.get_template(name).render(**values), status, media_type="text/html")


async def _colours(request: Request) -> Response:
    pairs = ((name, getattr(LIGHT, name), getattr(DARK, name)) for name in LIGHT._fields)
    rules = "".join(
        f"  --{name.replace('_', '-')}: light-dark({css(light)}, {css(dark)});\n" for name, light, dark in pairs
    )
    return Response(f":root {{\n  color-scheme: light dark;\n{rules}}}\n", media_type="text/css")


def _refuse(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 422)


def _delay(request: Request, error: Exception) -> Response:
    seconds = error.retry_after if isinstance(error, TooManyRequestsError) else 1
    return JSONResponse({"error": str(error)}, 429, {"Retry-After": str(seconds)})


def _fail(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code)


class SafeHeaders:
    """Adds the headers that keep other pages and caches away to every answer."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                pairs = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *pairs]
            await send(message)

        await self._app(scope, receive, send_with_headers)
