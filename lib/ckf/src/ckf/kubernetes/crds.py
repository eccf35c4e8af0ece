"""CustomResourceDefinitions: validation, accepted names and establishment."""

from collections.abc import Iterator
from typing import Any

from . import errors
from .errors import Cause
from .values import Object, at, is_list, is_map, list_at, map_at, maps_in

GROUP = "apiextensions.k8s.io"
TABLE = (GROUP, "customresourcedefinitions")
FINALIZER = "customresourcecleanup.apiextensions.k8s.io"


def validate(old: Object | None, crd: Object) -> list[Cause]:
    """Return what is wrong with a CustomResourceDefinition."""
    spec = map_at(crd, "spec")
    found = _names(crd, spec) + _versions(spec)
    if spec.get("scope") not in {"Cluster", "Namespaced"}:
        choices = ["Cluster", "Namespaced"]
        found.append(errors.unsupported("spec.scope", spec.get("scope", ""), list(choices)))
    if old is not None:
        found += _fixed(old, crd)
    return found


def _names(crd: Object, spec: Object) -> list[Cause]:
    names_ = map_at(spec, "names")
    found = [
        errors.required(f"spec.names.{name}")
        for name in ("plural", "kind", "singular", "listKind")
        if not names_.get(name)
    ]
    if not spec.get("group"):
        found.append(errors.required("spec.group"))
    wanted = f"{names_.get('plural')}.{spec.get('group')}"
    if crd["metadata"].get("name") != wanted:
        why = 'must be spec.names.plural+"."+spec.group'
        found.append(errors.invalid_value("metadata.name", crd["metadata"].get("name"), why))
    return found


def _versions(spec: Object) -> list[Cause]:
    versions = list(maps_in(spec.get("versions")))
    found: list[Cause] = []
    if sum(bool(version.get("storage")) for version in versions) != 1:
        why = "must have exactly one version marked as storage version"
        found.append(errors.invalid_value("spec.versions", spec.get("versions"), why))
    for index, version in enumerate(versions):
        path = f"spec.versions[{index}]"
        schema = at(version, "schema", "openAPIV3Schema")
        if not is_map(schema):
            found.append(errors.required(f"{path}.schema.openAPIV3Schema", "schemas are required"))
        else:
            found += list(_structural(schema, f"{path}.schema.openAPIV3Schema", root=True))
    return found


def _structural(schema: Object, path: str, *, root: bool = False) -> Iterator[Cause]:
    """Yield where a schema is not structural: every value needs a type, every array items."""
    free = schema.get("x-kubernetes-preserve-unknown-fields")
    if not schema.get("type") and not free and not schema.get("x-kubernetes-int-or-string"):
        where = "at the root" if root else "for specified object fields"
        yield errors.required(f"{path}.type", f"must not be empty {where}")
    if root and schema.get("type") not in {None, "object"}:
        yield errors.invalid_value(
            f"{path}.type", schema.get("type"), "must be object at the root"
        )
    if schema.get("type") == "array" and not is_map(schema.get("items")):
        yield errors.required(f"{path}.items", "must be specified")
    if schema.get("x-kubernetes-list-type") == "map" and not schema.get(
        "x-kubernetes-list-map-keys"
    ):
        why = "must be a non-empty list if x-kubernetes-list-type is map"
        yield errors.required(f"{path}.x-kubernetes-list-map-keys", why)
    for name, child in _children(schema):
        yield from _structural(child, f"{path}.{name}")


def _children(schema: Object) -> Iterator[tuple[str, Object]]:
    for name, child in map_at(schema, "properties").items():
        if is_map(child):
            yield f"properties[{name}]", child
    for name in ("items", "additionalProperties"):
        if is_map(schema.get(name)):
            yield name, schema[name]


def _fixed(old: Object, crd: Object) -> list[Cause]:
    established = _condition(old, "Established") == "True"
    found: list[Cause] = []
    for path in (("scope",), ("group",), ("names", "plural"), ("names", "kind")):
        before, after = at(old, "spec", *path), at(crd, "spec", *path)
        if before != after and (established or path == ("group",)):
            where = "spec." + ".".join(path)
            found.append(errors.invalid_value(where, after, "field is immutable"))
    present = {version.get("name") for version in maps_in(crd["spec"].get("versions"))}
    for index, name in enumerate(list_at(crd, "status", "storedVersions")):
        if name not in present:
            why = (
                f"missing from spec.versions; {name} was previously a storage version, and must "
                "remain in spec.versions until a storage migration ensures no data remains "
                f"persisted in {name} and removes {name} from status.storedVersions"
            )
            found.append(errors.invalid_value(f"status.storedVersions[{index}]", name, why))
    return found


def _condition(crd: Object, name: str) -> str:
    for condition in maps_in(at(crd, "status", "conditions")):
        if condition.get("type") == name:
            return str(condition.get("status"))
    return ""


def established(crd: Object) -> bool:
    """Tell whether the resource is served."""
    return _condition(crd, "Established") == "True"


def accept(crd: Object, others: list[Object], now: str) -> Object:
    """Return the definition with the outcome of name checking in its status.

    Args:
        crd: The definition.
        others: All other definitions.
        now: The time to record.
    """
    clash = _clash(crd, others)
    status: Object = dict(map_at(crd, "status"))
    storage = next(each["name"] for each in crd["spec"]["versions"] if each.get("storage"))
    stored = list_at(status, "storedVersions")
    status["storedVersions"] = stored if storage in stored else [*stored, storage]
    if not clash:
        status["acceptedNames"] = dict(crd["spec"]["names"])
    conditions = [
        _state("NamesAccepted", not clash, clash or ("NoConflicts", "no conflicts found"), now)
    ]
    status["conditions"] = merge_conditions(status.get("conditions"), conditions)
    metadata = crd["metadata"]
    finalizers = list_at(metadata, "finalizers")
    if FINALIZER not in finalizers and "deletionTimestamp" not in metadata:
        metadata = {**metadata, "finalizers": [*finalizers, FINALIZER]}
    return {**crd, "metadata": metadata, "status": status}


def _clash(crd: Object, others: list[Object]) -> tuple[str, str] | None:
    names = crd["spec"]["names"]
    for other in others:
        taken = map_at(other, "status", "acceptedNames")
        if other["spec"]["group"] != crd["spec"]["group"]:
            continue
        for name, reason in (("plural", "PluralConflict"), ("kind", "KindConflict")):
            if taken.get(name) == names.get(name):
                return reason, f'"{names[name]}" is already in use'
    return None


def establish(crd: Object, now: str) -> Object:
    """Return the definition as established, if its names were accepted."""
    good = _condition(crd, "NamesAccepted") == "True"
    reason = (
        ("InitialNamesAccepted", "the initial names have been accepted")
        if good
        else ("NotAccepted", "not all names are accepted")
    )
    status: Object = {**crd["status"]}
    condition = _state("Established", good, reason, now)
    status["conditions"] = merge_conditions(status["conditions"], [condition])
    return {**crd, "status": status}


def _state(kind: str, good: bool, why: tuple[str, str], now: str) -> Object:
    return {
        "lastTransitionTime": now,
        "message": why[1],
        "reason": why[0],
        "status": "True" if good else "False",
        "type": kind,
    }


def merge_conditions(old: Any, new: list[Object]) -> list[Object]:
    """Return conditions with others laid over them; a time changes only with the status."""
    found = {each["type"]: each for each in old} if is_list(old) else {}
    for condition in new:
        before = found.get(condition["type"])
        if before is None or before["status"] != condition["status"]:
            found[condition["type"]] = condition
    return list(found.values())
