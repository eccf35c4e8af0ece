# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Role-based access control over a cluster's own roles and bindings.

    cluster.authorize = rbac.Authorizer(cluster)

Restates k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac and pkg/registry/rbac/validation.
"""

import dataclasses
from collections.abc import Iterable, Iterator

from . import errors
from .defaults import RBAC
from .state import State
from .values import Object, is_map, list_at, map_at, maps_in
from .wire import Attributes

MASTERS = "system:masters"
_BINDINGS = ((RBAC, "clusterrolebindings"), (RBAC, "rolebindings"))
_TABLES = (*_BINDINGS, (RBAC, "clusterroles"), (RBAC, "roles"))


def groups_of(user: str) -> tuple[str, ...]:
    """Return the groups that a user is in by its name: service accounts and administrators.

    `admin` and the cluster's own controllers are in `system:masters`.
    """
    if user == "system:anonymous":
        return ("system:unauthenticated",)
    if user in {"admin", "system:kube-controller-manager"}:
        return (MASTERS, "system:authenticated")
    parts = user.split(":")
    if parts[:2] == ["system", "serviceaccount"] and len(parts) == 4:
        return ("system:serviceaccounts", f"system:serviceaccounts:{parts[2]}",
                "system:authenticated")  # fmt: skip
    return ("system:authenticated",)


class Authorizer:
    """Decides by the roles that are bound to a user."""

    def __init__(self, cluster: State) -> None:
        self.cluster = cluster
        self._known: dict[tuple[str, tuple[str, ...], str], list[Object]] = {}
        self._known_at: tuple[object, ...] = ()

    def __call__(self, user: str, attributes: Attributes) -> bool:
        """Tell whether a user may do what is asked."""
        groups = attributes.groups or groups_of(user)
        if MASTERS in groups:
            return True
        rules = self.rules(user, tuple(groups), attributes.namespace)
        return any(allows(rule, attributes) for rule in rules)

    def rules(self, user: str, groups: tuple[str, ...], namespace: str) -> list[Object]:
        """Return the rules that apply to a user, cluster-wide and in a namespace."""
        store = self.cluster.store
        now = (store, *map(store.written, _TABLES))
        if now != self._known_at:
            self._known, self._known_at = {}, now
        asked = (user, groups, namespace)
        if asked not in self._known:
            self._known[asked] = list(self._rules(*asked))
        return self._known[asked]

    def _rules(self, user: str, groups: tuple[str, ...], namespace: str) -> Iterator[Object]:
        for table in _BINDINGS:
            if table[1] == "rolebindings" and not namespace:
                continue
            scope = namespace if table[1] == "rolebindings" else ""
            for _, binding in self.cluster.store.rows(table, scope):
                if any(
                    _is(subject, user, groups, binding.obj["metadata"].get("namespace", ""))
                    for subject in maps_in(binding.obj.get("subjects"))
                ):
                    yield from self.rules_of(binding.obj["roleRef"], scope) or ()

    def rules_of(self, ref: Object, namespace: str) -> list[Object] | None:
        """Return the rules of the role that a binding names; None where there is none."""
        plural = "roles" if ref.get("kind") == "Role" else "clusterroles"
        key = (namespace if plural == "roles" else "", str(ref.get("name")))
        role = self.cluster.store.get((RBAC, plural), key)
        return None if role is None else list(maps_in(role.obj.get("rules")))

    def missing(
        self, user: str, groups: Iterable[str], rules: Iterable[Object], namespace: str
    ) -> list[str]:
        """Return what of some rules a user does not hold: what it may not give to others."""
        held = self.rules(user, tuple(groups), namespace)
        return [
            f"{part.verb} {part.path or errors.qualified(part.group, part.resource)} {part.name}"
            for rule in rules
            for part in _parts(rule)
            if not any(_covers(owned, part) for owned in held)
        ]


def _is(subject: Object, user: str, groups: Iterable[str], namespace: str) -> bool:
    name, kind = subject.get("name", ""), subject.get("kind")
    if kind == "User":
        return name == user
    if kind == "Group":
        return name in groups
    return user == f"system:serviceaccount:{subject.get('namespace') or namespace}:{name}"


def allows(rule: Object, asked: Attributes) -> bool:
    """Tell whether a rule allows what is asked."""
    if not _has(rule, "verbs", asked.verb):
        return False
    if not asked.resource:
        return any(
            url in ("*", asked.path) or (url.endswith("*") and asked.path.startswith(url[:-1]))
            for url in list_at(rule, "nonResourceURLs")
        )
    if not _has(rule, "apiGroups", asked.group) or not _has_resource(rule, asked):
        return False
    names = list_at(rule, "resourceNames")
    return not names or asked.name in names


def _has(rule: Object, name: str, value: str) -> bool:
    values = list_at(rule, name)
    return value in values or "*" in values


def _has_resource(rule: Object, asked: Attributes) -> bool:
    wanted = f"{asked.resource}/{asked.subresource}" if asked.subresource else asked.resource
    found = list_at(rule, "resources")
    everywhere = f"*/{asked.subresource}"
    return wanted in found or "*" in found or (bool(asked.subresource) and everywhere in found)


def _parts(rule: Object) -> Iterator[Attributes]:
    """Yield each verb on one resource (with one name, if any), or on one path."""
    for verb in list_at(rule, "verbs"):
        for url in list_at(rule, "nonResourceURLs"):
            yield Attributes(verb, path=url)
        for group in list_at(rule, "apiGroups"):
            for resource in list_at(rule, "resources"):
                for name in list_at(rule, "resourceNames") or [""]:
                    yield Attributes(verb, group, resource, name=name)


def _covers(rule: Object, part: Attributes) -> bool:
    resource, _, subresource = part.resource.partition("/")
    return allows(rule, dataclasses.replace(part, resource=resource, subresource=subresource))


def check_grant(
    authorizer: Authorizer,
    user: str,
    asked: Attributes,
    old: Object | None,
    new: Object,
) -> None:
    """Refuse a role or binding that gives more than its writer holds.

    Args:
        authorizer: Who knows what the writer holds.
        user: The writer.
        asked: The write: resource, namespace, name and the writer's groups.
        old: The stored object; None on create.
        new: The object to be stored.

    Raises:
        ApiError: 403; 404 for a binding to a role that does not exist.
    """
    if MASTERS in asked.groups or asked.group != RBAC:
        return
    if asked.resource.endswith("bindings"):
        if old is None or old.get("subjects") != new.get("subjects"):
            _check_bind(authorizer, user, asked, map_at(new, "roleRef"))
    elif old is None or _rights(old) != _rights(new):
        verb = dataclasses.replace(asked, verb="escalate")
        if not authorizer(user, verb):
            _refuse(authorizer, user, asked, _granted(new))


def _check_bind(authorizer: Authorizer, user: str, asked: Attributes, ref: Object) -> None:
    plural = "roles" if ref.get("kind") == "Role" else "clusterroles"
    name = str(ref.get("name"))
    if authorizer(user, dataclasses.replace(asked, verb="bind", resource=plural, name=name)):
        return
    rules = authorizer.rules_of(ref, asked.namespace)
    if rules is None:
        raise errors.not_found(RBAC, asked.resource, name)
    _refuse(authorizer, user, asked, rules)


def _refuse(authorizer: Authorizer, user: str, asked: Attributes, rules: list[Object]) -> None:
    lacking = authorizer.missing(user, asked.groups, rules, asked.namespace)
    if lacking:
        shown = ", ".join(each.strip() for each in lacking)
        why = f'user "{user}" is attempting to grant RBAC permissions not currently held: {shown}'
        raise errors.forbidden(RBAC, asked.resource, asked.name, why)


def _rights(role: Object) -> tuple[object, object]:
    return role.get("rules") or None, role.get("aggregationRule")


def _granted(role: Object) -> list[Object]:
    """Return what a role gives; one that aggregates may come to give everything."""
    rules = list(maps_in(role.get("rules")))
    if is_map(role.get("aggregationRule")):
        everything: Object = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
        rules += [everything, {"nonResourceURLs": ["*"], "verbs": ["*"]}]
    return rules
