# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The objects that a deployment has made in Kubernetes, and their owners."""

import collections
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jujusim
from jujusim import cluster_backend, real
from kubefake.values import is_list, is_map

Object = Mapping[str, Any]
Key = tuple[str, str, str]
# What the server fills in says nothing about the deployment, and is refused when applied.
_NOISE = ("managedFields", "uid", "resourceVersion", "creationTimestamp", "generation", "selfLink")


@dataclass(frozen=True)
class Owned:
    """An object of an application.

    Attributes:
        by_juju: Whether Juju has made it for the application, and not the charm.
        obj: The object as the API server has it.
    """

    app: str
    by_juju: bool
    obj: Object

    @property
    def file_name(self) -> str:
        """``<kind>-<namespace>-<name>``; without the namespace if it is the whole cluster's."""
        metadata = self.obj["metadata"]
        parts = (self.obj["kind"], metadata.get("namespace", ""), metadata["name"])
        return "-".join(part for part in parts if part)


def objects(model: jujusim.Model) -> list[Owned]:
    """Return every object that belongs to an application: its charm's first, then Juju's own."""
    writers = _writers(model)
    found: list[Owned] = []
    for key, obj in everything(model.backend):
        by_juju = _app_of_juju(model, obj)
        app = by_juju or writers.get(key)
        if app:
            found.append(Owned(app, bool(by_juju), obj))
    return sorted(found, key=lambda owned: (owned.by_juju, owned.app, owned.file_name))


def counts(owned: Iterable[Owned]) -> dict[str, int]:
    """Return how many there are of each kind."""
    return dict(sorted(collections.Counter(str(each.obj["kind"]) for each in owned).items()))


def clean(obj: Object) -> dict[str, Any]:
    """An object as one would write it: without what the server has filled into its metadata."""
    metadata = {key: value for key, value in obj["metadata"].items() if key not in _NOISE}
    first = {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": metadata}
    return {**first, **{key: value for key, value in obj.items() if key not in first}}


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping in a value, at any depth."""
    if is_map(value):
        yield value
    for below in value.values() if is_map(value) else value if is_list(value) else ():
        yield from mappings(below)


def everything(where: cluster_backend.ClusterBackend | None) -> Iterator[tuple[Key, Object]]:
    """Yield every object by resource, namespace and name."""
    if isinstance(where, cluster_backend.InMemory):
        for (group, plural), (namespace, name), stored in where.cluster.store.everything():
            yield (f"{plural}.{group}" if group else plural, namespace, name), stored.obj
    elif isinstance(where, real.Server):
        for key, obj in where.everything():
            yield (key.resource, key.namespace, key.name), obj


def _writers(model: jujusim.Model) -> dict[Key, str]:
    """Return the application that wrote an object first, by resource, namespace and name."""
    writers: dict[Key, str] = {}
    for record in model.trace:
        app = record.unit.partition("/")[0]
        for write in record.kubernetes:
            resource = str(write["resource"]).partition("/")[0]
            key = (resource, write.get("namespace", ""), write.get("name", ""))
            writers.setdefault(key, app)
    return writers


def _app_of_juju(model: jujusim.Model, obj: Object) -> str:
    """Return the application for which Juju has made an object; empty if it has not."""
    metadata = obj["metadata"]
    labels: Mapping[str, str] = metadata.get("labels") or {}
    app = labels.get("app.kubernetes.io/name", "")
    managed = labels.get("app.kubernetes.io/managed-by") == "juju"
    mine = metadata.get("namespace", model.name) == model.name
    return app if app in model.apps and mine and (managed or obj["kind"] == "Pod") else ""
