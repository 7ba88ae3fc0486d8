"""The API's routes: pictures and drawings in, the command line's answers out.

    POST /classify    one digit: the bytes of a picture, a form with a file, or strokes as JSON
    POST /read        a picture, a PDF or a TIFF with any number of digits
    GET  /model       the card of the model that answers
    GET  /health      whether the server and its model answer
    GET  /docs        all of this, to try out

What is wrong is said in one sentence, {"error": ...}: 400 for a request that is no such thing, 401 without the key, 408
for one that takes too long, 413 for too much, 415 for what is no picture, 422 for a picture or strokes without the
digits asked for, 429 (with Retry-After) for too many requests, 503 where the model cannot be used.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Annotated

import swagger_ui_bundle
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from digits.api.limits import Workers
from digits.api.schemas import Classification, DigitAnswer, Drawing, Health, Model, PageReading, Problem, Reading
from digits.api.settings import Settings
from digits.api.uploads import Picture, read_upload
from digits.drawing import ink
from digits.images.decoding import ImageTooLargeError, NoImageError
from digits.models.loading import LoadedModel
from digits.recognition.classifier import Classifier
from digits.sheets.classification import classify
from digits.sheets.reading import read_pages
from digits.system.addresses import ADDRESS_HEADERS, NAME_HEADERS, is_local_request
from digits.system.files import UserError, shorten
from digits.system.rate_limit import RateLimit, TooManyRequestsError

PICTURE = {"type": "string", "format": "binary"}
FORM = {"type": "object", "properties": {"file": PICTURE}, "required": ["file"]}
PICTURES = {"image/*": {"schema": PICTURE}, "multipart/form-data": {"schema": FORM}}
WHOSE = {*ADDRESS_HEADERS, *NAME_HEADERS, "forwarded", "origin"}  # headers that say whose request it is
MOST_KNOWN = 1000  # sets of such headers that are remembered
STATUSES = (400, 401, 408, 413, 415, 422, 429, 503)


NO_KEY = Settings()


def create(
    load: Callable[[], LoadedModel],
    hosts: Sequence[str] = (),
    settings: Settings = NO_KEY,
    workers: Workers | None = None,
) -> FastAPI:
    """Return the API as an ASGI application.

    load: returns the model that answers, or raises UserError; called once it is needed. hosts: the names by which the
    server may be called; none for any. workers: who does the work (default: one thread for each core).
    """
    api = FastAPI(title="Draw a digit", description="Handwritten digits, read.", docs_url=None, redoc_url=None)
    if hosts:
        api.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    api.mount("/swagger", StaticFiles(directory=swagger_ui_bundle.swagger_ui_path))
    for kind, handler in HANDLERS.items():
        api.add_exception_handler(kind, handler)
    model = cache(load)  # one that could not be loaded is tried again
    api.include_router(_open_routes(model))
    api.include_router(_routes(workers or Workers(), model), dependencies=_guards(settings))
    return api


def _open_routes(model: Callable[[], LoadedModel]) -> APIRouter:
    """Return the routes that need no key."""
    routes = APIRouter()

    @routes.get("/health", responses=_problems(503))
    async def health() -> Health:
        """Whether the server and its model answer."""
        await asyncio.to_thread(_checked, model)  # also while all workers are busy
        return Health()

    @routes.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="openapi.json",
            title="Draw a digit",
            swagger_js_url="swagger/swagger-ui-bundle.js",
            swagger_css_url="swagger/swagger-ui.css",
            swagger_favicon_url="swagger/favicon-32x32.png",
        )

    return routes


def _routes(workers: Workers, model: Callable[[], LoadedModel]) -> APIRouter:
    """Return the routes that do the work."""
    routes = APIRouter(responses=_problems(*STATUSES))
    drawing = {"application/json": {"schema": Drawing.model_json_schema()}}

    @routes.post("/classify", openapi_extra=_body(PICTURES | drawing))
    async def classify_upload(request: Request) -> Classification:
        """Answer a picture or the strokes of one digit."""
        with workers.place():
            return await workers.run(_classify, await read_upload(request), model)

    @routes.post("/read", openapi_extra=_body(PICTURES))
    async def read_picture(request: Request) -> Reading:
        """Find and read all digits in a picture: their boxes, numbers and lines."""
        with workers.place():
            return await workers.run(_read, await read_upload(request), model)

    @routes.get("/model")
    async def card() -> Model:
        """Say what is known of the model that answers."""
        return Model.of((await asyncio.to_thread(_checked, model)).card)

    return routes


is_local = lru_cache(MOST_KNOWN)(is_local_request)  # it asks the system for this machine's names and addresses


def _guards(settings: Settings) -> list:
    """Return what a request has to pass before its body is read."""
    rate = RateLimit(settings.requests_a_minute)
    bearer = HTTPBearer(auto_error=False, description="the server's HANDWRITING_API_KEY, where it has one")

    async def check_rate(request: Request) -> None:
        peer = request.client.host if request.client else None
        headers = tuple(pair for pair in request.headers.items() if pair[0] in WHOSE)
        if settings.is_hosted or not is_local(peer, headers):
            rate.take(peer or "")

    async def check_key(given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> None:
        if not secrets.compare_digest((given.credentials if given else "").encode(), settings.key.encode()):
            sentence = "This server needs a key: send the header Authorization: Bearer KEY."
            raise HTTPException(401, sentence, {"WWW-Authenticate": "Bearer"})

    return [Depends(check_rate), *([Depends(check_key)] if settings.key else [])]


def _classify(upload: Picture | Drawing, model: Callable[[], LoadedModel]) -> Classification:
    classifier, began = _checked(model), time.perf_counter()
    if isinstance(upload, Drawing):
        answer = classifier.classify(ink.normalize(upload.arrays()))
    else:
        answer = classify(upload.content, shorten(upload.name), classifier)
    return Classification(**DigitAnswer.fields_of(answer), milliseconds=_milliseconds_since(began))


def _read(upload: Picture | Drawing, model: Callable[[], LoadedModel]) -> Reading:
    if isinstance(upload, Drawing):
        raise HTTPException(415, "Strokes are answered by /api/classify; send a picture.")
    classifier: Classifier = _checked(model)
    began = time.perf_counter()
    pages = [PageReading.of(sheet) for sheet in read_pages(upload.content, upload.name, classifier)]
    return Reading(pages=pages, milliseconds=_milliseconds_since(began))


def _checked(model: Callable[[], LoadedModel]) -> LoadedModel:
    """Return the model; status 503 where it cannot be used."""
    try:
        return model()
    except UserError as error:
        raise HTTPException(503, str(error)) from error


def _milliseconds_since(began: float) -> float:
    return round(1000 * (time.perf_counter() - began), 3)


def _body(content: dict) -> dict:
    return {"requestBody": {"required": True, "content": content}}


def _problems(*statuses: int) -> dict:
    return {status: {"model": Problem} for status in statuses}


def _tell(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": sentence}, status, headers)


HANDLERS: dict = {
    HTTPException: lambda request, error: _tell(error.status_code, error.detail, error.headers),
    NoImageError: lambda request, error: _tell(415, str(error)),
    ImageTooLargeError: lambda request, error: _tell(413, str(error)),
    UserError: lambda request, error: _tell(422, str(error)),
    TooManyRequestsError: lambda request, error: _tell(429, str(error), {"Retry-After": str(error.retry_after)}),
}
