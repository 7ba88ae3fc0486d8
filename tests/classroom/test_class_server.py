"""The class as its pupils' phones, its teacher and strangers meet it: over HTTP, from its opening to its end."""

import json
import socket
import threading
import urllib.error
import urllib.request
from http.cookies import SimpleCookie
from typing import NamedTuple

import pytest

from benchmarks.support.served import PATIENCE
from digits.classroom import server
from digits.classroom.host import NO_NETWORK, ClassHost
from digits.system.files import UserError
from tests.classroom.test_room import ONE, SEVEN, payload

WALL = ("", "/events", "/ask", "/hide", "/remove", "/end", "/class.zip", "/qr.png")
ORDERS = ("/ask", "/hide", "/remove", "/end")


class Reply(NamedTuple):
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> dict:
        return json.loads(self.body)


class Unfollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


class Client:
    """Asks the class from this computer."""

    def __init__(self, opened):
        self.opened = opened
        self.cookie = {}
        self._opener = urllib.request.build_opener(Unfollowed)

    def ask(self, path, body=None, headers=None) -> Reply:
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.opened.port}{path}", content, headers or self.cookie)
        try:
            with self._opener.open(request, timeout=PATIENCE) as reply:
                return Reply(reply.status, reply.read(), {name.lower(): value for name, value in reply.headers.items()})
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.read(), {name.lower(): value for name, value in error.headers.items()})

    def join(self, name="Ada") -> str:
        return self.pupil("join", {"name": name}).json["token"]

    def pupil(self, what, body) -> Reply:
        return self.ask(f"/{self.opened.room.code}/{what}", body)

    def become_teacher(self):
        found = SimpleCookie(self.ask(f"/wall?key={self.opened.room.key}").headers["set-cookie"])
        self.cookie = {"Cookie": f"{server.COOKIE}={found[server.COOKIE].value}"}
        return self


@pytest.fixture
def client(opened):
    return Client(opened)


@pytest.fixture
def teacher(opened):
    return Client(opened).become_teacher()


def is_open(port) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def read_events(client, path, count) -> list[dict]:
    """Return the first events of a stream."""
    request = urllib.request.Request(f"http://127.0.0.1:{client.opened.port}{path}", headers=client.cookie)
    with urllib.request.urlopen(request, timeout=PATIENCE) as stream:
        lines = (line for line in stream if line.startswith(b"data: "))
        return [json.loads(next(lines)[6:]) for _ in range(count)]


def test_the_port_is_open_from_the_opening_to_the_end_and_at_no_other_time(host, model):
    assert host.current() is None
    opened = host.open(model)
    assert host.open(model) is opened  # one class at a time
    assert is_open(opened.port)
    host.close()
    assert host.current() is None
    assert not is_open(opened.port)
    again = host.open(model)
    assert again.room.code != opened.room.code
    assert again.room.pupils() == []


def test_a_port_that_is_taken_is_passed_over(model):
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        host = ClassHost((taken.getsockname()[1], 0), lambda: ["127.0.0.1"])
        try:
            assert host.open(model).port != taken.getsockname()[1]
        finally:
            host.close()


def test_without_a_network_no_class_is_opened(model):
    host = ClassHost((0,), list)
    with pytest.raises(UserError, match="in no network"):
        host.open(model)
    assert host.current() is None
    assert "Connect it" in NO_NETWORK


def test_addresses_are_those_of_the_network_with_the_code_and_the_wall_is_at_this_computer(opened):
    code = opened.room.code
    assert opened.join_addresses == [f"http://{each}:{opened.port}/{code}" for each in ("127.0.0.1", "192.0.2.7")]
    assert opened.wall_address.startswith(f"http://localhost:{opened.port}/wall?key=")


def test_a_pupil_joins_draws_and_is_answered(client):
    assert b'id="code"' in client.ask("/").body
    page = client.ask(f"/{client.opened.room.code.lower()}")
    assert (page.status, b"<canvas" in page.body) == (200, True)
    token = client.join()
    reply = client.pupil("draw", {"token": token, **payload(SEVEN)})
    assert (reply.status, reply.json["text"]) == (200, "7")
    refused = client.pupil("draw", {"token": token, **payload("no")})
    assert (refused.status, "cannot be read" in refused.json["error"]) == (422, True)
    assert client.pupil("join", {"name": "<script>"}).status == 422


def test_without_the_code_nothing_is_there_and_guessing_is_slowed_down(client):
    token = client.join()
    for path, body in [("/AAAAA", None), ("/AAAAA/join", {}), ("/AAAAA/draw", {"token": token, **payload()})]:
        assert client.ask(path, body).status == 404
    assert b"There is no class with this code" in client.ask("/WRONG").body
    statuses = [client.ask(f"/AAAA{letter}").status for letter in "BCDEFGHIJKLMNOPQRSTU"]
    assert statuses[-1] == 429
    assert client.pupil("draw", {"token": token, **payload()}).status == 200


def test_a_token_of_nobody_draws_nothing(client):
    for token in ("", "x", None, 1, client.opened.room.key):
        assert client.pupil("draw", {"token": token, **payload()}).status == 403
    assert client.ask(f"/{client.opened.room.code}/events?token=x").status == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 400), (b"[" * 100_000, 400), (b'{"a": "' + b"a" * 200_001 + b'"}', 413), (b"\xff", 400)],
)
def test_what_is_no_request_gets_a_status_and_a_sentence(client, body, status):
    reply = client.pupil("draw", body)
    assert reply.status == status
    assert reply.json["error"].endswith(".")


@pytest.mark.parametrize("path", WALL)
def test_the_wall_is_closed_to_all_without_the_teachers_key(client, path):
    body = {} if path in ORDERS else None
    wrong = {"Cookie": f"{server.COOKIE}=wrong"}
    from_elsewhere = {"Cookie": f"{server.COOKIE}={client.opened.room.key}", "X-Forwarded-For": "203.0.113.9"}
    foreign = {"Cookie": f"{server.COOKIE}={client.opened.room.key}", "Origin": "http://evil.example"}
    for headers in ({}, wrong, from_elsewhere, foreign):
        assert client.ask(f"/wall{path}", body, headers).status == 403
    assert client.ask("/wall?key=wrong").status == 403
    assert not client.opened.room.is_over


def test_the_key_is_not_left_in_the_address_of_the_wall(client):
    reply = client.ask(f"/wall?key={client.opened.room.key}")
    assert (reply.status, reply.headers["location"]) == (303, "/wall")
    assert "HttpOnly" in reply.headers["set-cookie"]
    assert "samesite=strict" in reply.headers["set-cookie"].lower()


def test_the_wall_shows_what_is_drawn_and_pupils_what_is_asked_for(teacher):
    token = teacher.join()
    assert teacher.ask("/wall/ask", {"label": "7"}).status == 200
    teacher.pupil("draw", {"token": token, **payload(SEVEN)})
    (event,) = read_events(teacher, "/wall/events", 1)
    assert (event["asked"], event["changed"][0]["text"]) == ("7", "7")
    assert {"title": "Bar", "counts": [["with a bar", 1]]} in event["tally"]
    (told,) = read_events(teacher, f"/{teacher.opened.room.code}/events?token={token}", 1)
    assert told == {"asked": "7", "name": "Ada", "is_over": False, "is_in": True}
    assert teacher.ask("/wall/ask", {"label": "77"}).status == 422
    assert teacher.ask("/wall/qr.png").body[:4] == b"\x89PNG"


def test_a_stream_tells_of_what_comes_later(teacher):
    token, events = teacher.join(), []
    listening = threading.Event()
    path = f"http://127.0.0.1:{teacher.opened.port}/wall/events"

    def listen():
        with urllib.request.urlopen(urllib.request.Request(path, headers=teacher.cookie), timeout=PATIENCE) as stream:
            for line in stream:
                if line.startswith(b"data: "):
                    events.append(json.loads(line[6:]))
                    listening.set()

    wall = threading.Thread(target=listen)
    wall.start()
    assert listening.wait(PATIENCE)
    teacher.pupil("draw", {"token": token, **payload(ONE)})
    teacher.ask("/wall/end", {})
    wall.join(PATIENCE)
    assert not wall.is_alive()
    assert events[-1]["is_over"]


def test_hidden_drawings_are_sent_to_nobody_and_can_be_shown_again(teacher):
    token = teacher.join("Rude")
    teacher.pupil("draw", {"token": token, **payload(SEVEN)})
    teacher.ask("/wall/hide", {"number": 1, "is_hidden": True})
    assert read_events(teacher, "/wall/events", 1)[0]["changed"] == [{"number": 1, "is_hidden": True}]
    assert b"Rude" not in teacher.ask("/wall/class.zip").body
    teacher.ask("/wall/hide", {"number": 1, "is_hidden": False})
    assert read_events(teacher, "/wall/events", 1)[0]["changed"][0]["name"] == "Rude"
    teacher.ask("/wall/remove", {"number": 1})
    assert teacher.pupil("draw", {"token": token, **payload()}).status == 403


def test_one_pupil_has_few_streams(client):
    token, path = client.join(), f"/{client.opened.room.code}/events?token="
    streams = [urllib.request.urlopen(f"http://127.0.0.1:{client.opened.port}{path}{token}") for _ in range(3)]
    for stream in streams:
        stream.readline()
    assert client.ask(path + token).status == 429
    for stream in streams:
        stream.close()


def test_the_teacher_ends_the_class_and_nothing_is_left(teacher, host):
    room, port = teacher.opened.room, teacher.opened.port
    teacher.join()
    assert teacher.ask("/wall/end", {}).status == 200
    host.close()  # waits
    assert (host.current(), room.pupils(), is_open(port)) == (None, [], False)


def test_answers_are_kept_by_no_cache_and_shown_in_no_other_page(client):
    for path in ("/", f"/{client.opened.room.code}", "/files/pupil.js", "/colours.css"):
        headers = client.ask(path).headers
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert client.ask("/files/../room.py").status == 404
    assert client.ask("/files/%2e%2e/%2e%2e/room.py").status == 404
