"""A client of a server on this computer that does as little as it can: the server's time is what is measured."""

import asyncio
from collections.abc import AsyncIterator, Mapping


class HttpClient:
    """One connection that stays open."""

    def __init__(self, port: int):
        self._port = port

    async def __aenter__(self):
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *how: object) -> None:
        self._writer.close()

    async def request(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json", headers: Mapping[str, str] = {}
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of the answer to a request; kind: of its body."""
        await self._send(method, path, body, {"Content-Type": kind, **headers})
        status, received = await self._head()
        return status, received, await self._reader.readexactly(int(received.get("content-length", 0)))

    async def events(self, path: str, headers: Mapping[str, str] = {}) -> AsyncIterator[str]:
        """Yield the data of server-sent events until there are no more."""
        await self._send("GET", path, b"", headers)
        status, _ = await self._head()
        if status != 200:
            raise ValueError(f"status {status} for {path}")
        while line := await self._reader.readline():
            if line.startswith(b"data: "):
                yield line.decode().removeprefix("data: ")

    async def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        own = {"Host": "127.0.0.1", "Content-Length": str(len(body))}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**own, **headers}.items())]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await self._writer.drain()

    async def _head(self) -> tuple[int, dict[str, str]]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        return int(head[0].split()[1]), headers
