# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A receiver of Loki's push API, which keeps what it is sent."""

from __future__ import annotations

import contextlib
import http.server
import json
from collections.abc import Iterator

from . import web
from .network import Namespace

PORT = 3100
PATH = "/loki/api/v1/push"


class Loki:
    """What has been pushed.

    Attributes:
        lines: Each line with the labels of its stream.
        refused: Requests that Loki would not have taken.
    """

    def __init__(self) -> None:
        self.lines: list[tuple[dict[str, str], str]] = []
        self.refused: list[str] = []

    def of(self, unit: str) -> list[str]:
        """Return the lines of a unit, in the order of their arrival."""
        return [line for labels, line in self.lines if labels.get("juju_unit") == unit]

    def streams(self) -> set[frozenset[tuple[str, str]]]:
        """Return each set of labels that lines have come with."""
        return {frozenset(labels.items()) for labels, _ in list(self.lines)}

    def take(self, path: str, body: bytes) -> int:
        """Keep what a request brings, and return the status that answers it."""
        try:
            if path != PATH:
                raise ValueError("no such path")
            self.lines += [
                (stream["stream"], line)
                for stream in json.loads(body)["streams"]
                for _, line in stream["values"]
            ]
        except (ValueError, KeyError) as error:
            self.refused.append(f"{path}: {error}")
            return 400
        return 204


@contextlib.contextmanager
def listening(network: Namespace) -> Iterator[Loki]:
    """Receive logs in a network."""
    loki = Loki()

    class Handler(web.Quiet, http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(loki.take(self.path, body))
            self.end_headers()

    with web.served(network, Handler, PORT):
        yield loki
