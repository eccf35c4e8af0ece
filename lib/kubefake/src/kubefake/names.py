# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Rules for names, labels, annotations and finalizers (k8s.io/apimachinery validation)."""

import re
from collections.abc import Callable

from . import errors
from .errors import Cause, Causes
from .resources import Resource
from .values import Object, map_at, maps_in

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_1123 = re.compile(rf"{_LABEL}\Z")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?\Z")
_SUBDOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*\Z")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\Z")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\Z")

_SUBDOMAIN_WORDS = "must be a lowercase RFC 1123 subdomain, such as 'example.com'"
_LABEL_WORDS = "must be a lowercase RFC 1123 label, such as 'my-name' or '123-abc'"
_LABEL_1035_WORDS = "must be a DNS-1035 label: a lowercase letter first, such as 'my-name'"
_QUALIFIED_WORDS = "name part must be letters, digits, '-', '_' and '.', such as 'My.name'"
_VALUE_WORDS = "must be empty, or letters, digits, '-', '_' and '.', such as 'my_value'"
_ANNOTATIONS_LIMIT = 256 * 1024


def subdomain(name: str) -> list[str]:
    """Return what is wrong with a lowercase RFC 1123 subdomain."""
    return _check(name, _SUBDOMAIN, _SUBDOMAIN_WORDS, 253)


def label(name: str) -> list[str]:
    """Return what is wrong with a lowercase RFC 1123 label."""
    return _check(name, _LABEL_1123, _LABEL_WORDS, 63)


def _segment(name: str) -> list[str]:
    """Return what is wrong with a name that only has to fit into a path."""
    if name in {".", ".."}:
        return [f"may not be '{name}'"]
    return [f"may not contain '{char}'" for char in "/%" if char in name]


def _check(name: str, pattern: re.Pattern[str], words: str, limit: int) -> list[str]:
    found = [f"must be no more than {limit} characters"] if len(name) > limit else []
    return found if pattern.match(name) else [*found, words]


def qualified(name: str) -> list[str]:
    """Return what is wrong with a label's or annotation's key."""
    prefix, slash, rest = name.rpartition("/")
    if "/" in prefix:
        example = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return [f"{_QUALIFIED_WORDS.replace('name part', 'a qualified name')} {example}"]
    found: list[str] = []
    if slash and not prefix:
        found.append("prefix part must be non-empty")
    elif slash:
        found += [f"prefix part {why}" for why in subdomain(prefix)]
    if not rest:
        found.append("name part must be non-empty")
    elif len(rest) > 63:
        found.append("name part must be no more than 63 characters")
    return found if _QUALIFIED.match(rest) else [*found, _QUALIFIED_WORDS]


def label_value(value: str) -> list[str]:
    """Return what is wrong with a label's value."""
    return _check(value, _VALUE, _VALUE_WORDS, 63)


_RULES: dict[tuple[str, str], Callable[[str], list[str]]] = {
    ("", "namespaces"): lambda name: ["must not contain dots"] if "." in name else label(name),
    ("", "services"): lambda name: _check(name, _LABEL_1035, _LABEL_1035_WORDS, 63),
    **{
        ("rbac.authorization.k8s.io", plural): _segment
        for plural in ("roles", "rolebindings", "clusterroles", "clusterrolebindings")
    },
}


def metadata(resource: Resource, obj: Object) -> Causes:
    """Yield what is wrong with an object's metadata."""
    meta = obj["metadata"]
    name = meta.get("name", "")
    if not name:
        yield errors.required("metadata.name", "name or generateName is required")
        return
    rule = _RULES.get(resource.key, subdomain)
    if resource.key == ("", "services") and resource.minor >= 36:
        rule = label
    yield from errors.invalid_values("metadata.name", name, rule(name))
    for key, text in map_at(meta, "labels").items():
        yield from errors.invalid_values("metadata.labels", key, qualified(key))
        yield from errors.invalid_values("metadata.labels", text, label_value(text))
    yield from _annotations(map_at(meta, "annotations"), "metadata.annotations")
    core = not resource.custom and resource.group != "apiextensions.k8s.io"
    for index, finalizer in enumerate(meta.get("finalizers") or ()):
        yield from _finalizer(finalizer, f"metadata.finalizers[{index}]", core=core)
    yield from _owners(list(maps_in(meta.get("ownerReferences"))), "metadata.ownerReferences")


def _annotations(annotations: Object, path: str) -> Causes:
    for key in annotations:
        yield from errors.invalid_values(path, key, qualified(key.lower()))
    if sum(len(key) + len(text) for key, text in annotations.items()) > _ANNOTATIONS_LIMIT:
        message = f"Too long: may not be more than {_ANNOTATIONS_LIMIT} bytes"
        yield Cause("FieldValueTooLong", message, path)


def _finalizer(name: str, path: str, *, core: bool) -> Causes:
    yield from errors.invalid_values(path, name, qualified(name))
    if core and "/" not in name and name not in {"orphan", "foregroundDeletion", "kubernetes"}:
        why = "name is neither a standard finalizer name nor is it fully qualified"
        yield errors.invalid_value(path, name, why)


def late_finalizers(old: Object | None, new: Object) -> Causes:
    """Yield what is wrong with finalizers that are added to an object that is being deleted."""
    if old is None or "deletionTimestamp" not in old["metadata"]:
        return
    before = old["metadata"].get("finalizers") or ()
    added = [name for name in new["metadata"].get("finalizers") or () if name not in before]
    if added:
        shown = ", ".join(f'"{name}"' for name in added)
        why = (
            "no new finalizers can be added if the object is being deleted, found new finalizers "
            f"[]string{{{shown}}}"
        )
        yield errors.not_allowed("metadata.finalizers", why)


def _owners(owners: list[Object], path: str) -> Causes:
    for owner in owners:
        for name in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(name):
                where = f"{path}.{name}"
                yield errors.invalid_value(where, owner.get(name, ""), "must not be empty")
    if sum(bool(owner.get("controller")) for owner in owners) > 1:
        why = "Only one reference can have Controller set to true"
        yield errors.invalid_value(path, owners, why)
