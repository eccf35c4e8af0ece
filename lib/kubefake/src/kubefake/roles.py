# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Rules of roles and bindings."""

from . import errors
from .defaults import RBAC
from .errors import Cause, frozen
from .values import Object, list_at, map_at, maps_in


def validate_role(_: Object | None, new: Object) -> list[Cause]:
    """Return what is wrong with a Role or ClusterRole."""
    found: list[Cause] = []
    aggregation = new.get("aggregationRule")
    if aggregation is not None and not list_at(aggregation, "clusterRoleSelectors"):
        why = "at least one clusterRoleSelector required if aggregationRule is non-nil"
        found.append(errors.required("aggregationRule.clusterRoleSelectors", why))
    for index, rule in enumerate(maps_in(new.get("rules"))):
        path = f"rules[{index}]"
        if not rule.get("verbs"):
            found.append(errors.required(f"{path}.verbs", "verbs must contain at least one value"))
        if rule.get("nonResourceURLs"):
            if new.get("kind") == "Role":
                why = "namespaced rules cannot apply to non-resource URLs"
                value = rule["nonResourceURLs"]
                found.append(errors.invalid_value(f"{path}.nonResourceURLs", value, why))
            continue
        if not rule.get("apiGroups"):
            why = "resource rules must supply at least one api group"
            found.append(errors.required(f"{path}.apiGroups", why))
        if not rule.get("resources"):
            why = "resource rules must supply at least one resource"
            found.append(errors.required(f"{path}.resources", why))
    return found


def validate_binding(old: Object | None, new: Object) -> list[Cause]:
    """Return what is wrong with a RoleBinding or ClusterRoleBinding."""
    found: list[Cause] = []
    ref = map_at(new, "roleRef")
    kinds = ["ClusterRole"] if new.get("kind") == "ClusterRoleBinding" else ["Role", "ClusterRole"]
    if ref.get("apiGroup") != RBAC:
        found.append(errors.unsupported("roleRef.apiGroup", ref.get("apiGroup", ""), [RBAC]))
    if ref.get("kind") not in kinds:
        found.append(errors.unsupported("roleRef.kind", ref.get("kind", ""), list(kinds)))
    if not ref.get("name"):
        found.append(errors.required("roleRef.name"))
    found += frozen(old, new, "roleRef", why="cannot change roleRef")
    for index, subject in enumerate(maps_in(new.get("subjects"))):
        found += _subject(subject, f"subjects[{index}]", new.get("kind") == "RoleBinding")
    return found


def _subject(subject: Object, path: str, namespaced: bool) -> list[Cause]:
    found = [] if subject.get("name") else [errors.required(f"{path}.name")]
    if subject.get("kind") == "ServiceAccount":
        if not subject.get("namespace") and not namespaced:
            found.append(errors.required(f"{path}.namespace"))
        if subject.get("apiGroup"):
            found.append(errors.unsupported(f"{path}.apiGroup", subject["apiGroup"], [""]))
    elif subject.get("kind") not in {"User", "Group"}:
        choices = ["ServiceAccount", "User", "Group"]
        found.append(errors.unsupported(f"{path}.kind", subject.get("kind", ""), list(choices)))
    return found
