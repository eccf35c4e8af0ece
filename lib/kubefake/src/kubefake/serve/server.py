"""The port on loopback: its sockets, its certificate, and who may come in."""

from __future__ import annotations

import base64
import contextlib
import hmac
import http.server
import pathlib
import secrets
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Generator
from typing import Any

from .. import Cluster, kubeconfig, pki
from . import handler

ADMINISTRATOR = "admin"
"""The user that may do everything: it is in the group `system:masters`."""

_ADDRESS = "127.0.0.1"


class Server:
    """A cluster that is served. `served` makes one.

    Args:
        cluster: The cluster.
        folder: Where the certificate is kept; nobody else may read it.
        port: The port; 0 for any that is free.

    Attributes:
        cluster: The cluster.
        folder: A folder for kubeconfigs that goes with the server; nobody else may read it.
        turn: Held while a request is answered; whoever changes the cluster meanwhile, in this
            process, holds it too.
        on_fault: Is given what an injected fault (`Cluster.faults`) raises instead of an answer;
            it is called in the connection's thread, and the connection breaks.
    """

    def __init__(self, cluster: Cluster, folder: pathlib.Path, port: int = 0):
        self.cluster = cluster
        self.folder = folder
        self.turn = threading.Condition()
        self.on_fault: Callable[[BaseException], object] = _ignore
        self._users: dict[str, str] = {}
        files = pki.write(folder / "pki")
        self._authority = files.ca.read_bytes()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(files.server, files.server_key)
        self._http = _Listener((_ADDRESS, port), context)
        self._http.handle = handler.of(self)
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def port(self) -> int:
        """The port."""
        return self._http.server_port

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"https://{_ADDRESS}:{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a request's Host header may say: any other name has been made to point here."""
        return f"{_ADDRESS}:{self.port}", f"localhost:{self.port}"

    @property
    def stopping(self) -> bool:
        """Whether no more is to be answered."""
        return self._http.stopping

    def token(self, user: str = ADMINISTRATOR) -> str:
        """Return a user's bearer token; it is made when it is first asked for."""
        for token, owner in list(self._users.items()):
            if owner == user:
                return token
        token = secrets.token_urlsafe(32)
        self._users[token] = user
        return token

    def user(self, authorization: str) -> str | None:
        """Return whose token an Authorization header carries; None for nobody's."""
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        for token, user in list(self._users.items()):
            if hmac.compare_digest(token.encode(), given.strip().encode()):
                return user
        return None

    def kubeconfig(
        self, path: pathlib.Path, user: str = ADMINISTRATOR, namespace: str = "default"
    ) -> pathlib.Path:
        """Write a kubeconfig that only the owner of this process may read.

        Args:
            path: The file; one that exists is replaced.
            user: Who its bearer is, such as `system:serviceaccount:<namespace>:<name>`.
            namespace: Where what it asks for lies, if it does not say.

        Returns:
            The file.
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
            self._http.stopping = True
            self.turn.notify_all()
        self._http.shutdown()
        self._thread.join()
        self._http.hang_up()
        self._http.server_close()


@contextlib.contextmanager
def served(cluster: Cluster, port: int = 0) -> Generator[Server]:
    """Serve a cluster on loopback, over HTTPS, to those who have a token.

    Args:
        cluster: The cluster.
        port: The port; 0 for any that is free.

    Yields:
        The server, which hands out tokens and kubeconfigs.

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


class _Listener(http.server.ThreadingHTTPServer):
    """Accepts connections, each in a thread of its own, with which it begins TLS."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], context: ssl.SSLContext):
        self.context = context
        self.stopping = False
        self.handle: type[http.server.BaseHTTPRequestHandler] = handler.Refusing
        self._open: set[socket.socket] = set()
        super().__init__(address, handler.Refusing)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Answer whoever has connected, until either side ends it."""
        request.settimeout(handler.PATIENCE)
        with self.context.wrap_socket(
            request, server_side=True, do_handshake_on_connect=False
        ) as connection:
            # Known before a word is exchanged: who says nothing must not hold up the end.
            self._open.add(connection)
            try:
                if not self.stopping:
                    connection.do_handshake()
                    self.handle(connection, client_address, self)
            finally:
                self._open.discard(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of an error, unless it is the other side's: it is gone, or speaks no TLS."""
        import sys

        if not isinstance(sys.exc_info()[1], (ssl.SSLError, OSError)):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """End the connections that are open, so that their threads end."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
