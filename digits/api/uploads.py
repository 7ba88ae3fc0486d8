"""Uploads: from the body of a request, whoever sent it, to the picture or the drawing in it."""

import asyncio
from typing import NamedTuple

from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from digits.api.schemas import Drawing

MAX_BYTES = 10_000_000  # of a body
MAX_DISCARDED = 50_000_000  # bytes of a larger one that are received for nothing: else its sender misses the sentence
SECONDS = 30  # in which it must arrive
UNNAMED = "(unnamed)"
BYTES = ("application/octet-stream", "application/pdf", "application/x-www-form-urlencoded", "")  # curl says the third
EXPECTED = (
    "Send the bytes of a picture, as image/png for example, a form with a file (multipart/form-data)"
    ' or strokes as JSON: {"strokes": [[[x, y], ...], ...]}.'
)


class Picture(NamedTuple):
    """The content of an image file, and what it is called."""

    content: bytes
    name: str = UNNAMED


async def read_upload(request: Request) -> Picture | Drawing:
    """Return what a request brings; raises HTTPException with the status and a sentence for what is wrong with it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_form, is_json = kind == "multipart/form-data", kind == "application/json"
    if not (is_form or is_json or kind in BYTES or kind.startswith("image/")):
        raise HTTPException(415, f"The content type {kind[:80]!r} is not known. {EXPECTED}")
    body = await _body(request)
    if not body:
        raise HTTPException(400, f"The request is empty. {EXPECTED}")
    if is_json:
        return _drawing(body)
    return await _file_of_form(request, body) if is_form else Picture(body)


async def _body(request: Request) -> bytes:
    """Return the body; nothing beyond the limit is kept."""
    body, num_bytes = bytearray(), 0
    try:
        async with asyncio.timeout(SECONDS):
            async for part in request.stream():
                num_bytes += len(part)
                if num_bytes <= MAX_BYTES:
                    body += part
                if num_bytes > MAX_DISCARDED:
                    break
    except TimeoutError as error:
        raise HTTPException(408, f"The picture did not arrive within {SECONDS} s; send it again.") from error
    except ClientDisconnect as error:
        raise HTTPException(400, "The connection was closed before the picture had arrived.") from error
    if num_bytes > MAX_BYTES:
        raise HTTPException(413, f"The picture has more than {MAX_BYTES:,} bytes; scale it down and send it again.")
    return bytes(body)


async def _file_of_form(request: Request, body: bytes) -> Picture:
    """Return the one file of a form whose body has been read."""

    async def receive() -> dict:
        return {"type": "http.request", "body": body, "more_body": False}

    async with Request(request.scope, receive).form(max_files=1, max_fields=10) as form:  # a broken one: status 400
        files = [part for part in form.values() if isinstance(part, UploadFile)]
        if not files:
            raise HTTPException(400, "The form has no file; send the picture as a file of it.")
        return Picture(await files[0].read(), files[0].filename or UNNAMED)


def _drawing(body: bytes) -> Drawing:
    try:
        return Drawing.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the JSON"
        status = 400 if first["type"] == "json_invalid" else 422
        raise HTTPException(status, f"In {place}: {first['msg'][:200]}. {EXPECTED}") from error
