# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Role-based access control over a cluster's own roles and bindings.

    cluster.authorize = rbac.Authorizer(cluster)

Restates k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac and pkg/registry/rbac/validation.
"""

from collections.abc import Iterable, Iterator

from . import errors
from .defaults import RBAC
from .state import State
from .values import Object, is_map, list_at, map_at, maps_in
from .wire import Attributes, Call

MASTERS = "system:masters"
EVERYTHING: list[Object] = [
    {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
    {"nonResourceURLs": ["*"], "verbs": ["*"]},
]
"""The rules of who may do everything."""
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
        tables = zip(_BINDINGS, ("", namespace) if namespace else ("",), strict=False)
        for table, scope in tables:
            for _, binding in self.cluster.store.rows(table, scope):
                if any(
                    _is(subject, user, groups, binding.obj["metadata"].get("namespace", ""))
                    for subject in maps_in(binding.obj.get("subjects"))
                ):
                    yield from self.rules_of(binding.obj["roleRef"], scope) or ()

    def rules_of(self, ref: Object, namespace: str) -> list[Object] | None:
        """Return the rules of the role that a binding names; None where there is none."""
        plural = _plural(ref)
        key = (namespace if plural == "roles" else "", str(ref.get("name")))
        role = self.cluster.store.get((RBAC, plural), key)
        return None if role is None else list(maps_in(role.obj.get("rules")))

    def missing(
        self, user: str, groups: Iterable[str], rules: Iterable[Object], namespace: str
    ) -> list[str]:
        """Return what of some rules a user does not hold: what it may not give to others."""
        held = self.rules(user, tuple(groups), namespace)
        return [
            f"{part.verb} {part.path or errors.qualified((part.group, part.what))} {part.name}"
            for rule in rules
            for part in _parts(rule)
            if not any(allows(owned, part) for owned in held)
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
    everywhere = f"*/{asked.subresource}" if asked.subresource else "*"
    return not {asked.what, "*", everywhere}.isdisjoint(list_at(rule, "resources"))


def _parts(rule: Object) -> Iterator[Attributes]:
    """Yield each verb on one resource (with one name, if any), or on one path."""
    for verb in list_at(rule, "verbs"):
        for url in list_at(rule, "nonResourceURLs"):
            yield Attributes(verb, path=url)
        for group in list_at(rule, "apiGroups"):
            for resource in list_at(rule, "resources"):
                plural, _, part = resource.partition("/")
                for name in list_at(rule, "resourceNames") or [""]:
                    yield Attributes(verb, group, plural, part, name=name)


def check_grant(cluster: State, call: Call, old: Object | None, new: Object) -> None:
    """Refuse a role or binding that gives more than its writer holds.

    Raises:
        ApiError: 403; 404 for a binding to a role that does not exist.
    """
    authorizer, group = cluster.authorize, call.resource.group
    if not isinstance(authorizer, Authorizer) or MASTERS in call.groups or group != RBAC:
        return
    if not call.resource.plural.endswith("bindings"):
        if old is None or _rights(old) != _rights(new):
            _check(authorizer, call, "escalate", call.resource.plural, call.name, _granted(new))
    elif old is None or old.get("subjects") != new.get("subjects"):
        ref = map_at(new, "roleRef")
        rules = authorizer.rules_of(ref, call.namespace)
        _check(authorizer, call, "bind", _plural(ref), str(ref.get("name")), rules)


def _check(
    authorizer: Authorizer,
    call: Call,
    verb: str,
    plural: str,
    name: str,
    rules: list[Object] | None,
) -> None:
    """Refuse to give rules that the writer does not hold, and may not `verb` either."""
    asked = Attributes(verb, RBAC, plural, "", call.namespace, name, "", call.groups)
    if authorizer(call.user, asked):
        return
    if rules is None:
        raise errors.not_found(call.resource.key, name)
    lacking = authorizer.missing(call.user, call.groups, rules, call.namespace)
    if lacking:
        shown = ", ".join(each.strip() for each in lacking)
        user = f'user "{call.user}"'
        why = f"{user} is attempting to grant RBAC permissions not currently held: {shown}"
        raise errors.forbidden(call.resource.key, call.name, why)


def _plural(ref: Object) -> str:
    return "roles" if ref.get("kind") == "Role" else "clusterroles"


def _rights(role: Object) -> tuple[object, object]:
    return role.get("rules") or None, role.get("aggregationRule")


def _granted(role: Object) -> list[Object]:
    """Return what a role gives; one that aggregates may come to give everything."""
    rules = list(maps_in(role.get("rules")))
    return rules + EVERYTHING if is_map(role.get("aggregationRule")) else rules
