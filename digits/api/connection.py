"""Connections: what is sent over them goes out at once.

Head and body of an answer are two packets. On a connection that stays open the second waits until the client has
acknowledged the first, 40 ms (Nagle's algorithm and delayed acknowledgement), unless the socket has TCP_NODELAY.
asyncio sets it, but not for the sockets that Streamlit opens, and no setting of Streamlit's or Uvicorn's does.
"""

import socket

from starlette.types import Receive


def send_undelayed(receive: Receive) -> None:
    """Have the answer to a request go out at once, where the request came to Uvicorn; receive: of the request."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)  # Uvicorn's own
    connection = transport.get_extra_info("socket") if transport else None
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
