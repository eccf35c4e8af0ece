# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Schemas of objects, from the published definitions and from CustomResourceDefinitions.

Both become the same tree of `Schema` nodes, which pruning, defaulting, validation and field
management walk. Built-in kinds come from the OpenAPI definitions that `kubernetes-validate`
carries; they include the list types and keys of server-side apply and of strategic merge patch.
"""

import copy
import functools
import importlib.util
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import defaults
from .values import Object, is_list, is_map

RELEASE = "1.34"
"""The Kubernetes release whose definitions are used unless another is asked for."""


@dataclass(slots=True, eq=False)
class Schema:
    """A schema of one place in an object.

    Its type is `object`, `array`, `string`, `integer`, `number`, `boolean`, `int-or-string`,
    `quantity`, `bytes` (base64), or `any` where nothing is known.
    """

    type: str = "any"
    fields: dict[str, "Schema"] = field(default_factory=dict[str, "Schema"])
    values: "Schema | None" = None  # the schema of other values, where it is a map
    items: "Schema | None" = None
    open: bool = False  # fields that are not declared are kept
    atomic: bool = False  # the list or map has one owner as a whole
    keys: tuple[str, ...] = ()  # the fields that identify an item of a `map` list
    unique: bool = False  # the list is a set of scalars
    defaults: Object = field(default_factory=dict[str, Any])  # values of fields that are not given
    required: tuple[str, ...] = ()
    rules: Object = field(default_factory=dict[str, Any])  # other keywords of a CRD
    merge_key: str = ""  # the key of strategic merge patch; empty where the list is replaced
    merge: bool = False  # strategic merge patch merges the list
    nullable: bool = False
    loose: bool = False  # values of unknown types may stand in it
    zero: Object = field(default_factory=dict[str, Any])  # what keys stand for if not given
    validations: tuple[Object, ...] = ()  # rules in CEL, as the CRD has them
    ruled: bool = False  # there are such rules at this place or below it

    def child(self, field: str) -> "Schema":
        """Return the schema of a field, declared or not."""
        return self.fields.get(field) or self.values or ANY

    @property
    def associative(self) -> bool:
        """Tell whether items of the list have owners of their own."""
        return bool(self.keys) or self.unique


ANY = Schema(open=True, loose=True)
"""Nothing is known: maps have an owner per key, lists one owner."""


def _annotate(node: Schema, spec: Object) -> None:
    """Take over the extensions that say how lists and maps are merged."""
    kind = spec.get("x-kubernetes-list-type")
    node.keys = tuple(spec.get("x-kubernetes-list-map-keys", ())) if kind == "map" else ()
    node.unique = kind == "set"
    if node.type == "array":
        node.atomic = not node.associative
    node.atomic = node.atomic or spec.get("x-kubernetes-map-type") == "atomic"
    strategy = str(spec.get("x-kubernetes-patch-strategy", "")).split(",")
    node.merge = "merge" in strategy
    node.merge_key = spec.get("x-kubernetes-patch-merge-key", "")


def _take_over(node: Schema, spec: Object, compiled: Callable[[Object], Schema]) -> None:
    """Take over what published definitions and those of custom resources say alike."""
    for name, part in spec.get("properties", {}).items():
        node.fields[name] = compiled(part)
    if is_map(spec.get("additionalProperties")):
        node.values = compiled(spec["additionalProperties"])
    if is_map(spec.get("items")):
        node.items = compiled(spec["items"])
    node.required = tuple(spec.get("required", ()))
    _annotate(node, spec)


def _type(spec: Object) -> str:
    """Return the type; the published schemas add `null` to it, a CRD's have one type only."""
    kind = spec.get("type", "")
    if is_list(kind):
        if spec.get("format") == "byte":
            return "bytes"
        return next((str(each) for each in kind if each != "null"), "any")
    return str(kind) or ("object" if "properties" in spec else "any")


class Definitions:
    """The published definitions of one Kubernetes release.

    Raises:
        LookupError: The release is not among those that `kubernetes-validate` carries.
    """

    SCALARS = {
        "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "int-or-string",
    }

    def __init__(self, release: str) -> None:
        path = _published() / f"v{release}.0-local" / "_definitions.json"
        if not path.is_file():
            raise LookupError(f"no published schemas of Kubernetes {release}")
        self._raw: Object = json.loads(path.read_bytes())["$defs"]
        self._nodes: dict[str, Schema] = {}
        self._kinds = self._by_kind()

    def _by_kind(self) -> dict[tuple[str, str, str], str]:
        found: dict[tuple[str, str, str], str] = {}
        for name, spec in self._raw.items():
            kinds: list[Object] = spec.get("x-kubernetes-group-version-kind", [])
            if len(kinds) == 1:
                gvk = kinds[0]
                found[gvk["group"], gvk["version"], gvk["kind"]] = name
        return found

    def of(self, group: str, version: str, kind: str) -> Schema:
        """Return the schema of a built-in kind.

        Raises:
            LookupError: The release has no such kind.
        """
        name = self._kinds.get((group, version, kind))
        if name is None:
            raise LookupError(f"no published schema of {kind} in {group}/{version}")
        return self.named(name)

    @property
    def names(self) -> list[str]:
        """The names of all definitions."""
        return list(self._raw)

    def published(self, name: str) -> Object:
        """Return a definition as it is published, such as that of `io.k8s.api.core.v1.Pod`."""
        return self._raw[name]

    def name_of(self, group: str, version: str, kind: str) -> str | None:
        """Return the name of a built-in kind's definition; None where there is none."""
        return self._kinds.get((group, version, kind))

    def named(self, name: str) -> Schema:
        """Return the schema of a definition, such as `io.k8s.api.core.v1.Pod`."""
        node = self._nodes.get(name)
        if node is None:
            node = self._nodes[name] = Schema(self.SCALARS.get(name) or _type(self._raw[name]))
            if name not in self.SCALARS:
                self._fill(node, self._raw[name])
                short = name.removeprefix("io.k8s.api.")
                node.defaults = defaults.BUILTIN["defaults"].get(short, {})
        return node

    def _compile(self, spec: Object) -> Schema:
        ref = spec.get("$ref")
        if isinstance(ref, str):
            node = self.named(ref.rpartition("/")[2])
            if any(key.startswith("x-") for key in spec):
                node = copy.copy(node)
                _annotate(node, spec)
            return node
        node = Schema(_type(spec))
        self._fill(node, spec)
        return node

    def _fill(self, node: Schema, spec: Object) -> None:
        _take_over(node, spec, self._compile)
        bare = node.type == "object" and not node.fields and node.values is None
        node.open = bare or node.type == "any"
        for name in node.required:
            if node.fields[name].type in {"integer", "string"}:
                node.zero[name] = 0 if node.fields[name].type == "integer" else ""


def _published() -> Path:
    """Return the folder of schemas; the package itself is not imported, which is slow."""
    spec = importlib.util.find_spec("kubernetes_validate")
    if spec is None or not spec.submodule_search_locations:
        raise LookupError("the package kubernetes-validate is not installed")
    return Path(spec.submodule_search_locations[0]) / "kubernetes-json-schema"


@functools.lru_cache
def definitions(release: str) -> Definitions:
    """Return the definitions of a release, read once per process."""
    return Definitions(release)


RULES: tuple[str, ...] = (
    "enum", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties",
    "maxProperties", "format", "oneOf", "anyOf", "allOf", "not",
)  # fmt: skip


def from_crd(spec: Object, release: str = RELEASE) -> Schema:
    """Compile the `openAPIV3Schema` of one version of a CustomResourceDefinition.

    The Kubernetes release defines `metadata`.
    """
    root = from_crd_part(spec)
    root.type = "object"
    root.fields = {**root.fields, **_object_fields(release)}
    return root


def _object_fields(release: str = RELEASE) -> dict[str, Schema]:
    metadata = definitions(release).named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    return {"apiVersion": Schema("string"), "kind": Schema("string"), "metadata": metadata}


def from_crd_part(spec: Object) -> Schema:
    """Compile a part of a CustomResourceDefinition's schema."""
    node = Schema("int-or-string" if spec.get("x-kubernetes-int-or-string") else _type(spec))
    node.open = bool(spec.get("x-kubernetes-preserve-unknown-fields"))
    node.nullable = bool(spec.get("nullable"))
    _take_over(node, spec, from_crd_part)
    if spec.get("additionalProperties") is True:
        node.values = ANY
    fields: Object = spec.get("properties", {})
    node.defaults = {key: each["default"] for key, each in fields.items() if "default" in each}
    if spec.get("x-kubernetes-embedded-resource"):
        node.fields = {**node.fields, **_object_fields()}
        node.required += ("apiVersion", "kind")
    parts = [part for part in (*node.fields.values(), node.values, node.items) if part]
    node.loose = node.open or any(part.loose for part in parts)
    node.validations = tuple(spec.get("x-kubernetes-validations", ()))
    node.ruled = bool(node.validations) or any(part.ruled for part in parts)
    node.rules = {key: _rule(key, spec[key]) for key in RULES if key in spec}
    return node


def _rule(key: str, value: Any) -> Any:
    """Prepare a keyword: patterns are compiled, alternatives become schemas."""
    if key == "pattern":
        return re.compile(value)
    if key in {"oneOf", "anyOf", "allOf"}:
        return [from_crd_part(each) for each in value]
    return from_crd_part(value) if key == "not" else value
