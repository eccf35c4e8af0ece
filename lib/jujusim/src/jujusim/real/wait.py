# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Rights that were just given take a moment to hold: the server's authorizer reads a cache."""

import time
from collections.abc import Iterator
from typing import Any

import httpx2

from .errors import ClusterError

TIMEOUT = 20.0
"""Seconds until a right that was given must hold."""

INTERVAL = 0.02
_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
_pause = time.sleep


class Grants:
    """The rights that Juju has given to service accounts."""

    def __init__(self, http: httpx2.Client):
        self._http = http
        self._roles: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._bound: dict[str, dict[tuple[str, str], str]] = {}
        self._unsettled: set[str] = set()

    def note(self, obj: dict[str, Any]) -> None:
        """Take note of an object that was applied; only roles and bindings matter."""
        kind, metadata = str(obj.get("kind", "")), obj.get("metadata", {})
        if kind in ("Role", "ClusterRole"):
            role = (kind, str(metadata["name"]))
            self._roles[role] = obj.get("rules") or []
            self._unsettled |= {user for user, roles in self._bound.items() if role in roles}
        elif kind in ("RoleBinding", "ClusterRoleBinding"):
            role = (str(obj["roleRef"]["kind"]), str(obj["roleRef"]["name"]))
            for subject in obj["subjects"]:
                user = f"system:serviceaccount:{subject['namespace']}:{subject['name']}"
                self._bound.setdefault(user, {})[role] = str(metadata.get("namespace", ""))
                self._unsettled.add(user)

    def settle(self, user: str) -> None:
        """Wait until everything that was given to a user holds.

        Raises:
            ClusterError: It does not come to hold: the cluster does not use RBAC for it.
        """
        if user not in self._unsettled:
            return
        deadline = time.monotonic() + TIMEOUT
        for asked in self._asked(user):
            while not self._allowed(user, asked):
                if time.monotonic() > deadline:
                    raise ClusterError(f"{user} does not get the right to {asked}")
                _pause(INTERVAL)
        self._unsettled.discard(user)

    def _asked(self, user: str) -> Iterator[dict[str, str]]:
        for role, namespace in self._bound[user].items():
            for rule in self._roles.get(role, ()):
                if "resources" in rule:
                    yield _first(rule, namespace)

    def _allowed(self, user: str, asked: dict[str, str]) -> bool:
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {"user": user, "resourceAttributes": asked},
        }
        answer = self._http.post(_REVIEWS, json=review).raise_for_status().json()
        return bool(answer["status"]["allowed"])


def _first(rule: dict[str, Any], namespace: str) -> dict[str, str]:
    """Return one thing that a rule allows."""
    resource, _, subresource = rule["resources"][0].partition("/")
    asked = {
        "verb": rule["verbs"][0],
        "group": rule["apiGroups"][0],
        "resource": resource,
        "subresource": subresource,
        "namespace": namespace,
        "name": (rule.get("resourceNames") or [""])[0],
    }
    return {name: value for name, value in asked.items() if value}
