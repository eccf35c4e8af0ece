"""A cluster in memory behind a port of this machine, for charms in processes of their own."""

from __future__ import annotations

import contextlib
import http.server
import pathlib
import threading
import urllib.parse
from collections.abc import Generator
from typing import Any

import yaml

from ckf.kubernetes import Cluster, Request


@contextlib.contextmanager
def served(cluster: Cluster, user: str) -> Generator[str]:
    """Serve a cluster on loopback, over plain HTTP, to one user.

    Watches are not served.

    Args:
        cluster: The cluster.
        user: Who everybody that connects is.

    Yields:
        The URL.
    """
    handler = _handler(cluster, user)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def kubeconfig(path: pathlib.Path, url: str, namespace: str) -> pathlib.Path:
    """Write a kubeconfig file for a served cluster."""
    content: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "served", "cluster": {"server": url}}],
        "users": [{"name": "somebody", "user": {}}],
        "contexts": [
            {
                "name": "served",
                "context": {"cluster": "served", "user": "somebody", "namespace": namespace},
            }
        ],
        "current-context": "served",
    }
    path.write_text(yaml.safe_dump(content))
    return path


def _handler(cluster: Cluster, user: str) -> type[http.server.BaseHTTPRequestHandler]:
    turn = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            url = urllib.parse.urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
            request = Request(self.command, url.path, query, headers, body, user)
            with turn:
                response = cluster.request(request)
            if response.stream is not None:
                raise NotImplementedError("a watch over loopback")
            self.send_response(response.status)
            for name, value in response.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """The cluster keeps a journal."""

    return Handler
