# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Servers of HTTP that stand for what a program talks to, in a network of the test."""

from __future__ import annotations

import contextlib
import http.server
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import Any

from charmkit.x509 import KeyPair
from ckf.controlplane.commands import HOST

from .network import Namespace

Start = Callable[
    [tuple[str, int], type[http.server.BaseHTTPRequestHandler]], http.server.HTTPServer
]


class Quiet:
    """A handler that does not tell of its requests."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class SecureServer(http.server.ThreadingHTTPServer):
    """Speaks TLS if there is a context; a client that ends the handshake is none of its errors."""

    def __init__(self, context: ssl.SSLContext | None, *where: Any) -> None:
        super().__init__(*where)
        if context:
            # The handshake is left to the thread of the connection.
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""


def tls(pair: KeyPair) -> ssl.SSLContext:
    """Return the context of a server with a key and certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(pair.key + pair.certificate)
        file.flush()
        context.load_cert_chain(file.name)
    return context


@contextlib.contextmanager
def served(
    network: Namespace,
    handler: type[http.server.BaseHTTPRequestHandler],
    port: int,
    start: Start = http.server.ThreadingHTTPServer,
) -> Iterator[None]:
    """Serve something in a network; each connection has a thread that is in it too."""
    with network.entered():
        server = start((HOST, port), handler)
        # So often it looks whether to end.
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
