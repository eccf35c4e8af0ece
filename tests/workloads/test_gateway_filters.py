# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The filters that istio-pilot gives to the gateway, in a real Envoy.

What Istio makes of an EnvoyFilter is little: it puts each filter first, in the listeners of its
port, or in all if it names none. The rest of the gateway is a listener of the test, an authorizer
that answers as the test wants, and a workload that tells what has reached it.
"""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import pathlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from ..kube.bundles import eventually
from ..model import deployment
from . import cluster, web
from .network import Namespace

WORKLOAD, AUTHORIZER = 9000, 9001
PORTS = (8080, 8443)
LOCAL_PORT = 8081
"""What Knative's Gateway opens for requests from within the cluster."""

SPELLINGS = ("kubeflow-userid", "Kubeflow-UserID", "kubeflow_userid", "KUBEFLOW_USERID")
HTTP = "envoy.filters.network.http_connection_manager"
MANAGER = f"type.googleapis.com/{HTTP.replace('filters', 'extensions.filters', 1)}.v3"
ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"


@dataclass
class Peers:
    """The authorizer and the workload.

    Attributes:
        answer: What the authorizer answers: a status, and headers.
        asked: The headers of the requests that the authorizer has seen.
        reached: The headers of the requests that the workload has seen.
    """

    answer: tuple[int, dict[str, str]] = (200, {})
    asked: list[list[tuple[str, str]]] = field(default_factory=list[list[tuple[str, str]]])
    reached: list[list[tuple[str, str]]] = field(default_factory=list[list[tuple[str, str]]])

    def authorizer(self) -> type[http.server.BaseHTTPRequestHandler]:
        return _handler(self.asked, lambda: self.answer)

    def workload(self) -> type[http.server.BaseHTTPRequestHandler]:
        return _handler(self.reached, lambda: (200, {}))

    def users(self) -> list[str]:
        """The users whom the workload would see in its last request, as WSGI names headers."""
        return [
            value
            for name, value in self.reached[-1]
            if name.upper().replace("-", "_") == "KUBEFLOW_USERID"
        ]


def _handler(
    seen: list[list[tuple[str, str]]], answer: Any
) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(web.Quiet, http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.items())
            status, headers = answer()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

    return Handler


@pytest.fixture(scope="module")
def patches() -> list[dict[str, Any]]:
    model = deployment.deploy(only=deployment.LOGIN)
    (found,) = (
        obj
        for name, obj in deployment.objects(model).items()
        if name.startswith("EnvoyFilter/") and "authn" in name
    )
    return found["spec"]["configPatches"]


def filters(patches: list[dict[str, Any]], port: int) -> list[dict[str, Any]]:
    """Return the filters of a port, in the order in which Envoy runs them."""
    found: list[dict[str, Any]] = [{"name": "router", "typed_config": {"@type": ROUTER}}]
    for patch in patches:
        if patch["match"]["listener"].get("portNumber", port) == port:
            assert patch["patch"]["operation"] == "INSERT_FIRST"
            found.insert(0, patch["patch"]["value"])
    return found


def configuration(patches: list[dict[str, Any]]) -> dict[str, Any]:
    (asked,) = {
        each["typed_config"]["http_service"]["server_uri"]["cluster"]
        for each in filters(patches, PORTS[0])
        if each["name"].endswith("ext_authz")
    }
    listeners = [_listener(filters(patches, port), port) for port in (*PORTS, LOCAL_PORT)]
    clusters = [_cluster(asked, AUTHORIZER), _cluster("workload", WORKLOAD)]
    return {"static_resources": {"listeners": listeners, "clusters": clusters}}


def _listener(http_filters: list[dict[str, Any]], port: int) -> dict[str, Any]:
    route = {"match": {"prefix": "/"}, "route": {"cluster": "workload"}}
    hosts = [{"name": "all", "domains": ["*"], "routes": [route]}]
    manager = {
        "@type": f"{MANAGER}.HttpConnectionManager",
        "stat_prefix": "gateway",
        "http_filters": http_filters,
        "route_config": {"virtual_hosts": hosts},
    }
    chain = {"filters": [{"name": HTTP, "typed_config": manager}]}
    return {"address": _address(port), "filter_chains": [chain]}


def _cluster(name: str, port: int) -> dict[str, Any]:
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": _address(port)}}]}]
    return {"name": name, "load_assignment": {"cluster_name": name, "endpoints": endpoints}}


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": cluster.HOST, "port_value": port}}


@pytest.fixture(scope="module")
def there() -> Iterator[Namespace]:
    cluster.program("envoy")
    made = cluster.network()
    yield made
    made.close()


@pytest.fixture(scope="module", autouse=True)
def _envoy(
    there: Namespace, patches: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("envoy")
    file, log = folder / "envoy.json", folder / "log"
    file.write_text(json.dumps(configuration(patches)))
    words = [cluster.program("envoy"), "-c", file, "--base-id", "7", "--concurrency", "1"]
    with there.entered(), log.open("w") as output:
        process = subprocess.Popen(words, stdout=output, stderr=output)
    try:
        eventually(lambda: process.poll() is not None or _listens(there))
        assert process.poll() is None, pathlib.Path(log).read_text()
        yield
    finally:
        process.terminate()
        process.wait()


def _listens(there: Namespace) -> bool:
    with contextlib.suppress(OSError):
        ask(there, LOCAL_PORT)
        return True
    return False


@pytest.fixture
def peers(there: Namespace) -> Iterator[Peers]:
    found = Peers()
    with (
        web.served(there, found.workload(), WORKLOAD),
        web.served(there, found.authorizer(), AUTHORIZER),
    ):
        yield found


@pytest.fixture(params=PORTS)
def port(request: pytest.FixtureRequest) -> int:
    return request.param


def ask(there: Namespace, port: int, *headers: tuple[str, str]) -> http.client.HTTPResponse:
    with there.entered():
        connection = http.client.HTTPConnection(cluster.HOST, port, timeout=20)
        with contextlib.closing(connection):
            connection.putrequest("GET", "/jupyter/?ns=alice")
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            answer.read()
            return answer


@pytest.mark.parametrize("name", SPELLINGS)
def test_the_authorizer_alone_says_who_it_is(
    there: Namespace, peers: Peers, port: int, name: str
) -> None:
    peers.answer = (200, {"kubeflow-userid": "alice"})
    assert ask(there, port, (name, "mallory"), (name, "eve")).status == 200
    assert peers.users() == ["alice"]


@pytest.mark.parametrize("name", SPELLINGS)
def test_on_a_path_without_login_it_is_nobody(
    there: Namespace, peers: Peers, port: int, name: str
) -> None:
    """The authorizer lets such a request pass and names nobody."""
    assert ask(there, port, (name, "mallory")).status == 200
    assert peers.users() == []


@pytest.mark.parametrize("name", SPELLINGS)
def test_within_the_cluster_nobody_is_asked_and_it_is_nobody(
    there: Namespace, peers: Peers, name: str
) -> None:
    peers.answer = (200, {"kubeflow-userid": "alice"})
    assert ask(there, LOCAL_PORT, (name, "mallory")).status == 200
    assert (peers.asked, peers.users()) == ([], [])


def test_a_client_cannot_have_the_name_taken_away_on_the_way(
    there: Namespace, peers: Peers, port: int
) -> None:
    peers.answer = (200, {"kubeflow-userid": "alice"})
    assert ask(there, port, ("Connection", "close, kubeflow-userid")).status == 200
    assert peers.users() == ["alice"]


@pytest.mark.parametrize("status", [302, 401, 403])
def test_what_the_authorizer_refuses_goes_no_further(
    there: Namespace, peers: Peers, port: int, status: int
) -> None:
    peers.answer = (status, {"Location": "/dex/auth"})
    answer = ask(there, port)
    assert (answer.status, answer.getheader("Location")) == (status, "/dex/auth")
    assert not peers.reached


def test_an_authorizer_that_fails_lets_nothing_pass(
    there: Namespace, peers: Peers, port: int
) -> None:
    peers.answer = (500, {})
    assert ask(there, port).status >= 400
    assert not peers.reached


def test_without_an_authorizer_nothing_passes(there: Namespace, port: int) -> None:
    peers = Peers()
    with web.served(there, peers.workload(), WORKLOAD):
        assert ask(there, port).status == 403
    assert not peers.reached


def test_the_authorizer_sees_the_session_and_no_other_header(
    there: Namespace, peers: Peers, port: int
) -> None:
    session = {
        "Authorization": "Bearer one",
        "Cookie": "authservice_session",
        "X-Auth-Token": "two",
    }
    ask(there, port, *session.items(), ("X-Mine", "three"), ("kubeflow-userid", "mallory"))
    (asked,) = (dict(each) for each in peers.asked)
    seen = {name.lower(): value for name, value in asked.items()}
    assert seen.items() >= {name.lower(): value for name, value in session.items()}.items()
    assert not {"x-mine", "kubeflow-userid"} & seen.keys()
