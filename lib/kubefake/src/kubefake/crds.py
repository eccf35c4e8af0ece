# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""CustomResourceDefinitions: validation, accepted names and establishment."""

from collections.abc import Iterator
from typing import Any

from . import errors, rules, structural
from . import schema as compiled
from .errors import Cause, Causes
from .values import Object, at, condition, is_map, is_true, list_at, map_at, maps_in, replaced

GROUP = "apiextensions.k8s.io"
TABLE = (GROUP, "customresourcedefinitions")
_APPROVAL = "api-approved.kubernetes.io"
_TYPES = ["array", "boolean", "integer", "number", "object", "string"]
FINALIZER = "customresourcecleanup.apiextensions.k8s.io"


def validate(old: Object | None, crd: Object) -> Causes:
    """Yield what is wrong with a CustomResourceDefinition."""
    spec = map_at(crd, "spec")
    yield from _names(crd, spec)
    yield from _versions(spec)
    if spec.get("preserveUnknownFields"):
        why = (
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
            "spec.versions[*].schema instead"
        )
        yield errors.invalid_value("spec.preserveUnknownFields", True, why)
    protected = f".{spec.get('group')}".endswith((".k8s.io", ".kubernetes.io"))
    if protected and _APPROVAL not in map_at(crd, "metadata", "annotations"):
        why = (
            f'protected groups must have approval annotation "{_APPROVAL}", see '
            "https://github.com/kubernetes/enhancements/pull/1111"
        )
        yield errors.required(f"metadata.annotations[{_APPROVAL}]", why)
    if spec.get("scope") not in {"Cluster", "Namespaced"}:
        yield errors.unsupported("spec.scope", spec.get("scope", ""), ["Cluster", "Namespaced"])
    if old is not None:
        yield from _fixed(old, crd)


def _names(crd: Object, spec: Object) -> Causes:
    given, name = map_at(spec, "names"), crd["metadata"].get("name")
    for field in ("plural", "kind", "singular", "listKind"):
        if not given.get(field):
            yield errors.required(f"spec.names.{field}")
    if not spec.get("group"):
        yield errors.required("spec.group")
    if name != f"{given.get('plural')}.{spec.get('group')}":
        why = 'must be spec.names.plural+"."+spec.group'
        yield errors.invalid_value("metadata.name", name, why)


def _versions(spec: Object) -> Causes:
    versions = list(maps_in(spec.get("versions")))
    if sum(bool(version.get("storage")) for version in versions) != 1:
        why = "must have exactly one version marked as storage version"
        yield errors.invalid_value("spec.versions", spec.get("versions"), why)
    for index, version in enumerate(versions):
        path = f"spec.versions[{index}].schema"
        schema = at(version, "schema", "openAPIV3Schema")
        if not is_map(schema):
            yield errors.required(f"{path}.openAPIV3Schema")
        else:
            # A single version is kept as the definition's own, and errors name it so.
            where = "spec.validation" if len(versions) == 1 else path
            yield from _structural(schema, f"{where}.openAPIV3Schema", root=True)


def _structural(schema: Object, path: str, *, root: bool = False) -> Causes:
    """Yield where a schema is not structural: every value needs a type, every array items."""
    free = schema.get("x-kubernetes-preserve-unknown-fields")
    if not schema.get("type") and not free and not schema.get("x-kubernetes-int-or-string"):
        where = "at the root" if root else "for specified object fields"
        yield errors.required(f"{path}.type", f"must not be empty {where}")
    if schema.get("type") not in {None, "", *_TYPES}:
        yield errors.unsupported(f"{path}.type", schema["type"], _TYPES)
    elif root and schema.get("type") not in {None, "object"}:
        yield errors.invalid_value(
            f"{path}.type", schema.get("type"), "must be object at the root"
        )
    if schema.get("type") == "array" and not is_map(schema.get("items")):
        yield errors.required(f"{path}.items", "must be specified")
    if schema.get("x-kubernetes-list-type") == "map" and not schema.get(
        "x-kubernetes-list-map-keys"
    ):
        why = "must not be empty if x-kubernetes-list-type is map"
        yield errors.required(f"{path}.x-kubernetes-list-map-keys", why)
    if "default" in schema:
        for cause in structural.validate(compiled.from_crd_part(schema), schema["default"]):
            yield Cause(cause.reason, cause.message, f"{path}.default{cause.field}")
    yield from rules.problems(schema, path)
    for name, child in _children(schema):
        yield from _structural(child, f"{path}.{name}")


def _children(schema: Object) -> Iterator[tuple[str, Object]]:
    for name, child in map_at(schema, "properties").items():
        if is_map(child):
            yield f"properties[{name}]", child
    for name in ("items", "additionalProperties"):
        if is_map(schema.get(name)):
            yield name, schema[name]


def _fixed(old: Object, crd: Object) -> Causes:
    for path in (("scope",), ("group",), ("names", "plural"), ("names", "kind")):
        if established(old) or path == ("group",):
            yield from errors.frozen(old, crd, "spec", *path)
    present = {version.get("name") for version in maps_in(crd["spec"].get("versions"))}
    for index, name in enumerate(list_at(crd, "status", "storedVersions")):
        if name not in present:
            why = (
                f"missing from spec.versions; {name} was previously a storage version, and must "
                "remain in spec.versions until a storage migration ensures no data remains "
                f"persisted in {name} and removes {name} from status.storedVersions"
            )
            yield errors.invalid_value(f"status.storedVersions[{index}]", name, why)


def prepare(old: Object | None, new: Object, _: Any) -> None:
    """Record, in place, in which versions objects may be stored."""
    status: Object = {"acceptedNames": {"kind": "", "plural": ""}, "conditions": None}
    if old is not None:
        status = dict(map_at(new, "status"))
    stored = list_at(status, "storedVersions")
    storage = [each["name"] for each in new["spec"].get("versions", ()) if each.get("storage")]
    status["storedVersions"] = [*stored, *(name for name in storage[:1] if name not in stored)]
    new["status"] = status


def established(crd: Object) -> bool:
    """Tell whether the resource is served."""
    return is_true(crd, "Established")


def accept(crd: Object, others: list[Object], now: str) -> Object:
    """Return the definition with the outcome of name checking in its status."""
    clash = _clash(crd, others)
    if not clash:
        crd = replaced(crd, dict(crd["spec"]["names"]), "status", "acceptedNames")
    why = clash or ("NoConflicts", "no conflicts found")
    return _with(crd, "NamesAccepted", not clash, why, now)


def _clash(crd: Object, others: list[Object]) -> tuple[str, str] | None:
    """Return why names cannot be accepted; of several reasons the last that the server finds."""
    found: tuple[str, str] | None = None
    group, names = crd["spec"]["group"], crd["spec"]["names"]
    taken = [map_at(each, "status", "acceptedNames") for each in others
             if each["spec"]["group"] == group]  # fmt: skip
    kinds = {each.get(name) for each in taken for name in ("kind", "listKind")}
    resources = {each.get(name) for each in taken for name in ("plural", "singular")}
    resources |= {name for each in taken for name in list_at(each, "shortNames")}
    for field in ("plural", "singular", "shortNames", "kind", "listKind"):
        used = kinds if field in {"kind", "listKind"} else resources
        for name in list_at(names, field) or [names.get(field)]:
            if name and name in used:
                reason = f"{field[0].upper()}{field[1:]}Conflict"
                found = reason, f'"{name}" is already in use'
    return found


def establish(crd: Object, now: str) -> Object:
    """Return the definition as established, if its names were accepted."""
    good = is_true(crd, "NamesAccepted")
    why = (
        ("InitialNamesAccepted", "the initial names have been accepted")
        if good
        else ("NotAccepted", "not all names are accepted")
    )
    return _with(crd, "Established", good, why, now)


def terminate(crd: Object, now: str) -> Object:
    """Return the definition as its deletion begins: its objects have to go first."""
    finalizers = list_at(crd, "metadata", "finalizers")
    if FINALIZER not in finalizers:
        crd = replaced(crd, [*finalizers, FINALIZER], "metadata", "finalizers")
    message = (
        "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"
    )
    return _with(crd, "Terminating", True, ("InstanceDeletionPending", message), now)


def clean_up(crd: Object, now: str) -> Object:
    """Return the definition while its objects are being deleted."""
    why = ("InstanceDeletionInProgress", "CustomResource deletion is in progress")
    return _with(crd, "Terminating", True, why, now)


def _with(crd: Object, kind: str, good: bool, why: tuple[str, str], now: str) -> Object:
    """Return the definition with a condition laid over those that it has."""
    new = condition(crd, kind, str(good), now, reason=why[0], message=why[1])
    found = {each["type"]: each for each in maps_in(at(crd, "status", "conditions"))}
    return replaced(crd, [*{**found, kind: new}.values()], "status", "conditions")
