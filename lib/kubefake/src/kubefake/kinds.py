# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Rules of the smaller kinds: what holds data, roles and bindings, webhook configurations."""

import re

from . import errors
from .defaults import RBAC
from .errors import Causes, frozen
from .values import Object, at, list_at, map_at, maps_in

_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+\Z")
_CONFIG_KEY_WORDS = "must be letters, digits, '-', '_' and '.', such as 'key.name'"


def _data(old: Object | None, new: Object, *maps: str) -> Causes:
    for name in maps:
        for key in new.get(name) or ():
            if not _CONFIG_KEY.match(key):
                yield errors.invalid_value(f"{name}[{key}]", key, _CONFIG_KEY_WORDS)
    if old and old.get("immutable"):
        why = "field is immutable when `immutable` is set"
        if not new.get("immutable"):
            yield errors.not_allowed("immutable", why)
        for name in ("data", "binaryData"):
            if map_at(old, name) != map_at(new, name):
                yield errors.not_allowed(name, why)


def config_map(old: Object | None, new: Object) -> Causes:
    """Yield what is wrong with a ConfigMap."""
    for key in sorted({*map_at(new, "data")} & {*map_at(new, "binaryData")}):
        yield errors.invalid_value("data", key, "duplicate of key present in binaryData")
    yield from _data(old, new, "data", "binaryData")


_SECRET_KEYS = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
}


def secret(old: Object | None, new: Object) -> Causes:
    """Yield what is wrong with a Secret."""
    yield from _data(old, new, "data")
    if new.get("type") == "kubernetes.io/service-account-token":
        name = "kubernetes.io/service-account.name"
        if not map_at(new, "metadata", "annotations").get(name):
            yield errors.required(f"metadata.annotations[{name}]")
    for key in _SECRET_KEYS.get(new.get("type", ""), ()):
        if key not in map_at(new, "data"):
            yield errors.required(f"data[{key}]")
    yield from frozen(old, new, "type")


_ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")


def claim(old: Object | None, new: Object) -> Causes:
    """Yield what is wrong with a PersistentVolumeClaim."""
    modes = list_at(new, "spec", "accessModes")
    if not modes:
        yield errors.required("spec.accessModes", "at least 1 access mode is required")
    for mode in modes:
        if mode not in _ACCESS_MODES:
            yield errors.unsupported("spec.accessModes", mode, _ACCESS_MODES)
    if not at(new, "spec", "resources", "requests", "storage"):
        yield errors.required("spec.resources[storage]")
    if old is not None and _claim_core(old, new) != _claim_core(new, old):
        why = (
            "spec is immutable after creation except resources.requests and "
            "volumeAttributesClassName for bound claims"
        )
        yield errors.not_allowed("spec", why)


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


def role(_: Object | None, new: Object) -> Causes:
    """Yield what is wrong with a Role or ClusterRole."""
    aggregation = new.get("aggregationRule")
    if aggregation is not None and not list_at(aggregation, "clusterRoleSelectors"):
        why = "at least one clusterRoleSelector required if aggregationRule is non-nil"
        yield errors.required("aggregationRule.clusterRoleSelectors", why)
    for index, rule in enumerate(maps_in(new.get("rules"))):
        path = f"rules[{index}]"
        if not rule.get("verbs"):
            yield errors.required(f"{path}.verbs", "verbs must contain at least one value")
        urls = rule.get("nonResourceURLs")
        if urls and new.get("kind") == "Role":
            why = "namespaced rules cannot apply to non-resource URLs"
            yield errors.invalid_value(f"{path}.nonResourceURLs", urls, why)
        for name, what in (("apiGroups", "api group"), ("resources", "resource")):
            if not urls and not rule.get(name):
                why = f"resource rules must supply at least one {what}"
                yield errors.required(f"{path}.{name}", why)


def binding(old: Object | None, new: Object) -> Causes:
    """Yield what is wrong with a RoleBinding or ClusterRoleBinding."""
    ref, namespaced = map_at(new, "roleRef"), new.get("kind") == "RoleBinding"
    if ref.get("apiGroup") != RBAC:
        yield errors.unsupported("roleRef.apiGroup", ref.get("apiGroup", ""), [RBAC])
    kinds = ["Role", "ClusterRole"] if namespaced else ["ClusterRole"]
    if ref.get("kind") not in kinds:
        yield errors.unsupported("roleRef.kind", ref.get("kind", ""), kinds)
    if not ref.get("name"):
        yield errors.required("roleRef.name")
    yield from frozen(old, new, "roleRef", why="cannot change roleRef")
    for index, subject in enumerate(maps_in(new.get("subjects"))):
        yield from _subject(subject, f"subjects[{index}]", namespaced)


def _subject(subject: Object, path: str, namespaced: bool) -> Causes:
    if not subject.get("name"):
        yield errors.required(f"{path}.name")
    if subject.get("kind") == "ServiceAccount":
        if not subject.get("namespace") and not namespaced:
            yield errors.required(f"{path}.namespace")
        if subject.get("apiGroup"):
            yield errors.unsupported(f"{path}.apiGroup", subject["apiGroup"], [""])
    elif subject.get("kind") not in {"User", "Group"}:
        choices = ("ServiceAccount", "User", "Group")
        yield errors.unsupported(f"{path}.kind", subject.get("kind", ""), choices)


def webhooks(_: Object | None, new: Object) -> Causes:
    """Yield what is wrong with a webhook configuration."""
    seen: set[str] = set()
    for index, hook in enumerate(maps_in(new.get("webhooks"))):
        path, name = f"webhooks[{index}]", hook.get("name", "")
        if name.count(".") < 2:
            why = "should be a domain with at least three segments separated by dots"
            yield errors.invalid_value(f"{path}.name", name, why)
        elif name in seen:
            yield errors.duplicate(f"{path}.name", name)
        seen.add(name)
        yield from _webhook(hook, path)
        yield from _webhook_client(map_at(hook, "clientConfig"), f"{path}.clientConfig")


def _webhook(hook: Object, path: str) -> Causes:
    versions, where = list_at(hook, "admissionReviewVersions"), f"{path}.admissionReviewVersions"
    if not versions:
        yield errors.required(where, "must specify one of v1, v1beta1")
    elif not {"v1", "v1beta1"} & set(versions):
        yield errors.invalid_value(where, versions, "must include at least one of v1, v1beta1")
    effects, given = ("None", "NoneOnDryRun"), hook.get("sideEffects")
    if not given:
        yield errors.required(f"{path}.sideEffects", f"must specify one of {', '.join(effects)}")
    elif given not in effects:
        yield errors.unsupported(f"{path}.sideEffects", given, effects)
    policies, policy = ("Fail", "Ignore"), hook.get("failurePolicy")
    if policy not in policies:
        yield errors.unsupported(f"{path}.failurePolicy", policy, policies)
    seconds = hook.get("timeoutSeconds", 10)
    if not 1 <= seconds <= 30:
        why = "the timeout value must be between 1 and 30 seconds"
        yield errors.invalid_value(f"{path}.timeoutSeconds", seconds, why)
    for index, rule in enumerate(maps_in(hook.get("rules"))):
        for name in ("operations", "apiGroups", "apiVersions", "resources"):
            if not rule.get(name):
                yield errors.required(f"{path}.rules[{index}].{name}")


def _webhook_client(client: Object, path: str) -> Causes:
    url = client.get("url")
    if bool(url) == bool(client.get("service")):
        yield errors.required(path, "exactly one of url or service is required")
    elif url and not url.startswith("https://"):
        why = "'https' is the only allowed URL scheme; desired format: https://host[/path]"
        yield errors.invalid_value(f"{path}.url", url.partition(":")[0], why)
