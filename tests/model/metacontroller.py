# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A model of Metacontroller's decorators: asks a sync server, and writes what differs.

Written after metacontroller v4.11.22: pkg/controller/decorator/controller.go (which children are
its own, what is deleted), pkg/controller/common/manage_children.go (creation, update in place) and
pkg/dynamic/apply/apply.go (the three-way merge, lists by the keys of their items).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import kubefake
from charmkit import kube

Object = dict[str, Any]
Ask = Callable[[Object], Object]
"""Takes the hook's request, returns its response."""

LAST_APPLIED = "metacontroller.k8s.io/last-applied-configuration"
DECORATOR = "metacontroller.k8s.io/decorator-controller"
MERGE_KEYS = ("containerPort", "port", "name", "uid", "ip")


class Decorator:
    """One DecoratorController at work.

    Args:
        cluster: the Kubernetes API.
        controller: the DecoratorController.
        ask: the sync server.
    """

    def __init__(self, cluster: kubefake.Cluster, controller: Object, ask: Ask) -> None:
        self._cluster = cluster
        self._name = controller["metadata"]["name"]
        self._spec = controller["spec"]
        self._ask = ask
        self.writes = 0

    def resync(self) -> int:
        """Sync every namespace that the selector matches; return the number of writes."""
        before = self.writes
        children = self._children()
        for namespace in self._get("/api/v1/namespaces")["items"]:
            if self._matches(namespace):
                self._sync(namespace, children.get(namespace["metadata"]["name"], {}))
        return self.writes - before

    def _matches(self, namespace: Object) -> bool:
        (rule,) = self._spec["resources"]
        (expression,) = rule["labelSelector"]["matchExpressions"]
        return expression["key"] in namespace["metadata"].get("labels", {})

    def _children(self) -> dict[str, dict[tuple[str, str], Object]]:
        """Return what this controller has made, by namespace, kind and name."""
        found: dict[str, dict[tuple[str, str], Object]] = {}
        for api_version, resource in self._kinds():
            listed = self._get(f"{_root(api_version)}/{resource}")
            kind = listed["kind"].removesuffix("List")
            for item in listed["items"]:
                metadata = item["metadata"]
                if metadata.get("annotations", {}).get(DECORATOR) == self._name:
                    child = {"apiVersion": api_version, "kind": kind, **item}
                    of = found.setdefault(metadata["namespace"], {})
                    of[f"{kind}.{api_version}", metadata["name"]] = child
        return found

    def _kinds(self) -> Iterator[tuple[str, str]]:
        for rule in self._spec["attachments"]:
            yield rule["apiVersion"], rule["resource"]

    def _sync(self, namespace: Object, observed: dict[tuple[str, str], Object]) -> None:
        attachments: dict[str, Object] = {}
        for api_version, resource in self._kinds():
            kind = self._get_kind(api_version, resource)
            attachments[f"{kind}.{api_version}"] = {}
        for (kind, name), child in observed.items():
            attachments[kind][name] = child
        request = {"object": namespace, "attachments": attachments, "finalizing": False}
        answer = self._ask(request)
        assert set(answer) == {"attachments"}, "a status would be written into the namespace"
        desired = {_key(item): item for item in answer["attachments"]}
        for key in observed.keys() - desired.keys():
            self._write("DELETE", _path(observed[key], named=True))
        for key, item in desired.items():
            self._apply(namespace, observed.get(key), item)

    def _apply(self, namespace: Object, observed: Object | None, desired: Object) -> None:
        item = json.loads(json.dumps(desired))
        item["metadata"].setdefault("annotations", {})[DECORATOR] = self._name
        if observed is None:
            item["metadata"]["annotations"][LAST_APPLIED] = json.dumps(item)
            item["metadata"]["ownerReferences"] = [_owner(namespace)]
            self._write("POST", _path(item), item)
            return
        last = json.loads(observed["metadata"]["annotations"][LAST_APPLIED])
        merged = merge(observed, last, item)
        if merged != observed:
            merged["metadata"]["annotations"][LAST_APPLIED] = json.dumps(item)
            self._write("PUT", _path(item, named=True), merged)

    def _get_kind(self, api_version: str, resource: str) -> str:
        return next(
            kind
            for kind in (
                "Secret",
                "ConfigMap",
                "Deployment",
                "Service",
                "PodDefault",
                "AuthorizationPolicy",
                "Role",
                "RoleBinding",
                "ServiceAccount",
            )
            if kube.Kind(api_version, kind, namespaced=True).plural == resource
        )

    def _get(self, path: str) -> Object:
        answer = self._cluster.request(kubefake.Request("GET", path))
        assert answer.status == 200, answer.body
        return answer.json()

    def _write(self, method: str, path: str, body: Object | None = None) -> None:
        self.writes += 1
        answer = self._cluster.request(kubefake.Request(method, path, body=body))
        assert answer.status in (200, 201), answer.body


def merge(observed: Any, last: Any, desired: Any) -> Any:
    """Merge as `apply.Merge` does: what was applied last and is not wanted any more goes."""
    if isinstance(observed, dict) and isinstance(desired, dict):
        last = last if isinstance(last, dict) else {}
        merged = {
            name: value for name, value in observed.items() if name in desired or name not in last
        }
        for name, value in desired.items():
            merged[name] = merge(observed.get(name), last.get(name), value)
        return merged
    if isinstance(observed, list) and isinstance(desired, list):
        return _merge_lists(observed, last if isinstance(last, list) else [], desired)
    return desired


def _merge_lists(observed: list[Any], last: list[Any], desired: list[Any]) -> list[Any]:
    items = [*observed, *desired]
    key = next(
        (
            name
            for name in MERGE_KEYS
            if items and all(isinstance(i, dict) and name in i for i in items)
        ),
        None,
    )
    if key is None:
        return desired
    olds = {item[key]: item for item in last if isinstance(item, dict) and key in item}
    wanted = {item[key]: item for item in desired}
    merged = [
        merge(item, olds.get(item[key]), wanted[item[key]]) if item[key] in wanted else item
        for item in observed
        if item[key] in wanted or item[key] not in olds
    ]
    known = {item[key] for item in observed}
    return merged + [item for item in desired if item[key] not in known]


def _key(item: Object) -> tuple[str, str]:
    return f"{item['kind']}.{item['apiVersion']}", item["metadata"]["name"]


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _path(item: Object, *, named: bool = False) -> str:
    plural = kube.Kind(item["apiVersion"], item["kind"], namespaced=True).plural
    name = f"/{item['metadata']['name']}" if named else ""
    return f"{_root(item['apiVersion'])}/namespaces/{item['metadata']['namespace']}/{plural}{name}"


def _owner(namespace: Object) -> Object:
    metadata = namespace["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
