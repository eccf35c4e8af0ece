# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Servers of HTTP that stand for what a program talks to, in a network of the test."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Callable, Iterator

from ckf.controlplane.commands import HOST

from .network import Namespace

Start = Callable[
    [tuple[str, int], type[http.server.BaseHTTPRequestHandler]], http.server.HTTPServer
]


class Quiet:
    """A handler that does not tell of its requests."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


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
