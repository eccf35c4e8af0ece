# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A random walk of applies and patches leads both servers to the same objects and owners."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from kubefake import Cluster, transport

if TYPE_CHECKING:
    from .conftest import Custom, Object, Server

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
NAMES = ("a", "b", "c")
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
ITEM = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": TEXT,
        "v": NUMBER,
        "w": {**TEXT, "default": "W"},
        "tags": {"type": "array", "items": TEXT, "x-kubernetes-list-type": "set"},
    },
}
KEYED = {
    "type": "array",
    "items": ITEM,
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
}
VALUES = {"type": "object", "additionalProperties": TEXT}
PROPERTIES = {
    "n": NUMBER,
    "s": {**TEXT, "default": "S"},
    "values": VALUES,
    "whole": {**VALUES, "x-kubernetes-map-type": "atomic"},
    "keyed": KEYED,
    "set": {"type": "array", "items": TEXT, "x-kubernetes-list-type": "set"},
    "list": {"type": "array", "items": TEXT},
    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    "struct": {"type": "object", "properties": {"a": TEXT, "b": {**TEXT, "default": "B"}}},
}
SCHEMA = {"type": "object", "properties": {"spec": {"type": "object", "properties": PROPERTIES}}}


class Walk:
    """Draws what is done next."""

    def __init__(self, seed: int, custom: Custom) -> None:
        self.random = random.Random(seed)  # noqa: S311  reproducible, protects nothing
        self.custom = custom

    def maybe(self, chance: float = 0.5) -> bool:
        return self.random.random() < chance

    def some(self) -> list[str]:
        found = [name for name in NAMES if self.maybe()]
        self.random.shuffle(found)
        return found

    def values(self) -> dict[str, str]:
        return {name: self.random.choice("12") for name in self.some()}

    def item(self, name: str) -> Object:
        item: Object = {"name": name}
        if self.maybe():
            item["v"] = self.random.randrange(2)
        if self.maybe():
            item["tags"] = self.some()
        return item

    def free(self, depth: int = 0) -> Any:
        if depth > 2 or (depth and self.maybe()):
            return self.random.choice([1, "x", True, [1, 2]])
        return {name: self.free(depth + 1) for name in self.some()}

    def spec(self) -> Object:
        drawn = {
            "n": self.random.randrange(3),
            "s": self.random.choice("12"),
            "values": self.values(),
            "whole": self.values(),
            "keyed": [self.item(name) for name in self.some()],
            "set": self.some(),
            "list": self.some(),
            "free": self.free(),
            "struct": {"a": self.random.choice("12")} if self.maybe() else {},
        }
        return {name: value for name, value in drawn.items() if self.maybe(0.4)}

    def ports(self) -> list[Object]:
        found = []
        for number in self.some() or ["a"]:
            port: Object = {"name": number, "port": 80 + NAMES.index(number)}
            if self.maybe(0.3):
                port["targetPort"] = "web"
            if self.maybe(0.3):
                port["protocol"] = "TCP"
            found.append(port)
        return found

    def service(self) -> Object:
        drawn = {
            "selector": self.values(),
            "type": self.random.choice(["ClusterIP", "NodePort"]),
            "sessionAffinity": self.random.choice(["None", "ClientIP"]),
        }
        kept = {name: value for name, value in drawn.items() if self.maybe(0.3)}
        return {"ports": self.ports(), **kept}

    def step(self) -> tuple[str, str, Object, dict[str, str]]:
        """Return path, kind of patch, body and query of the next request."""
        if self.maybe():
            path, spec = f"{self.custom.path}/x", self.spec()
            whole, partial = self.custom.thing(spec=spec), MERGE
        else:
            path, spec = "/api/v1/namespaces/{ns}/services/x", self.service()
            whole = {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "x"},
                "spec": spec,
            }
            partial = self.random.choice([MERGE, STRATEGIC])
        if self.maybe(0.3):
            whole["metadata"]["labels"] = self.values()
        if self.maybe(0.25):
            return path, partial, {"spec": spec}, {"fieldManager": "editor"}
        query = {"fieldManager": self.random.choice(NAMES)}
        return path, APPLY, whole, {**query, "force": "true"} if self.maybe(0.6) else query


def essence(answer: httpx2.Response) -> Any:
    """Return what has to be the same on both: not uids, versions, times, addresses, and order."""
    body = answer.json()
    if body["kind"] == "Status":
        causes = body.get("details", {}).get("causes", [])
        return body["code"], body["reason"], sorted(cause["field"] for cause in causes)
    for port in body["spec"].get("ports", []):
        port.pop("nodePort", None)
    for name in ("clusterIP", "clusterIPs"):
        body["spec"].pop(name, None)
    owners = {
        (entry["manager"], entry["operation"]): entry["fieldsV1"]
        for entry in body["metadata"].get("managedFields", [])
    }
    meta = {name: body["metadata"].get(name) for name in ("labels", "generation")}
    return answer.status_code, body["spec"], meta, owners


@pytest.mark.only_real("the memory is what the real server is compared with")
@pytest.mark.parametrize("seed", range(3))
def test_both_servers_go_the_same_way(server: Server, seed: int) -> None:
    custom = server.define(SCHEMA)
    version = server.get("/version").ok()
    cluster = Cluster(release=f"{version['major']}.{version['minor']}")
    cluster.create(custom.definition(SCHEMA))
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": server.ns}}
    cluster.create(namespace)
    walk = Walk(seed, custom)
    carrier = transport.Transport(cluster)
    with httpx2.Client(base_url=transport.URL, transport=carrier) as memory:
        for index in range(60):
            path, kind, body, query = walk.step()
            found, wanted = (
                essence(
                    http.patch(
                        path.format(ns=server.ns),
                        json=body,
                        params=query,
                        headers={"content-type": kind},
                    )
                )
                for http in (memory, server.backend.http)
            )
            assert found == wanted, f"step {index}: {kind} {path} {query} {body}"
