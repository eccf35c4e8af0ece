# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""OpenAPI v3: an index, and a document for each group and version.

As much of them as `kubectl explain` and `kubectl apply` read: the schema of each kind, and the
parameters of patches.
https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
"""

import hashlib
import re
from typing import Any

from .. import Cluster, crds, schema, values
from ..resources import Resource
from ..values import Object, at, is_list, is_map, map_at, maps_in

_PREFIX = "#/$defs/"
_COMPONENTS = "#/components/schemas/"
_REFERENCE = re.compile(rf'"\$ref":"{_COMPONENTS}([^"]+)"')
_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_DIALECT = ("$schema", "x-kubernetes-validations")


def answer(cluster: Cluster, path: str) -> Object | None:
    """Return the document at `/openapi/v3` or below; None where there is none."""
    place = path.strip("/").removeprefix("openapi/v3").strip("/")
    places = {_place(each): each for each in cluster.resources().values()}
    if path.strip("/") == "openapi/v3":
        return {"paths": {place: _address(cluster, places[place]) for place in sorted(places)}}
    found = places.get(place) if path.startswith("/openapi/v3/") else None
    return document(cluster, found.group, found.version) if found else None


def _place(resource: Resource) -> str:
    return f"{'apis' if resource.group else 'api'}/{resource.api_version}"


def _address(cluster: Cluster, resource: Resource) -> Object:
    """Return where a document is; the address changes with the content, as clients keep it."""
    digest = _digest(cluster, resource.group, resource.version)
    return {"serverRelativeURL": f"/openapi/v3/{_place(resource)}?hash={digest}"}


def _digest(cluster: Cluster, group: str, version: str) -> str:
    """Return what differs when the document does, without making it."""
    versions = [
        (each.plural, stored.obj["metadata"]["uid"], stored.obj["metadata"]["generation"])
        for each in _resources(cluster, group, version)
        if (stored := cluster.store.get(crds.TABLE, ("", f"{each.plural}.{group}")))
    ]
    text = values.encode([cluster.release, group, version, versions])
    return hashlib.sha256(text).hexdigest().upper()


def _resources(cluster: Cluster, group: str, version: str) -> list[Resource]:
    return [
        each
        for each in cluster.resources().values()
        if (each.group, each.version) == (group, version)
    ]


def document(cluster: Cluster, group: str, version: str) -> Object:
    """Return the document of a group and version."""
    schemas: dict[str, Object] = {}
    paths: Object = {}
    for resource in _resources(cluster, group, version):
        schemas.update(_schema(cluster, resource))
        if "patch" in resource.verbs:
            paths.update(_paths(resource))
    _complete(cluster.release, schemas)
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": f"v{cluster.release}.0"},
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _schema(cluster: Cluster, resource: Resource) -> Object:
    """Return the schema of a resource's objects by its name; nothing where none is published."""
    if resource.custom:
        name = ".".join([*reversed(resource.group.split(".")), resource.version, resource.kind])
        return {name: _custom(cluster, resource)}
    definitions = schema.definitions(cluster.release)
    name = definitions.name_of(resource.group, resource.version, resource.kind)
    return {name: _published(cluster.release, name)} if name else {}


def _custom(cluster: Cluster, resource: Resource) -> Object:
    """Return the schema of a version of a definition, with what every object has."""
    stored = cluster.store.get(crds.TABLE, ("", f"{resource.plural}.{resource.group}"))
    versions = maps_in(at(stored.obj, "spec", "versions")) if stored else ()
    (version,) = (each for each in versions if each["name"] == resource.version)
    spec: Object = _plain(map_at(version, "schema", "openAPIV3Schema"))
    spec["properties"] = {
        **spec.get("properties", {}),
        **_type_meta(cluster.release),
        "metadata": _reference(f"{_META}.ObjectMeta", "Standard object's metadata."),
    }
    spec["type"] = "object"
    spec["x-kubernetes-group-version-kind"] = [_gvk(resource)]
    return spec


def _type_meta(release: str) -> Object:
    """Return what is said about `apiVersion` and `kind` of every object."""
    published = schema.definitions(release).published("io.k8s.api.core.v1.ConfigMap")
    named = {name: _plain(published["properties"][name]) for name in ("apiVersion", "kind")}
    for each in named.values():
        each.pop("enum", None)
    return named


def _reference(name: str, description: str = "") -> Object:
    target = {"$ref": f"{_COMPONENTS}{name}"}
    return {"description": description, "allOf": [target]} if description else target


def _gvk(resource: Resource) -> Object:
    return {"group": resource.group, "kind": resource.kind, "version": resource.version}


def _published(release: str, name: str) -> Object:
    spec: Object = _plain(schema.definitions(release).published(name))
    if "x-kubernetes-group-version-kind" in spec and "kind" in spec.get("properties", {}):
        spec["properties"].update(_type_meta(release))
    return spec


def _plain(spec: Any) -> Any:
    """Return a schema as OpenAPI 3.0 has it: one type, and a reference alone."""
    if is_list(spec):
        return [_plain(each) for each in spec]
    if not is_map(spec):
        return spec
    new: Object = {key: _plain(value) for key, value in spec.items() if key not in _DIALECT}
    if is_list(new.get("type")):
        new["type"] = next(each for each in new["type"] if each != "null")
    if isinstance(new.get("$ref"), str):
        target = _reference(str(new.pop("$ref")).removeprefix(_PREFIX).removeprefix(_COMPONENTS))
        return {**new, "allOf": [target]} if new else target
    return new


def _complete(release: str, schemas: dict[str, Object]) -> None:
    """Add every schema that those in hand refer to."""
    while missing := {*_REFERENCE.findall(values.dumps(schemas))} - schemas.keys():
        schemas.update((name, _published(release, name)) for name in missing)


def _paths(resource: Resource) -> Object:
    """Return the path of one object: a kind's name, and which parameters its writes take."""
    base = f"/{_place(resource)}"
    if resource.namespaced:
        base += "/namespaces/{namespace}"
    gvk = {"x-kubernetes-group-version-kind": _gvk(resource)}
    done = {"responses": {"200": {"description": "OK"}}}
    parameters = [
        {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
        for name in ("dryRun", "fieldManager", "fieldValidation")
    ]
    operations = {"get": {**gvk, **done}, "patch": {**gvk, **done, "parameters": parameters}}
    return {f"{base}/{resource.plural}/{{name}}": operations}
