# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A registry of images that tells the digest of every tag, and has no image."""

from __future__ import annotations

import contextlib
import functools
import http.server
from collections.abc import Iterator

from charmkit.x509 import KeyPair

from . import web
from .network import Namespace

PORT = 443
DIGEST = f"sha256:{'1234' * 16}"


class Handler(web.Quiet, http.server.BaseHTTPRequestHandler):
    """Answers as the distribution specification of OCI says."""

    def do_GET(self) -> None:
        """Say that this is a registry."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_HEAD(self) -> None:
        """Tell the digest of a tag."""
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.oci.image.manifest.v1+json")
        self.send_header("Content-Length", "100")
        self.send_header("Docker-Content-Digest", DIGEST)
        self.end_headers()


@contextlib.contextmanager
def listening(network: Namespace, pair: KeyPair) -> Iterator[None]:
    """Serve a registry in a network, with a key and certificate."""
    start = functools.partial(web.SecureServer, web.tls(pair))
    with web.served(network, Handler, PORT, start):
        yield
