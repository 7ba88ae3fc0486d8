"""Which requests are taken for local ones: all that a request says must agree."""

import socket

import pytest

from digits.system.addresses import is_local_request, is_name_of_this_machine, is_this_machine, network_addresses

STRANGER = "203.0.113.9"  # set aside for documentation, RFC 5737
LOCAL = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.0.0.53", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        (STRANGER, False),
        (f"::ffff:{STRANGER}", False),
        ("2001:db8::1", False),  # set aside for documentation, RFC 3849
        ("0.0.0.0", False),
        ("::", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("unknown", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_which_addresses_are_this_machines(address, expected):
    assert is_this_machine(address) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("page.localhost", True),
        (socket.gethostname(), True),
        (f"{socket.gethostname()}.local", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost.example.com", False),
        ("notlocalhost", False),
        (STRANGER, False),
        ("", False),
    ],
)
def test_which_names_are_this_machines(name, expected):
    assert is_name_of_this_machine(name) is expected


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        (None, LOCAL),
        ("127.0.0.1", {"Host": "127.0.0.1"}),
        ("::1", {"Host": "[::1]:8501", "Origin": "http://[::1]:8501"}),
        ("::ffff:127.0.0.1", LOCAL),
        (None, LOCAL | {"X-Forwarded-For": "127.0.0.1, ::1, 127.0.0.1:4711, [::1]:4711"}),
        (None, LOCAL | {"X-Real-IP": "127.0.0.1", "Forwarded": 'proto=http; for=127.0.0.1, for="[::1]:4711"'}),
        (None, LOCAL | {"X-Forwarded-Host": "localhost:8501"}),
    ],
)
def test_requests_of_this_computer(peer, headers):
    assert is_local_request(peer, headers.items())


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        (STRANGER, LOCAL),
        ("", LOCAL),
        (STRANGER, LOCAL | {"X-Forwarded-For": "127.0.0.1"}),
        (None, LOCAL | {"X-Forwarded-For": f"127.0.0.1, {STRANGER}"}),
        (None, LOCAL | {"x-forwarded-for": f"{STRANGER}, 127.0.0.1"}),
        (None, LOCAL | {"X-Forwarded-For": "unknown"}),
        (None, LOCAL | {"X-Forwarded-For": ""}),
        (None, LOCAL | {"X-Real-IP": STRANGER}),
        (None, LOCAL | {"CF-Connecting-IP": STRANGER}),
        (None, LOCAL | {"Forwarded": f"for=127.0.0.1, for={STRANGER}"}),
        (None, LOCAL | {"Forwarded": "proto=http;by=127.0.0.1"}),
        (None, LOCAL | {"Forwarded": "for=_hidden"}),
        (None, {}),
        (None, LOCAL | {"Host": "evil.example:8501"}),
        (None, LOCAL | {"Host": ""}),
        (None, LOCAL | {"Host": "localhost]["}),
        (None, LOCAL | {"X-Forwarded-Host": "evil.example"}),
        (None, LOCAL | {"Origin": "http://evil.example"}),
        (None, LOCAL | {"Origin": "null"}),
        (None, LOCAL | {"Origin": "http://evil.example/localhost"}),
    ],
)
def test_requests_that_anything_says_are_foreign(peer, headers):
    assert not is_local_request(peer, headers.items())


def test_each_of_several_headers_of_a_name_counts():
    headers = [*LOCAL.items(), ("X-Forwarded-For", STRANGER), ("X-Forwarded-For", "127.0.0.1")]
    assert not is_local_request(None, headers)


def test_own_addresses_are_this_machines_and_reach_beyond_it():
    found = network_addresses()
    assert len(set(found)) == len(found)
    for address in found:
        assert is_this_machine(address)
        assert not address.startswith(("127.", "169.254."))


def test_without_a_network_there_are_none(monkeypatch):
    def unreachable(*args):
        raise OSError("Network is unreachable")

    class Unconnected(socket.socket):
        connect = unreachable

    monkeypatch.setattr(socket, "socket", Unconnected)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args: [(0, 0, 0, "", ("127.0.1.1", 0))])
    assert network_addresses() == []
    monkeypatch.setattr(socket, "getaddrinfo", unreachable)
    assert network_addresses() == []
