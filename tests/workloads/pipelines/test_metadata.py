# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""ML Metadata and the Envoy before it, run as their charms run them, and read by gRPC-Web.

Upstream's server is not in a registry. Its engine is, which stands behind a gRPC server of ours
with the flags that the charm gives, so that the engine and the configuration are judged, and the
parsing of those flags is not.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from .. import cluster, conformance, container
from ..cluster import Node, Pod
from ..container import VOLUMES

ENVOY, SERVER, CONTAINER = "envoy", "mlmd", "mlmd-grpc-server"
SOURCES = pathlib.Path(__file__).parents[1] / "programs/metadata"
HTTP, ADMIN = 9090, 9901
PIPELINE = {"name": "system.Pipeline", "properties": {"owner": "STRING"}}
OWNER = {"owner": {"string_value": "alice"}}
UNAVAILABLE, INVALID = 14, 3


@pytest.fixture(scope="module")
def envoy(node: Node) -> Iterator[Pod]:
    programs = {"/usr/local/bin/envoy": ENVOY}
    cluster.program(ENVOY)
    with node.untrusted(ENVOY), cluster.running(node, ENVOY, ENVOY, programs) as pod:
        yield pod


@pytest.fixture(scope="module")
def server(node: Node, envoy: Pod) -> Iterator[Pod]:
    """The server, which comes later than Envoy."""
    python = cluster.program("ml-metadata")
    source = (SOURCES / "metadata_store_server.py").read_text()
    files = {"/bin/metadata_store_server": f"#!{python}\n{source}"}
    mounts = container.interpreter(python)
    with (
        node.untrusted(SERVER),
        cluster.running(node, SERVER, CONTAINER, {}, files, mounts=mounts) as pod,
    ):
        yield pod


def ask(pod: Pod, method: str, request: Any = None, *, port: int = HTTP) -> dict[str, Any]:
    """Ask the server by Envoy, in words of its API."""
    command = [cluster.program("ml-metadata"), SOURCES / "browser.py", str(port), method]
    with pod.network.entered():
        done = subprocess.run(
            [*command, json.dumps(request or {})], capture_output=True, text=True, check=True
        )
    return json.loads(done.stdout)


class TestEnvoyStart(conformance.Start):
    """As every program, before there is a server."""

    @pytest.fixture
    def program(self, envoy: Pod) -> Pod:
        return envoy


def test_a_page_is_told_that_there_is_no_server_yet(envoy: Pod) -> None:
    said = ask(envoy, "GetContexts")
    assert (said["http"], said["grpc"]) == (503, UNAVAILABLE)


class TestServerStart(conformance.Start):
    """As every program, after Envoy."""

    @pytest.fixture
    def program(self, server: Pod) -> Pod:
        return server


def test_what_a_run_has_written_is_read_by_the_page(envoy: Pod, server: Pod) -> None:
    said = ask(envoy, "PutContextType", {"context_type": PIPELINE})
    assert (said["http"], said["grpc"]) == (200, 0)
    assert said["origin"] == "https://kubeflow.example.com"
    run = {"name": "a run", **said["answer"], "properties": OWNER}
    assert ask(envoy, "PutContexts", {"contexts": [run]})["grpc"] == 0
    (context,) = ask(envoy, "GetContexts")["answer"]["contexts"]
    assert (context["name"], context["properties"]) == ("a run", OWNER)


def test_the_page_gets_the_server_s_own_errors(envoy: Pod, server: Pod) -> None:
    said = ask(envoy, "PutContexts", {"contexts": [{"name": "of no type"}]})
    assert (said["http"], said["grpc"]) == (200, INVALID)
    assert said["message"] == "Type id is missing."


def test_the_database_is_on_the_volume(server: Pod) -> None:
    (file,) = (server.root / "data").iterdir()
    assert file.name == "mlmd.db"
    assert (file.stat().st_uid, file.stat().st_gid) == (cluster.USER, VOLUMES)


def test_records_survive_a_restart(envoy: Pod, server: Pod) -> None:
    server.pebble.client.restart_services([SERVER])
    server.wait(server.pebble.healthy)
    envoy.wait(lambda: ask(envoy, "GetContexts")["answer"].get("contexts"))


class TestMetrics(conformance.Metrics):
    """As every program's."""

    @pytest.fixture
    def program(self, envoy: Pod) -> Pod:
        return envoy


@pytest.mark.parametrize("path", ["/", "/config_dump", "/quitquitquit", "/stats"])
def test_no_more_of_envoy_s_administration_is_open(envoy: Pod, path: str) -> None:
    assert envoy.http(ADMIN, path)[0] == 404


def test_moved_ports_reach_both(node: Node, envoy: Pod, server: Pod) -> None:
    node.configure(SERVER, {"port": "8081"}, ENVOY)
    server.replan()
    server.wait(server.pebble.healthy)
    assert not server.listens(8080)
    moved = {"http-port": "9091", "admin-port": "9902", "log-level": "debug"}
    node.configure(ENVOY, moved, SERVER)
    envoy.replan()
    envoy.wait(envoy.pebble.healthy)
    ports = (9090, 9091, 9901, 9902)
    envoy.wait(lambda: [port for port in ports if envoy.listens(port)] == [9091, 9902])


def test_envoy_s_log_has_no_error_and_nothing_deprecated(envoy: Pod) -> None:
    log = envoy.log()
    assert not [line for line in log.splitlines() if "[error]" in line]
    assert "deprecated" not in log.lower()


class TestEnd(conformance.End):
    """As every program."""

    @pytest.fixture(params=[SERVER, ENVOY])
    def program(self, request: pytest.FixtureRequest, envoy: Pod, server: Pod) -> Pod:
        return {SERVER: server, ENVOY: envoy}[request.param]
