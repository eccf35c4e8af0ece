"""HTTP on one side, requests to the cluster on the other."""

from __future__ import annotations

import http.server
import select
import time
import urllib.parse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .. import ApiError, Request, Response, wire
from . import api

if TYPE_CHECKING:
    from .server import Server

PATIENCE = 300.0
"""Seconds after which a connection that says nothing is closed."""

LARGEST = 3 * 1024 * 1024
"""Bytes that a request may have, as of a real API server."""

WATCH_SECONDS = 1800
"""How long a watch lasts that does not say it."""

_TICK = 0.1
"""Seconds after which a watch looks whether its reader is still there."""

_UNAUTHORIZED = ApiError(401, "Unauthorized", "Unauthorized")
_FOREIGN = ApiError(403, "Forbidden", "this server is reached by its address on loopback only")
_NO_LENGTH = ApiError(411, "", "the length of the body must be given")
_TOO_LARGE = ApiError(
    413, "RequestEntityTooLarge", f"limit is {LARGEST}: the request is too large"
)


class Refusing(http.server.BaseHTTPRequestHandler):
    """A handler of requests; on its own it knows no method."""

    protocol_version = "HTTP/1.1"
    server_version = "ckf"
    sys_version = ""
    # Headers and body go out in one segment, and without waiting for more.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The cluster keeps a journal."""


def of(server: Server) -> type[http.server.BaseHTTPRequestHandler]:
    """Return the handler of a server's requests."""

    class Handler(Refusing):
        def _answer(self) -> None:
            try:
                request = _read(self, server)
            except ApiError as error:
                # What has not been read would be taken for the next request.
                self.close_connection = True
                _send(self, wire.fail(error))
                return
            try:
                with server.turn:
                    response = api.answer(server.cluster, request)
                    lines = list(response.stream or ())
                    position = server.cluster.store.revision
                    server.turn.notify_all()
            except BaseException as error:
                self.close_connection = True
                server.failed(error)
                return
            if response.stream is None:
                _send(self, response)
            else:
                _stream(self, response, _follow(self, server, request, lines, position))

        do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

    return Handler


def _read(handler: Refusing, server: Server) -> Request:
    """Read a request of somebody who may make one.

    Raises:
        ApiError: 401, 403, 411 or 413.
    """
    headers = {name.lower(): value for name, value in handler.headers.items()}
    if headers.get("host", "") not in server.hosts:
        raise _FOREIGN
    user = server.user(headers.pop("authorization", ""))
    if user is None:
        raise _UNAUTHORIZED
    if "transfer-encoding" in headers:
        raise _NO_LENGTH
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        raise _NO_LENGTH
    if int(length) > LARGEST:
        raise _TOO_LARGE
    url = urllib.parse.urlsplit(handler.path)
    query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
    body = handler.rfile.read(int(length))
    path = urllib.parse.unquote(url.path)
    return Request(handler.command, path, query, headers, body, user)


def _send(handler: Refusing, response: Response) -> None:
    handler.send_response(response.status)
    for name, value in response.headers:
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(response.body)))
    if handler.close_connection:
        handler.send_header("connection", "close")
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(response.body)


def _stream(handler: Refusing, response: Response, batches: Iterator[list[bytes]]) -> None:
    """Send a watch, each batch of its lines as soon as it is known."""
    handler.send_response(response.status)
    for name, value in response.headers:
        handler.send_header(name, value)
    handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    for lines in batches:
        chunk = b"".join(lines)
        if chunk:
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        handler.wfile.flush()
    handler.wfile.write(b"0\r\n\r\n")


def _follow(
    handler: Refusing, server: Server, request: Request, lines: list[bytes], position: int
) -> Iterator[list[bytes]]:
    """Yield what a watch tells: what is known, and then what happens, until its time is over.

    The cluster's own watches end where no more is known. This one is asked again from there when
    there is news.
    """
    seconds = request.query.get("timeoutSeconds", "")
    end = time.monotonic() + (int(seconds) if seconds.isdecimal() else WATCH_SECONDS)
    yield lines
    while _wait(handler, server, position, end):
        try:
            with server.turn:
                more = api.resume(server.cluster, request, position)
                position = server.cluster.store.revision
                server.turn.notify_all()
        except BaseException as error:
            server.failed(error)
            break
        yield more.lines
        if more.over:
            break


def _wait(handler: Refusing, server: Server, position: int, end: float) -> bool:
    """Wait for news; False when the time is over, or nobody waits any more."""
    watched = select.poll()
    watched.register(handler.connection, select.POLLIN)
    with server.turn:
        while server.cluster.store.revision == position:
            if server.stopping or time.monotonic() >= end or watched.poll(0):
                return False
            server.turn.wait(_TICK)
    return not server.stopping
