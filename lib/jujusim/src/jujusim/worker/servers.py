# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Servers that live as long as one hook."""

import base64
import contextlib
import hashlib
import http.server
import io
import pathlib
import socketserver
import sys
import threading
from collections.abc import Generator
from typing import Any

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _BINARY, _CLOSE = 1, 2, 8


class _Quiet(socketserver.ThreadingMixIn, socketserver.BaseServer):
    """Each connection has a thread, which is not waited for; one that breaks is no news."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone breaks its connection; anything else is a fault of ours."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Unix(_Quiet, socketserver.UnixStreamServer):
    request_queue_size = 64


class _Loopback(_Quiet, http.server.HTTPServer):
    request_queue_size = 64

    def server_bind(self) -> None:
        """Bind without looking the host's name up."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]


@contextlib.contextmanager
def unix(path: pathlib.Path, handler: type[socketserver.BaseRequestHandler]) -> Generator[None]:
    """Serve on a Unix socket within this context."""
    with _Unix(str(path), handler) as server, _serving(server):
        yield


@contextlib.contextmanager
def loopback(handler: type[http.server.BaseHTTPRequestHandler]) -> Generator[str]:
    """Serve on a free port of the loopback address within this context; yield the URL."""
    with _Loopback(("127.0.0.1", 0), handler) as server, _serving(server):
        yield f"http://127.0.0.1:{server.server_port}"


@contextlib.contextmanager
def _serving(server: socketserver.BaseServer) -> Generator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


class Handler(http.server.BaseHTTPRequestHandler):
    """An HTTP handler that says nothing on the terminal, and reads bodies of either kind."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def address_string(self) -> str:
        """Return the client; on a Unix socket it has no address."""
        return "client"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Write nothing: requests are noted elsewhere."""

    def body(self) -> bytes:
        """Return the request's body.

        Raises:
            ConnectionError: It ends too early.
        """
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        return self._exactly(int(self.headers.get("content-length", 0)))

    def reply(self, status: int, content_type: str, content: bytes) -> None:
        """Answer with a whole body."""
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def hang_up(self) -> None:
        """Close the connection instead of an answer."""
        self.close_connection = True

    def _chunks(self) -> Generator[bytes]:
        while size := int(self.rfile.readline().partition(b";")[0].strip() or b"0", 16):
            yield self._exactly(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            """Trailers are not looked at."""

    def _exactly(self, size: int) -> bytes:
        content = self.rfile.read(size)
        if len(content) < size:
            raise ConnectionError("the request ends too early")
        return content


def accept_websocket(handler: Handler) -> None:
    """Answer the opening handshake of a websocket (RFC 6455), as Pebble's exec needs it."""
    key = handler.headers.get("sec-websocket-key", "").encode()
    # The protocol asks for SHA-1; it protects nothing.
    digest = hashlib.sha1(key + _GUID, usedforsecurity=False).digest()
    handler.send_response(101)
    handler.send_header("upgrade", "websocket")
    handler.send_header("connection", "Upgrade")
    handler.send_header("sec-websocket-accept", base64.b64encode(digest).decode())
    handler.end_headers()
    handler.wfile.flush()


def send_message(handler: Handler, content: bytes, *, text: bool = False) -> None:
    """Send one message."""
    size = len(content)
    if size < 126:
        length = bytes([size])
    elif size < 65536:
        length = b"\x7e" + size.to_bytes(2, "big")
    else:
        length = b"\x7f" + size.to_bytes(8, "big")
    handler.wfile.write(bytes([0x80 | (_TEXT if text else _BINARY)]) + length + content)
    handler.wfile.flush()


def drain_websocket(handler: Handler) -> None:
    """Read what the client sends until it goes; nothing is done with it."""
    with contextlib.suppress(OSError):
        while _skip(handler.rfile):
            """One frame after another."""


def _skip(stream: io.BufferedIOBase) -> bool:
    """Read one frame; False when the client closes or has gone."""
    header = stream.read(2)
    if len(header) < 2:
        return False
    size = header[1] & 0x7F
    if size == 126:
        size = int.from_bytes(stream.read(2), "big")
    elif size == 127:
        size = int.from_bytes(stream.read(8), "big")
    masked = 4 if header[1] & 0x80 else 0
    stream.read(masked + size)
    return header[0] & 0x0F != _CLOSE
