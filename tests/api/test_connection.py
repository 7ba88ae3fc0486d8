"""Connections: an answer goes out at once, also over the sockets that Streamlit opens."""

import socket
import threading
import urllib.request

import pytest
import uvicorn

from benchmarks.support.served import PATIENCE
from digits.api.connection import send_undelayed


@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_the_socket_of_a_request_does_not_wait_for_acknowledgements(http):
    options = []

    async def application(scope, receive, send):
        connection = receive.__self__.transport.get_extra_info("socket")
        for act in (lambda: None, lambda: send_undelayed(receive)):
            act()
            options.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    with socket.socket() as listening:  # as Streamlit makes it, without naming TCP
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(application, http=http, lifespan="off", log_level="critical"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        urllib.request.urlopen(f"http://127.0.0.1:{listening.getsockname()[1]}/", timeout=PATIENCE).close()
        server.should_exit = True
        thread.join()
    assert options[0] == 0
    assert options[1] != 0
