# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The rights of one application: those of its charm, and those that its objects give."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import jujusim
import kubefake
from jujusim import rights as accounts
from kubefake.values import at

from . import needs
from .needs import Object
from .rules import Ask, compact, expand

LABEL = "charmed-kubeflow.io/app"
"""By this label charms know their objects."""

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

    def to_dict(self) -> dict[str, Any]:
        """Return the rights as YAML has them."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Rights:
        """Return the rights that `to_dict` has made."""
        return cls(values["charm"], values["workload"], values["roles"])

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
    model: jujusim.Model,
    app: str,
    journal: Iterable[kubefake.Entry],
    objects: Iterable[Object],
) -> Rights:
    """Return what an application needs and gives."""
    found = list(objects)
    user = accounts.account(model.name, app)
    return made(model.name, app, needs.asked(journal, user, model.name, found), found)


def made(
    namespace: str, app: str, asked: Mapping[bool, set[Ask]], objects: Iterable[Object]
) -> Rights:
    """Return the rights of a charm that has asked for these permissions and made these objects.

    Args:
        namespace: The model's namespace.
        app: The application.
        asked: What the charm's calls took, see `needs.asked`.
        objects: All objects; those with the application's label count.
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
