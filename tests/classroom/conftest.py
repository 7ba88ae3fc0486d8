"""A class with the shipped model, on this computer alone."""

import pytest

from digits.classroom.host import ClassHost
from digits.classroom.room import Room
from digits.models import loading


@pytest.fixture(scope="session")
def model():
    return loading.load()


@pytest.fixture
def room(model):
    return Room(model)


@pytest.fixture
def host():
    """A host without a class, which is closed in the end."""
    host = ClassHost(ports=(0,), find_addresses=lambda: ["127.0.0.1", "192.0.2.7"])
    yield host
    host.close()


@pytest.fixture
def opened(host, model):
    return host.open(model)
