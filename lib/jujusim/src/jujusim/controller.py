# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Juju's own connection to Kubernetes: makes objects, and deletes them by name or by labels.

Kinds that are deleted by labels, and their order, are those of ``Delete`` in
``internal/provider/kubernetes/application/application.go``, which Juju 3.6 and 4.0 have since
September 2025.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx2
import lightkube
from kubefake.transport import URL

from .admission import DELETED
from .rights import CONTROLLER

if TYPE_CHECKING:
    from .cluster_backend import ClusterBackend

SECONDS = 30.0
"""Seconds that an answer may take."""

_SKIPPED = (403, 404)
"""Already gone, or not this preview's to delete: a preview may not touch what others have made."""


class Connection:
    """What the controller asks of Kubernetes for the model of a namespace."""

    def __init__(self, backend: ClusterBackend, namespace: str):
        transport = backend.transport(CONTROLLER)
        self._http = httpx2.Client(base_url=URL, transport=transport, timeout=SECONDS)
        self._namespace = namespace

    def get(self, version: str, kind: str, name: str) -> dict[str, Any]:
        """Return an object."""
        return _checked(self._http.get(self._path(version, kind, name))).json()

    def apply(
        self, version: str, kind: str, name: str, labels: Mapping[str, str], **content: Any
    ) -> None:
        """Apply an object; one of a kind that has a namespace lies in the model's."""
        metadata = {"name": name, "labels": dict(labels)}
        if not _is_wide(kind):
            metadata["namespace"] = self._namespace
        body = {"apiVersion": version, "kind": kind, "metadata": metadata, **content}
        path = self._path(version, kind, name)
        _checked(self.patch(path, body, "application/apply-patch+yaml", force="true"))

    def patch(self, path: str, body: Any, kind: str = "", **query: str) -> httpx2.Response:
        """Patch what lies at a path in the model's namespace; by default it is a merge patch."""
        headers = {"Content-Type": kind or "application/merge-patch+json"}
        base = "" if path.startswith("/") else f"/api/v1/namespaces/{self._namespace}/"
        params = {"fieldManager": "juju", **query}
        return self._http.patch(base + path, json=body, headers=headers, params=params)

    def set_status(self, pod: str, status: Mapping[str, Any]) -> None:
        """Write a pod's status."""
        _checked(self.patch(f"pods/{pod}/status", {"status": status}))

    def delete(self, version: str, kind: str, name: str, **options: Any) -> None:
        """Delete an object, unless it is gone."""
        self._delete(self._path(version, kind, name), options)

    def delete_labelled(self, labels: Mapping[str, str]) -> None:
        """Delete everything that carries all of these labels.

        Raises:
            lightkube.ApiError: The API refuses for another reason than that it is gone.
        """
        for version, plural, inside in DELETED:
            collection = self._collection(version, plural, inside=inside)
            for obj in self._list(collection, labels):
                if plural == "customresourcedefinitions":
                    self._delete_instances(obj["spec"])
                self._delete(f"{collection}/{obj['metadata']['name']}")

    def _delete_instances(self, spec: Mapping[str, Any]) -> None:
        """Delete a definition's objects: those in the model's namespace, or all of the cluster."""
        version = next(each["name"] for each in spec["versions"] if each["served"])
        group, plural = f"{spec['group']}/{version}", spec["names"]["plural"]
        collection = self._collection(group, plural, inside=spec["scope"] == "Namespaced")
        for obj in self._list(collection, {}):
            self._delete(f"{collection}/{obj['metadata']['name']}")

    def _path(self, version: str, kind: str, name: str) -> str:
        collection = self._collection(version, f"{kind.lower()}s", inside=not _is_wide(kind))
        return f"{collection}/{name}"

    def _collection(self, version: str, plural: str, *, inside: bool) -> str:
        base = f"/apis/{version}" if "/" in version else f"/api/{version}"
        return f"{base}/namespaces/{self._namespace}/{plural}" if inside else f"{base}/{plural}"

    def _list(self, collection: str, labels: Mapping[str, str]) -> list[dict[str, Any]]:
        selector = ",".join(f"{name}={value}" for name, value in labels.items())
        answer = self._http.get(collection, params={"labelSelector": selector})
        if answer.status_code in _SKIPPED:
            return []
        return list(_checked(answer).json()["items"] or ())

    def _delete(self, path: str, options: Mapping[str, Any] | None = None) -> None:
        answer = self._http.request("DELETE", path, json=options or None)
        if answer.status_code not in _SKIPPED:
            _checked(answer)


def _checked(answer: httpx2.Response) -> httpx2.Response:
    """Return an answer; raise in Kubernetes' own words if it refuses."""
    if not answer.is_success:
        raise lightkube.ApiError(request=answer.request, response=answer)
    return answer


def _is_wide(kind: str) -> bool:
    return kind.startswith(("Cluster", "Namespace"))
