# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A store that speaks as much of S3 as a download needs, with TLS or without."""

from __future__ import annotations

import contextlib
import functools
import http.server
import socketserver
import ssl
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import web
from .network import Namespace

PORT = 9000


@dataclass(frozen=True)
class Bucket:
    """A bucket of one user, whose signature is not looked at."""

    name: str
    objects: Mapping[str, bytes]
    user: str

    def answer(self, path: str, authorization: str) -> tuple[int, bytes]:
        """Return the status and the body that answer a request."""
        split = urllib.parse.urlsplit(path)
        _, name, key = f"{split.path}/".split("/", 2)
        key = key.removesuffix("/")
        if f"Credential={self.user}/" not in authorization:
            return 403, b""
        if name != self.name or (key and key not in self.objects):
            return 404, b""
        prefix = urllib.parse.parse_qs(split.query).get("prefix", [""])[0]
        return 200, self.objects[key] if key else self._listing(prefix)

    def _listing(self, prefix: str) -> bytes:
        found = "".join(
            f"<Contents><Key>{key}</Key><Size>{len(content)}</Size></Contents>"
            for key, content in self.objects.items()
            if key.startswith(prefix)
        )
        name = f"<Name>{self.name}</Name><IsTruncated>false</IsTruncated>"
        return f"<ListBucketResult>{name}{found}</ListBucketResult>".encode()


class Server(web.SecureServer):
    """Serves a bucket."""

    def __init__(self, bucket: Bucket, context: ssl.SSLContext | None, *where: Any) -> None:
        self.bucket = bucket
        super().__init__(context, *where)


class Handler(web.Quiet, http.server.BaseHTTPRequestHandler):
    """Answers for the bucket of its server."""

    server: socketserver.BaseServer

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self.wfile.write(self._answer())

    def _answer(self) -> bytes:
        assert isinstance(self.server, Server)
        authorization = self.headers.get("Authorization", "")
        status, body = self.server.bucket.answer(self.path, authorization)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"one"')
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.end_headers()
        return body


@contextlib.contextmanager
def listening(
    network: Namespace, bucket: Bucket, context: ssl.SSLContext | None
) -> Iterator[None]:
    """Serve a bucket in a network, with TLS if there is a context."""
    with web.served(network, Handler, PORT, functools.partial(Server, bucket, context)):
        yield
