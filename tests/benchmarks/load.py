# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A load generator for HTTP: the same request again and again, over some connections at a time.

It runs in one thread, on a core of its own where there are two, and opens a connection again that
the server has closed.
"""

from __future__ import annotations

import dataclasses
import selectors
import socket
import time


@dataclasses.dataclass(frozen=True)
class Load:
    """What a server did under load.

    Args:
        rate: requests that were answered in a second.
        median: seconds that half of them took at most.
        p99: seconds that 99 of 100 took at most.
    """

    rate: float
    median: float
    p99: float


class _Client:
    """One connection with one request under way."""

    def __init__(self, port: int, request: bytes) -> None:
        self._port = port
        self._request = request
        self._connect()

    def _connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self._port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self) -> None:
        """Send the request."""
        self._answer = b""
        self.began = time.perf_counter()
        self.socket.sendall(self._request)

    def receive(self) -> bytes | None:
        """Take what has come; return the answer once it is whole."""
        chunk = self.socket.recv(262144)
        self._answer += chunk
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not end:
            return None
        length = _length(head)
        if length is None:  # the server closes the connection at the answer's end
            return self._answer if not chunk else None
        return self._answer if len(body) >= length else None

    def reopened(self) -> bool:
        """Open the connection again if the server closes it; return whether it did."""
        if _length(self._answer.partition(b"\r\n\r\n")[0]) is not None:
            return False
        self.socket.close()
        self._connect()
        return True


def run(port: int, request: bytes, *, connections: int, seconds: float) -> Load:
    """Send a request over and over for some seconds.

    Raises:
        RuntimeError: if an answer is another than 200.
    """
    times: list[float] = []
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            client = _Client(port, request)
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.send()
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            for key, _ in selector.select(1):
                _take(selector, key.data, times)
        elapsed = time.perf_counter() - began
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    times.sort()
    return Load(len(times) / elapsed, times[len(times) // 2], times[int(len(times) * 0.99)])


def _take(selector: selectors.BaseSelector, client: _Client, times: list[float]) -> None:
    before = client.socket
    answer = client.receive()
    if answer is None:
        return
    times.append(time.perf_counter() - client.began)
    if b" 200 " not in answer[:16]:
        raise RuntimeError(answer[:200].decode(errors="replace"))
    # Closed sockets leave the selector by themselves, but not its map.
    fileno = before.fileno()
    if client.reopened():
        selector.unregister(fileno)
        selector.register(client.socket, selectors.EVENT_READ, client)
    client.send()


def _length(head: bytes) -> int | None:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return None
