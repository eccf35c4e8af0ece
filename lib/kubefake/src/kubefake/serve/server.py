# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The port on loopback: its sockets, its certificate, who may come in, and HTTP."""

import base64
import contextlib
import hmac
import http.server
import pathlib
import secrets
import select
import socket
import ssl
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Generator, Iterator
from typing import Any, cast

from .. import ApiError, Cluster, Request, Response, kubeconfig, pki, wire
from . import api

ADMINISTRATOR = "admin"
"""The user that may do everything: it is in the group `system:masters`."""

_ADDRESS = "127.0.0.1"


TIMEOUT = 300.0
"""Seconds after which a connection that says nothing is closed."""

LARGEST = 3 * 1024 * 1024
"""Bytes that a request may have, as of a real API server."""

WATCH_SECONDS = 1800
"""Seconds that a watch lasts which does not say it."""

INTERVAL = 0.1
"""Seconds after which a watch looks whether its reader is still there."""

_UNAUTHORIZED = ApiError(401, "Unauthorized", "Unauthorized")
_FOREIGN = ApiError(403, "Forbidden", "this server is reached by its address on loopback only")
_NO_LENGTH = ApiError(411, "", "the length of the body must be given")
_TOO_LARGE = ApiError(
    413, "RequestEntityTooLarge", f"limit is {LARGEST}: the request is too large"
)


class Server(http.server.ThreadingHTTPServer):
    """A cluster that is served; each connection has a thread, in which it begins TLS.

    `served` makes one.

    Args:
        folder: Where the certificate is kept; nobody else may read it.
        port: The port; 0 for any that is free.

    Attributes:
        folder: A folder for kubeconfigs that goes with the server; nobody else may read it.
        turn: Held while a request is answered; code that changes the cluster meanwhile, in this
            process, holds it too.
        on_fault: Is given what an injected fault (`Cluster.faults`) raises instead of an answer;
            it is called in the connection's thread, and the connection breaks.
    """

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, cluster: Cluster, folder: pathlib.Path, port: int = 0):
        self.cluster = cluster
        self.folder = folder
        self.turn = threading.Condition()
        self.on_fault: Callable[[BaseException], object] = _ignore
        self.stopping = False
        self._open: set[socket.socket] = set()
        self._tokens: dict[str, str] = {}  # by user
        files = pki.write(folder / "pki")
        self._authority = files.ca.read_bytes()
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(files.server, files.server_key)
        super().__init__((_ADDRESS, port), _Handler)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def port(self) -> int:
        """The port."""
        return self.server_port

    @property
    def url(self) -> str:
        """Return where the API is."""
        return f"https://{_ADDRESS}:{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that a request's Host header may have: any other was made to point here."""
        return f"{_ADDRESS}:{self.port}", f"localhost:{self.port}"

    def token(self, user: str = ADMINISTRATOR) -> str:
        """Return a user's bearer token; it is made when it is first asked for."""
        return self._tokens.setdefault(user, secrets.token_urlsafe(32))

    def user(self, authorization: str) -> str | None:
        """Return whose token an Authorization header carries; None for nobody's."""
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        for user, token in list(self._tokens.items()):
            if hmac.compare_digest(token.encode(), given.strip().encode()):
                return user
        return None

    def kubeconfig(
        self, path: pathlib.Path, user: str = ADMINISTRATOR, namespace: str = "default"
    ) -> pathlib.Path:
        """Write a kubeconfig that only the owner of this process may read.

        See `kubeconfig.write`; a user is such as `system:serviceaccount:<namespace>:<name>`.
        """
        authority = base64.b64encode(self._authority).decode()
        cluster = {"server": self.url, "certificate-authority-data": authority}
        return kubeconfig.write(path, "simulator", cluster, user, self.token(user), namespace)

    def failed(self, error: BaseException) -> None:
        """Tell of a request without an answer; without faults it is an error in this program."""
        if self.cluster.faults is None:
            raise error
        self.on_fault(error)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End every connection, watches too, and give the port back."""
        with self.turn:
            self.stopping = True
            self.turn.notify_all()
        self.shutdown()
        self._thread.join()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection until either side ends it."""
        request.settimeout(TIMEOUT)
        with self._context.wrap_socket(
            request, server_side=True, do_handshake_on_connect=False
        ) as connection:
            # Known before a word is exchanged: who says nothing must not hold up the end.
            self._open.add(connection)
            try:
                if not self.stopping:
                    connection.do_handshake()
                    super().finish_request(connection, client_address)
            finally:
                self._open.discard(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of an error, unless it is the other side's: it is gone, or speaks no TLS."""
        if not isinstance(sys.exc_info()[1], (ssl.SSLError, OSError)):
            super().handle_error(request, client_address)


@contextlib.contextmanager
def served(cluster: Cluster, port: int = 0) -> Generator[Server]:
    """Serve a cluster on loopback, over HTTPS, to those who have a token.

    Yields:
        The server, which hands out tokens and kubeconfigs; its port is any that is free for 0.

    Raises:
        OSError: The port is taken.
    """
    with tempfile.TemporaryDirectory(prefix="ckf-serve-") as folder:
        server = Server(cluster, pathlib.Path(folder), port)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _ignore(_: BaseException) -> None:
    """The client sees a broken connection, which is what the fault stands for."""


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers a connection's requests."""

    protocol_version = "HTTP/1.1"
    server_version = "ckf"
    sys_version = ""
    # Headers and body go out in one segment, and without waiting for more.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The cluster keeps a journal."""

    def _answer(self) -> None:
        server = cast("Server", self.server)
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
                server.turn.notify_all()
        except BaseException as error:
            self.close_connection = True
            server.failed(error)
            return
        if response.stream is None:
            _send(self, response)
        else:
            _stream(self, server, response, response.stream)

    do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815


def _read(handler: _Handler, server: Server) -> Request:
    """Read a request of somebody who may make one. Raises ApiError 401, 403, 411 or 413."""
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
    idle = _waiting(handler, server, query.get("timeoutSeconds", ""))
    return Request(handler.command, path, query, headers, body, user, idle)


def _send_head(handler: _Handler, response: Response, *more: tuple[str, str]) -> None:
    handler.send_response(response.status)
    for name, value in (*response.headers, *more):
        handler.send_header(name, value)
    if handler.close_connection:
        handler.send_header("connection", "close")
    handler.end_headers()


def _send(handler: _Handler, response: Response) -> None:
    _send_head(handler, response, ("content-length", str(len(response.body))))
    if handler.command != "HEAD":
        handler.wfile.write(response.body)


def _stream(handler: _Handler, server: Server, response: Response, lines: Iterator[bytes]) -> None:
    """Send a watch, each of its lines as soon as it is known."""
    _send_head(handler, response, ("transfer-encoding", "chunked"))
    handler.wfile.flush()
    while line := _next(server, lines):
        handler.wfile.write(b"%x\r\n%b\r\n" % (len(line), line))
        handler.wfile.flush()
    handler.wfile.write(b"0\r\n\r\n")


def _next(server: Server, lines: Iterator[bytes]) -> bytes:
    """Return the next line of a watch; empty when it is over."""
    try:
        with server.turn:
            return next(lines, b"")
    except BaseException as error:
        server.failed(error)
        return b""


def _waiting(handler: _Handler, server: Server, seconds: str) -> Callable[[], bool]:
    """Return what waits for news; it is False when the time is over, or nobody waits any more."""
    end = time.monotonic() + (int(seconds) if seconds.isdecimal() else WATCH_SECONDS)
    watched = select.poll()
    watched.register(handler.connection, select.POLLIN)

    def wait() -> bool:
        position = server.cluster.store.revision
        while server.cluster.store.revision == position:
            if server.stopping or time.monotonic() >= end or watched.poll(0):
                return False
            server.turn.wait(INTERVAL)
        return not server.stopping

    return wait
