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

from . import cluster, container, metrics
from .cluster import Node, Pod
from .container import VOLUMES

ENVOY, SERVER, CONTAINER = "envoy", "mlmd", "mlmd-grpc-server"
SOURCES = pathlib.Path(__file__).parent / "programs/metadata"
HTTP, ADMIN, METRICS = 9090, 9901, "/stats/prometheus"
PIPELINE = {"name": "system.Pipeline", "properties": {"owner": "STRING"}}
OWNER = {"owner": {"string_value": "alice"}}
UNAVAILABLE, INVALID = 14, 3


@pytest.fixture(scope="module")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    cluster.program(ENVOY)
    with cluster.deployed(request, ENVOY, SERVER) as node:
        yield node


@pytest.fixture(scope="module")
def envoy(node: Node) -> Iterator[Pod]:
    with cluster.running(node, ENVOY, ENVOY, {"/usr/local/bin/envoy": ENVOY}) as pod:
        yield pod


@pytest.fixture(scope="module")
def server(node: Node, envoy: Pod) -> Iterator[Pod]:
    """The server, which comes later than Envoy."""
    python = cluster.program("ml-metadata")
    source = (SOURCES / "metadata_store_server.py").read_text()
    files = {"/bin/metadata_store_server": f"#!{python}\n{source}"}
    mounts = container.interpreter(python)
    with cluster.running(node, SERVER, CONTAINER, {}, files, mounts=mounts) as pod:
        yield pod


def ask(pod: Pod, method: str, request: Any = None, *, port: int = HTTP) -> dict[str, Any]:
    """Ask the server by Envoy, in words of its API."""
    command = [cluster.program("ml-metadata"), SOURCES / "browser.py", str(port), method]
    with pod.network.entered():
        done = subprocess.run(
            [*command, json.dumps(request or {})], capture_output=True, text=True, check=True
        )
    return json.loads(done.stdout)


def test_the_checks_of_envoy_pass_before_there_is_a_server(envoy: Pod) -> None:
    envoy.wait(envoy.pebble.healthy)
    assert envoy.listens(HTTP)


def test_a_page_is_told_that_there_is_no_server_yet(envoy: Pod) -> None:
    said = ask(envoy, "GetContexts")
    assert (said["http"], said["grpc"]) == (503, UNAVAILABLE)


def test_what_a_run_has_written_is_read_by_the_page(envoy: Pod, server: Pod) -> None:
    server.wait(server.pebble.healthy)
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


def test_prometheus_finds_what_it_is_told_of(envoy: Pod, server: Pod) -> None:
    metrics.check(envoy, ENVOY, lambda: envoy.http(ADMIN, METRICS))


@pytest.mark.parametrize("path", ["/", "/config_dump", "/quitquitquit", "/stats"])
def test_no_more_of_envoy_s_administration_is_open(envoy: Pod, path: str) -> None:
    assert envoy.http(ADMIN, path)[0] == 404


def test_moved_ports_reach_both(node: Node, envoy: Pod, server: Pod) -> None:
    node.configure(SERVER, {"port": "8081"})
    server.replan()
    server.wait(server.pebble.healthy)
    assert not server.listens(8080)
    node.configure(ENVOY, {"http-port": "9091", "admin-port": "9902", "log-level": "debug"})
    envoy.replan()
    envoy.wait(envoy.pebble.healthy)
    assert [port for port in (9090, 9091, 9901, 9902) if envoy.listens(port)] == [9091, 9902]


def test_nothing_is_denied_deprecated_or_unknown(envoy: Pod, server: Pod) -> None:
    for log in (envoy.pebble.log(), server.pebble.log()):
        assert not cluster.denied(log)
    said = [line for line in envoy.pebble.log().splitlines() if "[error]" in line]
    assert not said
    assert "deprecated" not in envoy.pebble.log().lower()


@pytest.mark.parametrize("app", [SERVER, ENVOY])
def test_checks_fail_once_a_program_has_stopped(envoy: Pod, server: Pod, app: str) -> None:
    pod = {SERVER: server, ENVOY: envoy}[app]
    pod.pebble.client.stop_services([app])
    pod.wait(pod.pebble.unhealthy)
