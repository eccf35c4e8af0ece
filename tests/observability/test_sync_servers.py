# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What is recorded of the sync servers is what they expose: they are our own programs."""

from __future__ import annotations

import http.client
import json
import pathlib
import threading
from collections.abc import Iterator

import pytest
from charmkit.programs import sync_server

from . import running

PATHS = (("POST", "/sync"), ("GET", "/metrics"), ("GET", "/nothing"), ("GET", "/metrics"))


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What a server says of itself once each kind of request has been asked."""
    path: pathlib.Path = tmp_path_factory.mktemp("data") / "manifests.json"
    path.write_text(json.dumps({"revision": "one", "label": "profile", "manifests": []}))
    server = sync_server.Server(sync_server.Store(str(path)), 0)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield [ask(server.port, *each) for each in PATHS][-1]
    finally:
        server.stop()
        thread.join(10)


def ask(port: int, method: str, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request(method, path, json.dumps({"object": {"metadata": {"name": "ann"}}}))
    text = connection.getresponse().read().decode()
    connection.close()
    return text


@pytest.mark.parametrize("charm", ["kfp-profile-controller", "resource-dispatcher"])
def test_a_sync_server_exposes_what_is_recorded_of_it(charm: str, scraped: str) -> None:
    assert running.recorded(charm) == running.labels(scraped)
