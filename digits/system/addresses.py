"""Network addresses: whether a request comes from a program on this computer.

A request is taken for a local one only if everything it says agrees: the address it came from, every address that a
proxy has noted, and the names in Host and Origin. The last two keep out a foreign web page that talks to this
computer through its visitor's browser (DNS rebinding).
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

ADDRESS_HEADERS = ("x-forwarded-for", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip")
NAME_HEADERS = ("host", "x-forwarded-host")
ELSEWHERE = "192.0.2.1"  # in no network of this computer's: set aside for documentation, RFC 5737
_WITH_PORT = re.compile(r"\[(?P<v6>.*)\](:\d+)?|(?P<v4>[\d.]+):\d+")  # [::1]:80 or 127.0.0.1:80


def is_local_request(peer: str | None, headers: Iterable[tuple[str, str]]) -> bool:
    """Tell whether a request was made on this computer.

    peer: the address that it came from; None stands for localhost. headers: names and values; Host must be among them.
    """
    given = [(name.lower(), value) for name, value in headers]
    addresses = [entry for name, value in given if name in ADDRESS_HEADERS for entry in value.split(",")]
    addresses += [entry for name, value in given if name == "forwarded" for entry in _forwarded_for(value)]
    names = [entry for name, value in given if name in NAME_HEADERS for entry in value.split(",")]
    origins = [value for name, value in given if name == "origin"]
    return (
        (peer is None or is_this_machine(peer))
        and all(is_this_machine(_without_port(address)) for address in addresses)
        and any(name == "host" for name, _ in given)
        and all(is_name_of_this_machine(_host_name(f"//{name.strip()}")) for name in names)
        and all(is_name_of_this_machine(_host_name(origin)) for origin in origins)
    )


def is_this_machine(address: str) -> bool:
    """Tell whether an IP address is one of this machine's own.

    A socket can be bound to the machine's own addresses and to no others.
    """
    try:
        parsed = ipaddress.ip_address(address)
        if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
            parsed = parsed.ipv4_mapped
        if parsed.is_loopback:
            return True
        if parsed.is_unspecified or parsed.is_multicast or parsed.is_reserved:
            return False  # a socket could be bound to these too
        family = socket.AF_INET6 if parsed.version == 6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(parsed), 0))
    except (OSError, ValueError):
        return False
    return True


def is_name_of_this_machine(name: str) -> bool:
    """Tell whether a host name or address in a URL means this machine: no other's name can be made to."""
    name = name.lower().removesuffix(".")
    own = socket.gethostname().lower()
    return name in ("localhost", own, f"{own}.local") or name.endswith(".localhost") or is_this_machine(name)


def network_addresses() -> list[str]:
    """Return the IPv4 addresses by which others in its networks reach this computer, the likeliest first."""
    found = [*_address_towards(ELSEWHERE), *_addresses_of_name()]
    parsed = [ipaddress.IPv4Address(address) for address in dict.fromkeys(found)]
    return [str(each) for each in parsed if not (each.is_loopback or each.is_unspecified or each.is_link_local)]


def _address_towards(address: str) -> list[str]:
    """Return which own address would be used to reach another one; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
        except OSError:
            return []
        return [probe.getsockname()[0]]


def _addresses_of_name() -> list[str]:
    try:
        return [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    except OSError:
        return []


def _forwarded_for(value: str) -> list[str]:
    """Return the clients that a Forwarded header (RFC 7239) names; "" for a hop that names none."""
    clients = (re.search(r'(?:^|;)\s*for="?([^";]+)', hop, re.IGNORECASE) for hop in value.split(","))
    return [client[1] if client else "" for client in clients]


def _without_port(address: str) -> str:
    found = _WITH_PORT.fullmatch(address.strip())
    return (found["v6"] or found["v4"]) if found else address.strip()


def _host_name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
