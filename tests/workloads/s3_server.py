"""A store that speaks as much of S3 as a download needs, with TLS or without."""

from __future__ import annotations

import contextlib
import http.server
import ssl
import threading
import urllib.parse
from collections.abc import Iterator, Mapping

from .network import Namespace

PORT = 9000


def listing(bucket: str, keys: Mapping[str, bytes], prefix: str) -> bytes:
    """Return the objects of a bucket whose keys begin so."""
    found = "".join(
        f"<Contents><Key>{key}</Key><Size>{len(content)}</Size></Contents>"
        for key, content in keys.items()
        if key.startswith(prefix)
    )
    name = f"<Name>{bucket}</Name><IsTruncated>false</IsTruncated>"
    return f"<ListBucketResult>{name}{found}</ListBucketResult>".encode()


@contextlib.contextmanager
def listening(
    network: Namespace,
    bucket: str,
    objects: Mapping[str, bytes],
    user: str,
    context: ssl.SSLContext | None,
) -> Iterator[None]:
    """Serve a bucket to a user; whether the signature is right is not looked at."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            split = urllib.parse.urlsplit(self.path)
            _, name, key = f"{split.path}/".split("/", 2)
            query = urllib.parse.parse_qs(split.query)
            if f"Credential={user}/" not in self.headers.get("Authorization", ""):
                self.answer(403, b"")
            elif name != bucket or (key and key[:-1] not in objects):
                self.answer(404, b"")
            elif key:
                self.answer(200, objects[key[:-1]])
            else:
                self.answer(200, listing(bucket, objects, query.get("prefix", [""])[0]))

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", '"one"')
            self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
            """Say nothing."""

    with network.entered():
        server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
    if context:
        # The handshake is the thread's of the connection: it fails where a client has no trust.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    server.handle_error = lambda request, client_address: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
