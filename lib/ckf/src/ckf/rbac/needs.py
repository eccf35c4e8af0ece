# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The permissions that requests take, read from a cluster's journal."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import kubefake

from .rules import Ask

GROUP = "rbac.authorization.k8s.io"
_ROLES = ("clusterroles", "roles")

Object = Mapping[str, Any]
Asked = Mapping[bool, set[Ask]]
"""Permissions asked for in the model's namespace (True), and anywhere else (False)."""


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
                found[inside].add(Ask(GROUP, plural, str(role["name"]), "bind"))
    return found


def _of(entry: kubefake.Entry) -> Iterator[Ask]:
    name = "" if entry.verb == "create" else entry.name
    yield Ask(entry.group, entry.resource, name, entry.verb)
    if entry.verb == "patch" and entry.status == 201:
        yield Ask(entry.group, entry.resource, "", "create")
    writes_role = entry.group == GROUP and entry.resource in _ROLES and entry.verb != "delete"
    if writes_role and entry.changed:
        yield Ask(GROUP, entry.resource, entry.name, "escalate")


def _key(obj: Object) -> tuple[str, str]:
    metadata = obj["metadata"]
    return str(metadata.get("namespace", "")), str(metadata["name"])
