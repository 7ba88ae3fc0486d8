"""The host of a class: opens its server for the pupils' network, says where it is, and closes it.

The server runs in a thread of the page's process and not in a child: the model is loaded there, a class of forty takes
little of a core (`python -m benchmarks.classroom.full_class`), and it ends with the page however that ends. The port is
open from `open` to `close` and at no other time.
"""

import asyncio
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import uvicorn

from digits.classroom import styles
from digits.classroom.room import Room
from digits.classroom.server import Classroom
from digits.drawing import ink
from digits.recognition.classifier import Recognizer
from digits.system.addresses import network_addresses
from digits.system.files import UserError

PORTS = (8080, 8000, 8888, 0)  # tried in this order; 0 is any that is free
CLOSING_SECONDS = 5.0  # that the server may take to close
STARTING_SECONDS = 10.0
MOST_CONNECTIONS = 400
NO_NETWORK = (
    "This computer is in no network, so no phone can reach it. Connect it to the network of the pupils' phones, and "
    "open the class again."
)


class OpenClass(NamedTuple):
    """A class that is open: its room, and the addresses of the server without the code, the likeliest first."""

    room: Room
    addresses: list[str]
    port: int

    @property
    def join_addresses(self) -> list[str]:
        """The addresses that pupils open."""
        return [f"{address}/{self.room.code}" for address in self.addresses]

    @property
    def wall_address(self) -> str:
        """The address that opens the wall at this computer."""
        return f"http://localhost:{self.port}/wall?key={self.room.key}"


class ClassHost:
    """At most one class at a time; callable from any thread."""

    def __init__(self, ports: Sequence[int] = PORTS, find_addresses: Callable[[], list[str]] = network_addresses):
        self._ports = ports
        self._find_addresses = find_addresses
        self._lock = threading.Lock()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._open: OpenClass | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # the thread's, in which the room lives

    def current(self) -> OpenClass | None:
        """Return the class that is open."""
        thread = self._thread
        return self._open if thread is not None and thread.is_alive() and not self._is_closing() else None

    def open(self, classifier: Recognizer) -> OpenClass:
        """Open a class, or return the one that is open; raises UserError where no phone could reach it."""
        with self._lock:
            if (found := self.current()) is not None:
                return found
            self._join()
            addresses = self._find_addresses()
            if not addresses:
                raise UserError(NO_NETWORK)
            styles.count_loops(np.zeros((ink.SIZE, ink.SIZE), np.uint8))  # so that no pupil waits for SciPy's import
            listener = self._listen()
            port = listener.getsockname()[1]
            urls = [f"http://{address}:{port}" for address in addresses]
            room = Room(classifier)
            server = uvicorn.Server(_configuration(Classroom(room, urls[0], self._ask_to_close)))
            self._server, self._open = server, OpenClass(room, urls, port)
            serve = self._serve(server, listener)
            self._thread = threading.Thread(target=asyncio.run, args=(serve,), name="class", daemon=True)
            self._thread.start()
            _wait_until(lambda: server.started)
            return self._open

    def close(self) -> None:
        """End the class: its port is closed, and what was drawn is forgotten."""
        with self._lock:
            if self.current() is not None and self._loop is not None:
                self._loop.call_soon_threadsafe(self._ask_to_close)
            self._join()

    async def _serve(self, server: uvicorn.Server, listener: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        await server.serve([listener])

    def _ask_to_close(self) -> None:
        if self._server is not None and self._open is not None:
            self._open.room.end()
            self._server.should_exit = True

    def _is_closing(self) -> bool:
        return self._server is None or self._server.should_exit

    def _join(self) -> None:
        if self._thread is not None:
            self._thread.join(CLOSING_SECONDS)
        self._thread = self._server = self._open = None

    def _listen(self) -> socket.socket:
        for port in self._ports:
            listener = socket.socket()
            if sys.platform != "win32":  # there it would share a port that is taken
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("0.0.0.0", port))
                listener.listen(128)
            except OSError:
                listener.close()
            else:
                return listener
        raise UserError("No port is free for a class on this computer; end another program that serves one.")


def _configuration(classroom: Classroom) -> uvicorn.Config:
    return uvicorn.Config(
        classroom.app(),
        access_log=False,
        lifespan="off",
        limit_concurrency=MOST_CONNECTIONS,
        log_config=None,
        proxy_headers=False,  # pupils come directly; what they say of themselves is not believed
        server_header=False,
        timeout_graceful_shutdown=2,
        ws="none",
    )


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise UserError("The class could not be opened in time; try again.")
        time.sleep(0.005)
