"""The page's server as a program meets it that is no browser: whom it talks to, and what it takes."""

import urllib.error
import urllib.request
from http.client import HTTPConnection

import pytest

from benchmarks.page.visitors import Visitor
from benchmarks.support import served
from benchmarks.support.served import running_page
from tests.support.processes import run_async


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_page(served.own_environment(tmp_path_factory.mktemp("server"))) as server:
        yield server


def knock(server, **headers) -> int:
    """Ask for the page's connection with these headers; return the HTTP status of the answer."""
    asked = {"Host": f"127.0.0.1:{server.port}", "Connection": "Upgrade", "Upgrade": "websocket", **headers}
    asked |= {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version": "13"}
    connection = HTTPConnection("127.0.0.1", server.port, timeout=served.PATIENCE)
    connection.putrequest("GET", "/_stcore/stream", skip_host=True)
    for name, value in asked.items():
        connection.putheader(name, value)
    connection.endheaders()
    try:
        return connection.getresponse().status
    finally:
        connection.close()


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
    assert knock(server, **headers) == status


def test_a_hosted_page_is_called_by_any_name(tmp_path):
    with running_page(served.own_environment(tmp_path), script="hosted/streamlit_app.py") as hosted:
        assert knock(hosted, Host="page.example", Origin="https://page.example") == 101


def test_a_file_that_is_too_large_is_refused(server):
    async def upload():
        async with Visitor(server.address, "visitor") as visitor:
            await visitor.open_tab("Images")
            await visitor.upload("large.png", bytes(26 * 2**20))

    with pytest.raises(urllib.error.URLError, match=r"413|reset|Broken pipe"):  # or it stops listening at once
        run_async(upload())


@pytest.mark.parametrize("name", ["lesson-plan", "notebook"])
def test_the_documents_of_the_tab_learn_are_pages_of_their_own(server, name):
    with urllib.request.urlopen(f"{server.address}learn/{name}.html", timeout=served.PATIENCE) as document:
        assert document.headers["Content-Type"].startswith("text/html")
        assert "default-src 'none'" in document.headers["Content-Security-Policy"]
        assert b"<h1" in document.read()
    with pytest.raises(urllib.error.HTTPError, match=r"40[04]"):
        urllib.request.urlopen(f"{server.address}learn/..%2Fdocuments.py", timeout=served.PATIENCE)
