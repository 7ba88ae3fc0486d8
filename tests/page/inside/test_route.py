"""The route of Look inside: answers those whose visit has a key, within limits."""

import asyncio
import json

import pytest

from digits.drawing.pad_content import UNREADABLE
from digits.models import loading
from digits.models.inside import network
from digits.page.inside import route
from digits.page.inside.viewers import Viewers

DASH = b'{"version": 3, "columns": 28, "strokes": [[[5, 5], [20, 5]]]}'


@pytest.fixture(scope="module")
def model():
    return network.load(loading.SHIPPED, loading.load())


@pytest.fixture
def viewers():
    return Viewers(most=2)


class Client:
    """Sends requests to the route in this process."""

    def __init__(self, app):
        self._app = app

    def post(self, key, content, method="POST", host="testserver"):
        """Return status, headers and JSON (None for other content) of the answer."""
        return asyncio.run(self.ask(key, content, method, host))

    async def ask(self, key, content, method="POST", host="testserver"):
        sent = []

        async def receive():
            return {"type": "http.request", "body": content}

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": method, "path": f"/{key}", "query_string": b""}
        await self._app({**scope, "headers": [(b"host", host.encode())]}, receive, send)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], headers, json.loads(body) if body.startswith(b"{") else None


@pytest.fixture
def client(viewers):
    return Client(route.create(["testserver"], viewers))


def test_a_visitor_is_answered_by_the_network_of_the_visit(client, viewers, model):
    status, _, reply = client.post(viewers.admit(None, model), DASH)
    assert (status, reply["version"]) == (200, 3)
    assert len(reply["stages"]) == len(model.stages) - 1


def test_a_key_is_not_guessed_and_the_earliest_is_forgotten(client, viewers, model):
    first, *others = (viewers.admit(None, model) for _ in range(3))
    assert len({first, *others}) == 3
    assert min(map(len, others)) >= 20
    for key in (first, "", "x", others[0][:-1]):
        assert client.post(key, DASH)[0] == 404, key
    assert all(client.post(key, DASH)[0] == 200 for key in others)


def test_a_key_stands_for_the_network_it_was_last_given(viewers, model):
    key = viewers.admit(None, model)
    assert viewers.admit(key, another := object()) == key
    assert viewers.network_of(key) is another


def test_what_is_sent_is_limited_and_checked(client, viewers, model):
    key = viewers.admit(None, model)
    status, _, reply = client.post(key, b" " * (route.MOST_BYTES + 1))
    assert (status, reply["error"]) == (413, route.TOO_LONG)
    for content in (b"{", b"\xff", b"[" * 100_000, b"9" * 10_000, b"null"):
        assert client.post(key, content)[2]["error"] == UNREADABLE
    assert client.post(key, DASH, method="GET")[0] == 405
    assert client.post(key, DASH, host="evil.example")[0] == 400


def test_beyond_what_the_server_can_take_one_is_told_to_come_again(client, viewers, model, monkeypatch):
    monkeypatch.setattr(route, "MOST_WAITING", 0)
    status, headers, reply = client.post(viewers.admit(None, model), DASH)
    assert (status, headers["retry-after"], reply["error"]) == (503, "1", route.TOO_MANY)


def test_no_more_are_answered_at_once_than_there_are_cores(client, viewers, model, monkeypatch):
    running = most = 0

    async def slow(*_):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return {}

    async def ask_often(key):
        return await asyncio.gather(*(client.ask(key, DASH) for _ in range(3 * route.CORES + 3)))

    monkeypatch.setattr(route.asyncio, "to_thread", slow)
    answers = asyncio.run(ask_often(viewers.admit(None, model)))
    assert {status for status, *_ in answers} == {200}
    assert most == route.CORES
