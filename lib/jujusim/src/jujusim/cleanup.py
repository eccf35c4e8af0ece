# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Juju deletes what carries an application's labels once the application is gone.

Kinds and their order are those of ``Delete`` in ``internal/provider/kubernetes/application/
application.go``, which Juju 3.6 and 4.0 have since September 2025.
"""

from collections.abc import Mapping
from typing import Any

import httpx2

_RBAC = "rbac.authorization.k8s.io/v1"
_HOOKS = "admissionregistration.k8s.io/v1"
_DEFINITIONS = "apiextensions.k8s.io/v1"
_ORDER = (
    ("apps/v1", "statefulsets", True),
    ("apps/v1", "deployments", True),
    ("v1", "services", True),
    ("v1", "secrets", True),
    ("v1", "configmaps", True),
    (_RBAC, "roles", True),
    (_RBAC, "rolebindings", True),
    (_RBAC, "clusterrolebindings", False),
    (_RBAC, "clusterroles", False),
    ("v1", "serviceaccounts", True),
    (_DEFINITIONS, "customresourcedefinitions", False),
    (_HOOKS, "mutatingwebhookconfigurations", False),
    (_HOOKS, "validatingwebhookconfigurations", False),
    ("networking.k8s.io/v1", "ingresses", True),
    ("apps/v1", "daemonsets", True),
)
"""Version, plural, and whether it is looked for in the model's namespace."""
_SKIPPED = (403, 404)
"""Already gone, or not this preview's to delete: a preview may not touch what others have made."""


class Cleanup:
    """Deletes what an application has left."""

    def __init__(self, http: httpx2.Client, namespace: str):
        self._http = http
        self._namespace = namespace

    def run(self, labels: Mapping[str, str]) -> None:
        """Delete everything that carries all of these labels.

        Raises:
            httpx2.HTTPStatusError: The API refuses for another reason than that it is gone.
        """
        for version, plural, inside in _ORDER:
            collection = self._collection(version, plural, inside=inside)
            for obj in self._list(collection, labels):
                if plural == "customresourcedefinitions":
                    self._delete_instances(obj["spec"])
                self._delete(f"{collection}/{obj['metadata']['name']}")

    def _delete_instances(self, spec: Mapping[str, Any]) -> None:
        """Delete a definition's objects: those in the model's namespace, or all of the cluster."""
        version = next(each["name"] for each in spec["versions"] if each["served"])
        collection = self._collection(
            f"{spec['group']}/{version}",
            spec["names"]["plural"],
            inside=spec["scope"] == "Namespaced",
        )
        for obj in self._list(collection, {}):
            self._delete(f"{collection}/{obj['metadata']['name']}")

    def _collection(self, version: str, plural: str, *, inside: bool) -> str:
        base = f"/apis/{version}" if "/" in version else f"/api/{version}"
        return f"{base}/namespaces/{self._namespace}/{plural}" if inside else f"{base}/{plural}"

    def _list(self, collection: str, labels: Mapping[str, str]) -> list[dict[str, Any]]:
        selector = ",".join(f"{name}={value}" for name, value in labels.items())
        answer = self._http.get(collection, params={"labelSelector": selector})
        if answer.status_code in _SKIPPED:
            return []
        return list(answer.raise_for_status().json()["items"] or ())

    def _delete(self, path: str) -> None:
        answer = self._http.delete(path)
        if answer.status_code not in _SKIPPED:
            answer.raise_for_status()
