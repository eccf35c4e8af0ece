# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Rules of what holds data: ConfigMaps, Secrets and claims to storage."""

import re

from . import errors
from .errors import Cause, frozen
from .values import Object, at, list_at, map_at

_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+\Z")
_CONFIG_KEY_WORDS = "must be letters, digits, '-', '_' and '.', such as 'key.name'"


def _config_keys(new: Object, *maps: str) -> list[Cause]:
    return [
        errors.invalid_value(f"{name}[{key}]", key, _CONFIG_KEY_WORDS)
        for name in maps
        for key in new.get(name) or ()
        if not _CONFIG_KEY.match(key)
    ]


def _immutable_data(old: Object | None, new: Object) -> list[Cause]:
    if not old or not old.get("immutable"):
        return []
    why = "field is immutable when `immutable` is set"
    found: list[Cause] = []
    if not new.get("immutable"):
        found.append(errors.not_allowed("immutable", why))
    found += [
        errors.not_allowed(name, why)
        for name in ("data", "binaryData")
        if map_at(old, name) != map_at(new, name)
    ]
    return found


def validate_config_map(old: Object | None, new: Object) -> list[Cause]:
    """Return what is wrong with a ConfigMap."""
    both = set(new.get("data") or ()) & set(new.get("binaryData") or ())
    found = [errors.invalid_value("data", key, "duplicate of key present in binaryData")
             for key in sorted(both)]  # fmt: skip
    return found + _config_keys(new, "data", "binaryData") + _immutable_data(old, new)


def validate_secret(old: Object | None, new: Object) -> list[Cause]:
    """Return what is wrong with a Secret."""
    found = _config_keys(new, "data") + _immutable_data(old, new)
    if new.get("type") == "kubernetes.io/service-account-token":
        name = "kubernetes.io/service-account.name"
        if not map_at(new, "metadata", "annotations").get(name):
            found.append(errors.required(f"metadata.annotations[{name}]"))
    required = {
        "kubernetes.io/tls": ("tls.crt", "tls.key"),
        "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    }
    data = map_at(new, "data")
    for key in required.get(new.get("type", ""), ()):
        if key not in data:
            found.append(errors.required(f"data[{key}]"))
    return found + frozen(old, new, "type")


_ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]


def validate_claim(old: Object | None, new: Object) -> list[Cause]:
    """Return what is wrong with a PersistentVolumeClaim."""
    spec = map_at(new, "spec")
    found: list[Cause] = []
    modes = list_at(spec, "accessModes")
    if not modes:
        found.append(errors.required("spec.accessModes", "at least 1 access mode is required"))
    found += [
        errors.unsupported("spec.accessModes", mode, list(_ACCESS_MODES))
        for mode in modes
        if mode not in _ACCESS_MODES
    ]
    if not at(spec, "resources", "requests", "storage"):
        found.append(errors.required("spec.resources[storage]"))
    if old is not None and _claim_core(old, new) != _claim_core(new, old):
        why = (
            "spec is immutable after creation except resources.requests and "
            "volumeAttributesClassName for bound claims"
        )
        found.append(errors.not_allowed("spec", why))
    return found


def _claim_core(one: Object, other: Object) -> Object:
    """Return what of a claim's spec may not differ from another version's."""
    spec = dict(map_at(one, "spec"))
    if "Bound" in (at(one, "status", "phase"), at(other, "status", "phase")):
        spec.pop("resources", None)
        spec.pop("volumeAttributesClassName", None)
    for name in ("storageClassName", "volumeName"):
        if at(one, "spec", name) is None or at(other, "spec", name) is None:
            spec.pop(name, None)
    return spec
