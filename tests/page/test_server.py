"""The page's server as a program meets it that is no browser: whom it talks to, and what it takes."""

import asyncio
import urllib.error
from contextlib import asynccontextmanager

import pytest
import websockets

from benchmarks.page.visitors import Visitor
from benchmarks.support import served
from benchmarks.support.served import running_page

MEGABYTE = 2**20


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_page(served.own_environment(tmp_path_factory.mktemp("server"))) as server:
        yield server


async def knock(server, **headers) -> int:
    """Ask for the page's connection with these headers; return the HTTP status of the answer."""
    address = server.address.replace("http", "ws", 1) + "_stcore/stream"
    try:
        async with websockets.connect(address, additional_headers=headers):
            return 101
    except websockets.InvalidStatus as refusal:
        return refusal.response.status_code


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 101),
        ({"Host": "localhost:8501", "Origin": "http://localhost:8501"}, 101),
        ({"Host": "evil.example:8501", "Origin": "http://evil.example:8501"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
    ],
)
def test_only_pages_of_this_computer_are_connected(server, headers, status):
    assert asyncio.run(knock(server, **headers)) == status


@asynccontextmanager
async def visitor_in_images(server):
    async with Visitor(server.address, "visitor") as visitor:
        await visitor.open_tab("Images")
        yield visitor


def test_a_file_that_is_too_large_is_refused(server):
    async def upload():
        async with visitor_in_images(server) as visitor:
            await visitor.upload("large.png", bytes(26 * MEGABYTE))

    with pytest.raises(urllib.error.HTTPError) as refusal:
        asyncio.run(upload())
    assert refusal.value.code == 413
