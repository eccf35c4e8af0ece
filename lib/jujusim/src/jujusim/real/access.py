# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The connection to an API server, from a kubeconfig, and whether rights have come to hold."""

import pathlib
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import yaml
from lightkube.config import client_adapter
from lightkube.config.kubeconfig import KubeConfig
from lightkube.core import exceptions

from ..rights import account


class ClusterError(Exception):
    """A cluster cannot be used; the message is a sentence for the person who chose it."""


SECONDS = 30.0
"""Seconds that an answer may take."""


USER_AGENT = "ckf-preview"
"""The field manager of what a preview itself sets."""


TIMEOUT = 20.0
"""Seconds until a right that was given must hold."""

INTERVAL = 0.02
_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
_pause = time.sleep

# lightkube takes what it reads for a kubeconfig, whatever it is.
_NO_KUBECONFIG = (ValueError, LookupError, TypeError, AttributeError)


def connection(kubeconfig: pathlib.Path) -> httpx2.Client:
    """Return a client with the address and the credentials of the current context.

    Raises:
        ClusterError: It cannot be read, or the server does not answer.
    """
    try:
        config = KubeConfig.from_file(str(kubeconfig)).get()
        given = client_adapter.ConnectionParams(timeout=httpx2.Timeout(SECONDS))
        if config is None:
            raise ClusterError(f"{kubeconfig} has no current context")
        client = client_adapter.Client(config, given)
    except (*_NO_KUBECONFIG, exceptions.ConfigError, OSError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise ClusterError(f"cannot use the kubeconfig {kubeconfig}: {why}") from error
    client.headers["user-agent"] = USER_AGENT
    _greet(client, kubeconfig)
    return client


def _greet(client: httpx2.Client, kubeconfig: pathlib.Path) -> None:
    try:
        answer = client.get("/version")
    except (httpx2.TransportError, exceptions.ConfigError) as error:
        client.close()
        raise ClusterError(f"the cluster of {kubeconfig} does not answer: {error}") from error
    if not answer.is_success:
        client.close()
        raise ClusterError(f"the cluster of {kubeconfig} refuses: {reason(answer)}")


def reason(answer: httpx2.Response) -> str:
    """Return what a response that is no success says."""
    try:
        content: Any = answer.json()
        return str(content["message"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason_phrase}"


class Grants:
    """The rights that Juju has given to service accounts.

    They take a moment to hold: the server's authorizer reads a cache.
    """

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
                user = account(subject["namespace"], subject["name"])
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
