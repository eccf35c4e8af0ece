# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A gateway that does what the routes of a VirtualService say, as far as charms use them."""

from __future__ import annotations

import contextlib
import http.client
import http.server
from collections.abc import Iterator, Sequence
from typing import Any

from . import web
from .network import Namespace

Route = dict[str, Any]


def match(routes: Sequence[Route], path: str) -> Route | None:
    """Return the first route that takes a path."""
    for route in routes:
        for uri in (each["uri"] for each in route["match"]):
            if path == uri.get("exact") or path.startswith(uri.get("prefix", "\0")):
                return route
    return None


def rewritten(route: Route, path: str) -> str:
    """Return the path that the Service sees."""
    (uri,) = (each["uri"] for each in route["match"])
    return route["rewrite"]["uri"] + path.removeprefix(uri["prefix"])


class Handler(web.Quiet, http.server.BaseHTTPRequestHandler):
    """Answers by the routes of the class that inherits it."""

    routes: Sequence[Route] = ()

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        path, mark, query = self.path.partition("?")
        route = match(self.routes, path)
        if route is None:
            self.send_error(404)
        elif "redirect" in route:
            self._answer(301, {"Location": route["redirect"]["uri"] + mark + query}, b"")
        else:
            (target,) = route["route"]
            self._ask(
                target["destination"]["port"]["number"], rewritten(route, path) + mark + query
            )

    def _ask(self, port: int, path: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        with contextlib.closing(connection):
            try:
                connection.request(self.command, path, body, dict(self.headers))
            except ConnectionRefusedError:
                self.send_error(503)
                return
            answer = connection.getresponse()
            kept = {"Content-Type": answer.getheader("Content-Type", "")}
            self._answer(answer.status, kept, answer.read())

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def listening(network: Namespace, routes: Sequence[Route], port: int) -> Iterator[None]:
    """Pass requests on by routes; Services are on this machine, a Host header stays as it is."""
    handler = type("Routed", (Handler,), {"routes": routes})
    with web.served(network, handler, port):
        yield
