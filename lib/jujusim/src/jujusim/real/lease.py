# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A namespace of a cluster, taken for one preview and given back."""

import datetime
import json
import time
from collections.abc import Iterable
from typing import Any

import httpx2

from . import access
from .access import ClusterError
from .send import Key, merge_patch
from .server import Server

LABEL = "charmed-kubeflow.io/preview"
"""Marks a namespace that a preview has made."""

INVENTORY = "ckf-preview"
"""The ConfigMap in it that lists what was created outside: also a killed preview leaves a list."""

TIMEOUT = 90.0
"""Seconds until everything must be gone that was deleted."""

INTERVAL = 0.1
WEBHOOKS = ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")
_pause = time.sleep


class NamespaceLease:
    """A context in which a namespace is a preview's own.

    Entering it makes the namespace, and first removes what an earlier preview of the same name has
    left. Leaving it removes the namespace and what was created outside of it, unless it is kept.

    Args:
        http: The connection, with the rights of a cluster administrator.
        consent: Whether objects outside it may be made.
        own: Whether the cluster is the preview's own, to do with it whatever it likes.
        keep: Whether everything stays when the context is left.

    Raises:
        ClusterError: On entering: the namespace exists and no preview has made it. On leaving:
            something does not go.
    """

    def __init__(
        self,
        http: httpx2.Client,
        namespace: str,
        *,
        consent: bool,
        own: bool = False,
        keep: bool = False,
    ) -> None:
        self._http = http
        self._name = namespace
        self._namespace = Key("", "v1", "namespaces", "", namespace)
        self._list = Key("", "v1", "configmaps", namespace, INVENTORY)
        self._keep = keep
        self.server = Server(http, namespace, consent=consent, own=own, creating=self._write_down)
        self._written: list[Key] = []

    def __enter__(self) -> Server:
        """Take the namespace."""
        found = self._get(self._namespace)
        if found is not None:
            if LABEL not in found["metadata"].get("labels", {}):
                raise ClusterError(
                    f"the namespace {self._name} exists and no preview has made it: choose "
                    "another --model"
                )
            self.release()
        self._create()
        return self.server

    def __exit__(self, *_: object) -> None:
        """Give it back."""
        if not self._keep:
            self.release()

    def conflicts(self, keys: Iterable[Key]) -> list[Key]:
        """Return those of some objects that are there already.

        What an earlier preview of this namespace has left does not count: it is removed first.
        """
        left = set(self._recorded())
        return [key for key in keys if key not in left and self._get(key) is not None]

    def release(self) -> None:
        """Remove everything that was made, webhooks first and the namespace last."""
        found = self._get(self._namespace)
        since = _moment(found) if found else None
        outside = [*reversed(self._recorded())]
        outside.sort(key=lambda key: key.plural not in WEBHOOKS)
        for key in outside:
            self._delete(key, since)
        self._delete(self._namespace, since)
        self._await_absence([*outside, self._namespace], since)

    def _create(self) -> None:
        labels = {LABEL: "true"}
        namespace = {"kind": "Namespace", "metadata": {"name": self._name, "labels": labels}}
        self._post("/api/v1/namespaces", namespace)
        listed = {"kind": "ConfigMap", "metadata": {"name": INVENTORY, "labels": labels}}
        self._post(f"{self._list.collection}/configmaps", {**listed, "data": {"outside": "[]"}})

    def _write_down(self, key: Key) -> None:
        """Note an object before it exists."""
        self._written.append(key)
        paths = json.dumps([each.path for each in self._written])
        listed = {"data": {"outside": paths}}
        answer = merge_patch(self._http, self._list.path, listed, access.USER_AGENT)
        _check(answer, "note what is made")

    def _recorded(self) -> list[Key]:
        found = self._get(self._list)
        if found is None:
            return []
        return [Key.parse(path) for path in json.loads(found["data"]["outside"])]

    def _delete(self, key: Key, since: datetime.datetime | None) -> None:
        """Delete an object, unless it is older than the namespace and so somebody else's."""
        found = self._get(key)
        if found is None or _is_older(found, since):
            return
        same = {"preconditions": {"uid": found["metadata"]["uid"]}}
        answer = self._http.request("DELETE", key.path, json=same)
        if answer.status_code not in (404, 409):
            _check(answer, f"delete {key}")

    def _await_absence(self, keys: list[Key], since: datetime.datetime | None) -> None:
        deadline = time.monotonic() + TIMEOUT
        left = keys
        # What is gone is not asked for again: of hundreds, the namespace is the last by far.
        while left := [key for key in left if self._is_left(key, since)]:
            if time.monotonic() > deadline:
                names = ", ".join(str(key) for key in left)
                raise ClusterError(f"not removed within {TIMEOUT:.0f} s: {names}")
            _pause(INTERVAL)

    def _is_left(self, key: Key, since: datetime.datetime | None) -> bool:
        found = self._get(key)
        return found is not None and not _is_older(found, since)

    def _get(self, key: Key) -> dict[str, Any] | None:
        answer = self._http.get(key.path)
        if answer.status_code == 404:
            return None
        _check(answer, f"read {key}")
        return answer.json()

    def _post(self, path: str, obj: dict[str, Any]) -> None:
        answer = self._http.post(path, json={"apiVersion": "v1", **obj})
        _check(answer, f"create {obj['kind']} {obj['metadata']['name']}")


def _moment(obj: dict[str, Any]) -> datetime.datetime:
    text = str(obj["metadata"]["creationTimestamp"])
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def _is_older(obj: dict[str, Any], since: datetime.datetime | None) -> bool:
    return since is not None and _moment(obj) < since


def _check(answer: httpx2.Response, deed: str) -> None:
    if not answer.is_success:
        raise ClusterError(f"cannot {deed}: {access.reason(answer)}")
