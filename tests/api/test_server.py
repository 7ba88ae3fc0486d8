"""The API as a program meets it: answers, one sentence and a status for each mistake, limits, and the page's server."""

import io
import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from benchmarks.images import clean_pages
from benchmarks.support import served, template_digits
from digits.api import uploads
from digits.api.limits import Workers
from digits.api.settings import Settings
from digits.drawing import ink
from digits.models import loading
from digits.system.files import UserError

JSON = {"Content-Type": "application/json"}
PNG = {"Content-Type": "image/png"}
FORM = {"Content-Type": "multipart/form-data; boundary=XX"}


class Reply(NamedTuple):
    status: int
    body: dict
    headers: dict


def ask(address: str, path: str, body: bytes | None = None, headers: dict | None = None) -> Reply:
    request = urllib.request.Request(address + path, body, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=served.PATIENCE) as response:
            return Reply(response.status, json.loads(response.read()), dict(response.headers))
    except urllib.error.HTTPError as error:
        content = error.read()
        return Reply(error.code, json.loads(content) if content[:1] == b"{" else {}, dict(error.headers))


def encoded(picture: np.ndarray, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind)
    return file.getvalue()


def seven(side: int = 28) -> bytes:
    """Return a seven as a PNG file: in MNIST's layout, or larger, dark on light."""
    picture = ink.normalize(template_digits.strokes(7))
    return encoded(picture if side == 28 else np.kron(255 - picture, np.ones((side // 28,) * 2, np.uint8)))


def form(content: bytes, field: str = 'name="file"; filename="seven.png"') -> bytes:
    return f"--XX\r\nContent-Disposition: form-data; {field}\r\n\r\n".encode() + content + b"\r\n--XX--\r\n"


def strokes(*of: list) -> bytes:
    return json.dumps({"strokes": of}).encode()


SEVEN = strokes([[10, 10], [50, 10], [25, 80]])
PAGE = clean_pages.encoded(clean_pages.draw_page("20 6\n8"))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (seven(), PNG),
        (seven(280), PNG),
        (seven(), {"Content-Type": "application/octet-stream"}),
        (seven(), {"Content-Type": "application/x-www-form-urlencoded"}),  # as curl --data-binary says
        (form(seven()), FORM),
        (SEVEN, JSON),
    ],
)
def test_a_digit_is_answered_however_it_is_sent(address, body, headers):
    status, answer, _ = ask(address, "/classify", body, headers)
    assert status == 200
    assert answer.keys() == {"digit", "confidence", "probabilities", "is_sure", "doubt", "milliseconds"}
    assert (answer["digit"], answer["is_sure"], answer["doubt"]) == (7, True, None)
    assert answer["confidence"] == max(answer["probabilities"]) == answer["probabilities"][7]
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-6)


def test_a_page_is_read_as_the_command_line_reads_it(address):
    status, answer, _ = ask(address, "/read", PAGE, PNG)
    assert status == 200
    (page,) = answer["pages"]
    assert (page["number"], page["lines"]) == ("20 6\n8", [["20", "6"], ["8"]])
    assert [digit["digit"] for digit in page["digits"]] == [2, 0, 6, 8]
    for digit in page["digits"]:
        left, top, right, bottom = digit["box"]
        assert 0 <= left < right <= page["width"]
        assert 0 <= top < bottom <= page["height"]


def test_the_model_is_described_and_the_documents_are_whole_without_a_network(address):
    assert (
        ask(address, "/model").body["sha256"] == json.loads(loading.SHIPPED.with_suffix(".json").read_text())["sha256"]
    )
    document = ask(address, "/openapi.json").body
    assert {"/classify", "/read", "/model", "/health"} == document["paths"].keys()
    assert {"Classification", "Reading", "Model", "Problem"} <= document["components"]["schemas"].keys()
    with urllib.request.urlopen(f"{address}/docs") as page:
        html = page.read().decode()
    assert "://" not in html
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"swagger/{name}" in html
        assert urllib.request.urlopen(f"{address}/swagger/{name}").status == 200


HUGE = encoded(np.zeros((8000, 8000), bool))
PROBLEMS = {
    "nothing": (400, b"", PNG, "empty"),
    "JSON that is cut off": (400, SEVEN[:-3], JSON, "JSON"),
    "JSON nested without end": (400, b"[" * 100_000, JSON, "JSON"),
    "form without a file": (400, form(b"7", 'name="file"'), FORM, "no file"),
    "form that is cut off": (400, form(seven())[:40], FORM, ""),
    "form of many files": (400, form(seven())[:-8] * 3 + b"\r\n--XX--\r\n", FORM, "files"),
    "too many bytes": (413, bytes(uploads.MAX_BYTES + 1), PNG, "scale it down"),
    "too many pixels": (413, HUGE, PNG, "scale it down"),
    "another type": (415, seven(), {"Content-Type": "text/html"}, "text/html"),
    "text for a picture": (415, b"a shopping list", PNG, "not an image"),
    "paper without ink": (422, encoded(np.full((90, 90), 255, np.uint8)), PNG, "looks blank"),
    "a picture that is cut off": (422, seven(280)[:200], PNG, "damaged"),
    "several digits": (422, PAGE, PNG, "4 digits"),
    "no strokes": (422, strokes(), JSON, "strokes"),
    "a dot": (422, strokes([[1, 1]]), JSON, "dot"),
    "a drawing too small for numbers": (422, strokes([[0, 0], [0, 1e-320], [1e-320, 0]]), JSON, "dot"),
    "strokes without end": (422, b'{"strokes": [[[0, 0], [5, 1e999]]]}', JSON, "finite"),
    "strokes out of reach": (422, strokes([[0, 0], [1e9, 0]]), JSON, "strokes"),
    "points of three": (422, strokes([[0, 0, 0], [5, 5, 5]]), JSON, "strokes"),
    "too many points": (422, strokes(*[[[0, 0], [5, 5]] * 1500] * 2), JSON, "5,000 points"),
    "a scribble without end": (422, strokes([[0, 0], [5, 5]] * 400), JSON, "times as long"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_wrong_is_said_in_one_sentence(address, name):
    status, body, headers, words = PROBLEMS[name]
    reply = ask(address, "/classify", body, headers)
    assert reply.status == status
    assert words in reply.body["error"]
    assert "\n" not in reply.body["error"]
    assert len(reply.body["error"]) < 400


def test_strokes_are_not_read_as_a_page(address):
    assert ask(address, "/read", SEVEN, JSON).status == 415


@contextmanager
def posting(address: str, *headers: str) -> Iterator[socket.socket]:
    """Connect and send the head of a request."""
    head = ["POST /classify HTTP/1.1", "Host: localhost", "Content-Type: image/png", *headers]
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), served.PATIENCE) as client:
        client.sendall("".join(f"{line}\r\n" for line in [*head, ""]).encode())
        yield client


@pytest.mark.parametrize("end", [b"0\r\n\r\n", b""])
def test_a_body_without_a_length_is_kept_up_to_the_limit(address, monkeypatch, end):
    monkeypatch.setattr(uploads, "MAX_BYTES", 1000)
    monkeypatch.setattr(uploads, "MAX_DISCARDED", 50_000 if end else 5000)
    with posting(address, "Transfer-Encoding: chunked") as client:
        client.sendall((b"3e8\r\n" + bytes(1000) + b"\r\n") * 10 + end)
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_a_body_that_does_not_arrive_is_given_up(address, monkeypatch):
    monkeypatch.setattr(uploads, "SECONDS", 0.1)
    with posting(address, "Content-Length: 9") as client:
        assert client.recv(100).startswith(b"HTTP/1.1 408")


def test_a_key_is_asked_for_where_one_is_set(serve):
    address = serve(loading.load, settings=Settings(key="open sesame"))
    for headers in ({}, {"Authorization": "Bearer open"}, {"Authorization": "Basic open sesame"}):
        reply = ask(address, "/classify", seven(), PNG | headers)
        assert reply.status == 401
        assert "key" in reply.body["error"]
    assert ask(address, "/classify", seven(), PNG | {"Authorization": "Bearer open sesame"}).body["digit"] == 7
    assert ask(address, "/model").status == 401
    assert ask(address, "/health").status == 200
    assert "HTTPBearer" in ask(address, "/openapi.json").body["components"]["securitySchemes"]


def test_a_key_cannot_be_guessed_faster_than_other_requests_are_made(serve):
    address = serve(loading.load, settings=Settings(key="open sesame", requests_a_minute=2, is_hosted=True))
    guesses = [{"Authorization": f"Bearer {number}"} for number in range(3)]
    assert [ask(address, "/model", headers=headers).status for headers in guesses] == [401, 401, 429]


def test_other_computers_have_a_limit_and_this_one_has_none_unless_hosted(serve):
    settings = Settings(requests_a_minute=2)
    for is_hosted, headers, statuses in (
        (False, {}, [200] * 4),
        (False, {"X-Forwarded-For": "203.0.113.9"}, [200, 200, 429, 429]),
        (True, {}, [200, 200, 429, 429]),
    ):
        address = serve(loading.load, settings=settings._replace(is_hosted=is_hosted))
        replies = [ask(address, "/classify", seven(), PNG | headers) for _ in range(4)]
        assert [reply.status for reply in replies] == statuses
        if 429 in statuses:
            assert 1 <= int(replies[-1].headers["retry-after"]) <= 30
            assert "2 times in a minute" in replies[-1].body["error"]


def test_names_of_other_hosts_are_refused(serve):
    address = serve(loading.load, ["localhost", "127.0.0.1"])
    assert ask(address, "/health").status == 200
    assert ask(address, "/health", headers={"Host": "evil.example"}).status == 400


def test_a_model_that_cannot_be_used_is_status_503_until_it_can(serve):
    models = iter([UserError("The model is missing."), UserError("The model is missing."), loading.load()])

    def load():
        if isinstance(model := next(models), UserError):
            raise model
        return model

    address = serve(load)
    for path in ("/health", "/model"):
        assert ask(address, path)[:2] == (503, {"error": "The model is missing."})
    assert ask(address, "/health").body == {"status": "ok"}


def test_what_the_workers_cannot_begin_soon_is_refused_and_the_rest_answered_meanwhile(serve):
    begun, released = threading.Semaphore(0), threading.Event()

    class Slow(loading.LoadedModel):
        def classify(self, picture):
            begun.release()
            released.wait()
            return super().classify(picture)

    model = loading.load()
    slow = Slow(loading.SHIPPED.with_suffix(".tflite"), model.card)
    address = serve(lambda: slow, workers=Workers(num_threads=3, most=3))
    with ThreadPoolExecutor() as clients:
        waiting = [clients.submit(ask, address, "/classify", seven(), PNG) for _ in range(3)]
        for _ in waiting:
            begun.acquire()
        refused = ask(address, "/classify", seven(), PNG)
        assert refused.status == 429
        assert refused.headers["retry-after"] == "1"
        assert "too busy" in refused.body["error"]
        assert ask(address, "/health").status == 200
        released.set()
        assert [client.result().body["digit"] for client in waiting] == [7, 7, 7]
    assert ask(address, "/classify", seven(), PNG).status == 200
