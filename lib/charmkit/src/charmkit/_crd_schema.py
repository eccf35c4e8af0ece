# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubernetes' own parts of the schemas of CustomResourceDefinitions, put in at render time.

A template says `{{ schema.PodSpec }}`, and the cluster gets the whole structural schema. The types
come from a data file that `python -m ckf.crdschema` writes, read when the first is asked for.

Upstream's definitions are generated from Kubernetes' types in two dialects, and an object that
upstream's admit must be admitted. Up to Kubernetes 1.29 few lists have keys, so that items may
repeat, and what a template for a claim says in `metadata` is dropped: `schema` speaks that one
(Notebook, PodDefault, PVCViewer). Since then lists such as `env` and `volumes` have keys, and
`metadata` is kept: `schema.keyed` (the training operator, Trainer, KServe).
"""

import functools
import json
import pathlib
from collections.abc import Sequence
from typing import Any

Schema = dict[str, Any]

QUANTITY = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
"""The form of a quantity, as k8s.io/apimachinery/pkg/api/resource has it."""

_INT_OR_STRING: Schema = {
    "anyOf": [{"type": "integer"}, {"type": "string"}],
    "x-kubernetes-int-or-string": True,
}
_TEXTS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
_OBJECT: Schema = {"type": "object"}

_SPECIAL: dict[str, Schema] = {
    "IntOrString": _INT_OR_STRING,
    # What controller-gen keeps of the metadata of an embedded template; the rest is the server's.
    "ObjectMeta": {
        "type": "object",
        "properties": {
            "annotations": _TEXTS,
            "finalizers": {"type": "array", "items": {"type": "string"}},
            "labels": _TEXTS,
            "name": {"type": "string"},
            "namespace": {"type": "string"},
        },
    },
    "Quantity": {**_INT_OR_STRING, "pattern": QUANTITY},
    "RawExtension": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
}

_KEYED_BEFORE = frozenset(
    {"claims", "ports", "resourceClaims", "schedulingGates", "topologySpreadConstraints"}
)
"""Lists of pods that had keys before Kubernetes 1.30."""

_OPTIONAL = {"PodFailurePolicyOnPodConditionsPattern": ("status",)}
"""Fields that a later release of Kubernetes, which upstream uses, no longer requires."""

_OPTIONAL_BEFORE = {"HostAlias": ("ip",)}
"""Fields that Kubernetes did not require before 1.30."""

_KEY_DEFAULTS = {"name": "", "protocol": "TCP"}
"""What optional keys of lists stand for: the API server demands a default of each."""

_LIST_TYPE, _LIST_KEYS = "x-kubernetes-list-type", "x-kubernetes-list-map-keys"


class KubernetesSchema:
    """The structural schemas of Kubernetes' types, by their names: `schema.PodSpec`.

    Each is a dict as it stands in a CustomResourceDefinition. Equal parts are shared, so they must
    not be changed.

    Args:
        keyed: The dialect in which every list has the keys that Kubernetes gives it.
    """

    def __init__(self, *, keyed: bool = False) -> None:
        self._is_keyed = keyed
        self._expanded: dict[str, Schema] = {}

    @property
    def keyed(self) -> "KubernetesSchema":
        """The same types in the dialect with keyed lists and typed metadata."""
        return _keyed()

    def loosened(self, name: str, *fields: str) -> Schema:
        """Return a type some of whose fields upstream does not require.

        Args:
            name: The type, such as `Container`.
            fields: Paths, such as `containers.livenessProbe.httpGet.port`; of a list, its items.

        Raises:
            ValueError: The type does not require such a field.
        """
        found = self[name]
        for field in fields:
            found = _loosened(found, field.split("."))
        return found

    def __getattr__(self, name: str) -> Schema:
        # Names of other forms are asked by copy, pickle and Jinja; they cost no reading.
        if not name[:1].isupper() or name not in _types():
            raise AttributeError(
                f"Kubernetes has no type called {name!r} that schemas are made of"
            )
        return self._named(name)

    def __getitem__(self, name: str) -> Schema:
        try:
            return self.__getattr__(name)
        except AttributeError as error:
            raise KeyError(*error.args) from None

    def _named(self, name: str) -> Schema:
        found = self._expanded.get(name)
        if found is None:
            found = self._expanded[name] = _SPECIAL.get(name) or self._expand(name, _types()[name])
        return found

    def _expand(self, owner: str, part: Schema) -> Schema:
        """Return a part of a type's definition with what it refers to put in."""
        if "$ref" in part:
            return {**self._named(part["$ref"]), **_without(part, "$ref")}
        found = dict(part)
        _set_required(found, self._required(owner, part.get("required", ())))
        if "properties" in part:
            found["properties"] = {
                name: self._field(owner, name, field) for name, field in part["properties"].items()
            }
        for key in ("items", "additionalProperties"):
            if key in part:
                found[key] = self._expand(owner, part[key])
        return found

    def _required(self, owner: str, names: Sequence[str]) -> list[str]:
        optional = _OPTIONAL if self._is_keyed else {**_OPTIONAL, **_OPTIONAL_BEFORE}
        return [name for name in names if name not in optional.get(owner, ())]

    def _field(self, owner: str, name: str, field: Schema) -> Schema:
        if owner == "PersistentVolumeClaimTemplate" and name == "metadata" and not self._is_keyed:
            return _OBJECT
        found = self._expand(owner, field)
        if _LIST_TYPE not in found:
            return found
        if found[_LIST_TYPE] != "atomic" and (self._is_keyed or name in _KEYED_BEFORE):
            return _with_defaults(found)
        return _without(found, _LIST_TYPE, _LIST_KEYS)  # atomic is what a list is anyway


def _without(part: Schema, *keys: str) -> Schema:
    return {key: value for key, value in part.items() if key not in keys}


def _set_required(part: Schema, names: list[str]) -> None:
    if names:
        part["required"] = names
    else:
        part.pop("required", None)


def _loosened(part: Schema, path: list[str]) -> Schema:
    if "items" in part:
        return {**part, "items": _loosened(part["items"], path)}
    name, *rest = path
    found, required = dict(part), part.get("required", ())
    if rest:
        fields = part.get("properties", {})
        found["properties"] = {**fields, name: _loosened(fields.get(name, {}), rest)}
    elif name in required:
        _set_required(found, [each for each in required if each != name])
    else:
        raise ValueError(f"field {name!r} is not required, so it cannot be loosened")
    return found


def _with_defaults(part: Schema) -> Schema:
    """Return a keyed list's schema with defaults of the keys that an item need not give."""
    item: Schema = part["items"]
    optional = [key for key in part.get(_LIST_KEYS, ()) if key not in item.get("required", ())]
    keys = {key: {**item["properties"][key], "default": _KEY_DEFAULTS[key]} for key in optional}
    return (
        {**part, "items": {**item, "properties": {**item["properties"], **keys}}} if keys else part
    )


@functools.cache
def _keyed() -> KubernetesSchema:
    return KubernetesSchema(keyed=True)


@functools.cache
def _types() -> dict[str, Schema]:
    path = pathlib.Path(__file__).with_name("data") / "kubernetes_schema.json"
    return json.loads(path.read_bytes())["types"]
