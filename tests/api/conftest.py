"""A server of the API alone, in a thread, for tests that choose its model, its limits and its key."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
import uvicorn

from benchmarks.support.screens import wait_until
from benchmarks.support.served import PATIENCE, free_port
from digits.api import server
from digits.models import loading


@contextmanager
def serving(*arguments, **options) -> Iterator[str]:
    """Serve an API made with these arguments of `create`; yield its address."""
    port = free_port()
    running = uvicorn.Server(uvicorn.Config(server.create(*arguments, **options), port=port, log_level="critical"))
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        wait_until(lambda: running.started or not thread.is_alive(), PATIENCE)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.should_exit = True
        thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    with ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(serving(*arguments, **options))


@pytest.fixture(scope="package")
def address() -> Iterator[str]:
    """The address of a server with the shipped model and no limits but the usual ones."""
    with serving(loading.load) as address:
        yield address
