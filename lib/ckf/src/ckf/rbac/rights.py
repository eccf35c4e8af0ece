# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The rights of one application: what its charm's calls take, and what its objects give."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jujusim
import kubefake
from jujusim import rights as accounts
from kubefake.values import at

from .rules import Ask, compact, expand

_RBAC = "rbac.authorization.k8s.io"
_ROLES = ("clusterroles", "roles")
LABEL = "charmed-kubeflow.io/app"
"""By this label charms know their objects."""

Object = Mapping[str, Any]
NAMESPACE, CLUSTER = "namespace", "cluster"
Scoped = Mapping[str, list[dict[str, Any]]]
"""Rules that hold in the model's namespace, and rules that hold in the whole cluster."""


@dataclasses.dataclass(frozen=True)
class Rights:
    """The rights of an application.

    Attributes:
        charm: What the charm's own calls need.
        workload: What is given to service accounts, by account.
        roles: The rules of roles that are bound to nobody by the charm, by kind and name.
    """

    charm: Scoped
    workload: Mapping[str, Scoped]
    roles: Mapping[str, list[dict[str, Any]]]

    def asks(self) -> set[tuple[str, Ask]]:
        """Return every single permission, with where it is given: what can be compared."""
        return {(where, ask) for where, rules in self.parts().items() for ask in expand(rules)}

    def parts(self) -> dict[str, list[dict[str, Any]]]:
        """Rules by where they are given: `charm, cluster` or `workload minio, namespace`."""
        parts = {f"charm, {scope}": rules for scope, rules in self.charm.items()}
        for account, scoped in self.workload.items():
            parts |= {f"workload {account}, {scope}": rules for scope, rules in scoped.items()}
        return {**parts, **{f"role {name}": rules for name, rules in self.roles.items()}}


def of(
    model: jujusim.Model, app: str, journal: Iterable[kubefake.Entry], objects: Iterable[Object]
) -> Rights:
    """Return what an application needs and gives."""
    found = list(objects)
    user = accounts.account(model.name, app)
    return made(model.name, app, asked(journal, user, model.name, found), found)


def made(
    namespace: str, app: str, asked: Mapping[bool, set[Ask]], objects: Iterable[Object]
) -> Rights:
    """Return the rights of a charm that has asked for these permissions (see `asked`).

    Of all objects those with the application's label count.
    """
    mine = [obj for obj in objects if at(obj, "metadata", "labels", LABEL) == app]
    roles = {
        f"{obj['kind']}/{obj['metadata']['name']}": obj
        for obj in mine
        if obj["kind"] in ("Role", "ClusterRole")
    }
    given: dict[str, dict[str, set[Ask]]] = {}
    unbound = dict(roles)
    for obj in mine:
        if obj["kind"] not in ("RoleBinding", "ClusterRoleBinding"):
            continue
        scope = NAMESPACE if obj["kind"] == "RoleBinding" else CLUSTER
        name = f"{obj['roleRef']['kind']}/{obj['roleRef']['name']}"
        rules: Object = unbound.pop(name, roles.get(name, {}))
        for subject in obj.get("subjects") or ():
            scopes = given.setdefault(
                _account(subject, namespace), {NAMESPACE: set(), CLUSTER: set()}
            )
            scopes[scope] |= set(expand(rules.get("rules") or ()))
    return Rights(
        charm={NAMESPACE: compact(asked[True]), CLUSTER: compact(asked[False])},
        workload={
            account: {scope: compact(asks) for scope, asks in scopes.items()}
            for account, scopes in sorted(given.items())
        },
        roles={
            name: compact(expand(role.get("rules") or ()))
            for name, role in sorted(unbound.items())
            # An aggregated role's rules are those of other roles, which stand here by themselves.
            if not role.get("aggregationRule")
        },
    )


def _account(subject: Object, namespace: str) -> str:
    """Return the subject's name, with its namespace where that is not the model's."""
    name = str(subject["name"])
    if subject["kind"] != "ServiceAccount":
        return f"{subject['kind']} {name}"
    where = subject.get("namespace", namespace)
    return name if where == namespace else f"{where}/{name}"


def asked(
    journal: Iterable[kubefake.Entry], user: str, namespace: str, objects: Iterable[Object]
) -> dict[bool, set[Ask]]:
    """Return the permissions that a user's requests, after which objects are these, have taken.

    Server-side apply takes `create` where there was no object. Who writes a role must have
    the rights in it or the verb `escalate`, and who binds one must have them or `bind`:
    https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping.
    The verbs are taken here, for the roles by name: a charm need not be able to do what its
    workload does.
    """
    bindings = {_key(obj): obj["roleRef"] for obj in objects if "roleRef" in obj}
    found: dict[bool, set[Ask]] = {True: set(), False: set()}
    for entry in journal:
        if entry.user == user and entry.resource:
            inside = entry.namespace == namespace
            found[inside].update(_of(entry))
            role = bindings.get((entry.namespace, entry.name))
            if role and entry.changed and entry.resource.endswith("bindings"):
                plural = f"{str(role['kind']).lower()}s"
                found[inside].add(Ask(_RBAC, plural, str(role["name"]), "bind"))
    return found


def _of(entry: kubefake.Entry) -> Iterator[Ask]:
    name = "" if entry.verb == "create" else entry.name
    yield Ask(entry.group, entry.resource, name, entry.verb)
    if entry.verb == "patch" and entry.status == 201:
        yield Ask(entry.group, entry.resource, "", "create")
    writes_role = entry.group == _RBAC and entry.resource in _ROLES and entry.verb != "delete"
    if writes_role and entry.changed:
        yield Ask(_RBAC, entry.resource, entry.name, "escalate")


def _key(obj: Object) -> tuple[str, str]:
    metadata = obj["metadata"]
    return str(metadata.get("namespace", "")), str(metadata["name"])
