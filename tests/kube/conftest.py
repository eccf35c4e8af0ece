# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""One suite, two servers: the API in memory, and a real kube-apiserver where one is built.

The real one is right. What only it can do is marked `only_real`, with the reason.
"""

from __future__ import annotations

import functools
import hashlib
import os
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2
import lightkube
import pytest
from ckf import controlplane
from kubefake import Cluster, rbac, transport

from . import bundles

ABSENT = "no control plane is built here; get one with: make controlplane"
TIMEOUT = 150.0
"""Seconds that a real server's controllers may take."""

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"

Object = dict[str, Any]
Value = TypeVar("Value")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only_real(reason): what only a real API server can do")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors: these tests wait for a server's controllers often."""
    return (os.cpu_count() or 1) + 1


@dataclass
class Backend:
    """An API server with an administrator's connection to it.

    Attributes:
        real: It is a real kube-apiserver.
        http: Sends requests as an administrator.
        client: Makes a lightkube client of an administrator, from a client's arguments.
    """

    real: bool
    http: httpx2.Client
    client: Callable[..., lightkube.Client]


REQUIRED = os.environ.get("KUBE_TESTS") == "required"
SERVERS = ["memory", "real"] if controlplane.assets() or REQUIRED else ["memory"]
"""Where no real server is built, `test_controlplane.py` says so, once."""


@pytest.fixture(scope="session", params=SERVERS)
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    yield from _memory() if request.param == "memory" else _real(request)


def _memory() -> Iterator[Backend]:
    release = os.environ.get("K8S") or controlplane.DEFAULT_RELEASE
    cluster = Cluster(release=release.rpartition(".")[0])
    cluster.authorize = rbac.Authorizer(cluster)
    carrier = transport.Transport(cluster)

    def client(**arguments: Any) -> lightkube.Client:
        with transport.connected(cluster):
            return lightkube.Client(**arguments)

    headers = {"user-agent": "suite/1"}
    with httpx2.Client(base_url=transport.URL, transport=carrier, headers=headers) as http:
        yield Backend(False, http, client)


def _real(request: pytest.FixtureRequest) -> Iterator[Backend]:
    assets = controlplane.assets()
    if assets is None:
        pytest.fail(ABSENT, pytrace=False)
    failed = request.session.testsfailed
    with controlplane.ControlPlane.start(assets) as plane:
        trust = ssl.create_default_context(cafile=plane.ca)
        headers = {"authorization": f"Bearer {plane.token}", "user-agent": "suite/1"}
        with httpx2.Client(base_url=plane.url, verify=trust, headers=headers, timeout=30) as http:
            config = plane.lightkube_config()
            yield Backend(True, http, functools.partial(lightkube.Client, config))
        if request.session.testsfailed > failed:
            print(plane.log())


@dataclass
class Answer:
    """What the server answered."""

    status: int
    body: Any
    warnings: list[str]

    @property
    def reason(self) -> str:
        return self.body.get("reason", "")

    @property
    def message(self) -> str:
        return self.body.get("message", "")

    @property
    def fields(self) -> list[str]:
        """The fields that an error names."""
        return [cause["field"] for cause in self.body.get("details", {}).get("causes", [])]

    def ok(self) -> Object:
        """Return the body of an answer that is no error."""
        assert self.status < 300, f"{self.status}: {self.body}"
        return self.body


@dataclass
class Server:
    """The server as one test sees it: with a namespace and a name of its own.

    In paths, `{ns}` stands for the namespace and `{me}` for the name.
    """

    backend: Backend
    me: str
    ns: str
    headers: dict[str, str] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    clients: list[lightkube.Client] = field(default_factory=list)

    @property
    def real(self) -> bool:
        return self.backend.real

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        content: str = "",
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> Answer:
        """Send a request; bytes are sent as they are."""
        typed = {"content-type": content} if content else {}
        response = self.backend.http.request(
            method,
            path.format(ns=self.ns, me=self.me),
            params={name: str(value) for name, value in query.items()},
            content=body if isinstance(body, bytes) else None,
            json=None if isinstance(body, bytes) else body,
            headers={**self.headers, **typed, **(headers or {})},
        )
        is_json = "json" in response.headers.get("content-type", "")
        warnings = response.headers.get_list("warning")
        return Answer(
            response.status_code, response.json() if is_json else response.text, warnings
        )

    def get(self, path: str, **query: Any) -> Answer:
        return self.ask("GET", path, **query)

    def create(self, path: str, obj: Object, **query: Any) -> Answer:
        return self.ask("POST", path, obj, **query)

    def put(self, path: str, obj: Object, **query: Any) -> Answer:
        return self.ask("PUT", path, obj, **query)

    def apply(self, path: str, obj: Object, manager: str = "one", **query: Any) -> Answer:
        return self.ask("PATCH", path, obj, APPLY, fieldManager=manager, **query)

    def merge(self, path: str, patch: Any, **query: Any) -> Answer:
        return self.ask("PATCH", path, patch, MERGE, **query)

    def json_patch(self, path: str, *operations: Object) -> Answer:
        return self.ask("PATCH", path, list(operations), JSON)

    def strategic(self, path: str, patch: Object) -> Answer:
        return self.ask("PATCH", path, patch, STRATEGIC)

    def delete(self, path: str, options: Object | None = None, **query: Any) -> Answer:
        return self.ask("DELETE", path, options, **query)

    def cleanup(self, path: str) -> None:
        """Delete what lies at a path when the test ends."""
        self.made.append(path.format(ns=self.ns, me=self.me))

    def impersonate(self, user: str) -> Server:
        """Return the same server as another user sees it."""
        return Server(self.backend, self.me, self.ns, {"impersonate-user": user}, self.made)

    def client(self, **arguments: Any) -> lightkube.Client:
        """Return a lightkube client of an administrator."""
        client = self.backend.client(**{"namespace": self.ns, **arguments})
        self.clients.append(client)
        return client

    def eventually(self, ask: Callable[[], Value]) -> Value:
        """Return the first true answer; controllers in memory have to be done at once."""
        deadline = time.monotonic() + (TIMEOUT if self.real else 0)
        while not (answer := ask()):
            assert time.monotonic() < deadline, "not in time"
            time.sleep(0.05)
        return answer

    def gone(self, path: str) -> bool:
        return self.get(path).status == 404

    def define(self, schema: Object | None = None, **options: Any) -> Custom:
        """Define a custom resource with a group of its own, and wait until it is served."""
        custom = Custom(self, f"{self.me}.example.com", options.get("plural", "things"))
        created = self.create(CRDS, custom.definition(schema, **options))
        self.cleanup(custom.crd)
        created.ok()
        self.eventually(custom.served)
        return custom


CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@dataclass
class Custom:
    """A custom resource: `things` of kind `Thing`, unless it is named otherwise."""

    server: Server
    group: str
    plural: str

    @property
    def crd(self) -> str:
        return f"{CRDS}/{self.plural}.{self.group}"

    @property
    def path(self) -> str:
        return self.at("v1")

    def at(self, version: str) -> str:
        return f"/apis/{self.group}/{version}/namespaces/{self.server.ns}/{self.plural}"

    def served(self) -> bool:
        return self.server.get(f"/apis/{self.group}/v1/{self.plural}").status == 200

    def definition(
        self,
        schema: Object | None = None,
        *,
        versions: list[Object] | None = None,
        scope: str = "Namespaced",
        kind: str = "Thing",
        subresources: Object | None = None,
        plural: str = "things",
    ) -> Object:
        anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        version: Object = {
            "name": "v1",
            "served": True,
            "storage": True,
            "schema": {"openAPIV3Schema": schema or anything},
        }
        if subresources is not None:
            version["subresources"] = subresources
        return {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{self.group}"},
            "spec": {
                "group": self.group,
                "scope": scope,
                "names": {"plural": plural, "kind": kind},
                "versions": versions or [version],
            },
        }

    def thing(self, name: str = "x", version: str = "v1", **fields: Any) -> Object:
        return {
            "apiVersion": f"{self.group}/{version}",
            "kind": "Thing",
            "metadata": {"name": name},
            **fields,
        }


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest) -> Iterator[bundles.Cluster]:
    """A control plane for the tests of the group `whole`."""
    with bundles.started(request) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def run(shared: bundles.Cluster) -> Iterator[bundles.Run]:
    """The bundle with two units of each application, and no more rights than are recorded.

    Only the last of its tests may change it.
    """
    with shared.deployed(scale=2, granted=bundles.GRANTED) as run:
        run.assert_well()
        yield run


@pytest.fixture
def server(backend: Backend, request: pytest.FixtureRequest) -> Iterator[Server]:
    mark = request.node.get_closest_marker("only_real")
    if mark is not None and not backend.real:
        pytest.skip(mark.args[0])
    digest = hashlib.sha256(request.node.nodeid.encode()).hexdigest()
    me = f"t{digest[:10]}"
    found = Server(backend, me, me)
    found.create("/api/v1/namespaces", {"metadata": {"name": me}}).ok()
    account = "/api/v1/namespaces/{ns}/serviceaccounts/default"
    found.eventually(lambda: found.get(account).status == 200)
    yield found
    for client in found.clients:
        client.close()
    for path in [*reversed(found.made), f"/api/v1/namespaces/{me}"]:
        assert found.delete(path).status in {200, 202, 404, 409}
