# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Juju's labels: put on what an application's account writes, and deleted is what carries them.

Juju has an admission webhook for each model, with failurePolicy Ignore
(`internal/worker/caasadmission/`, admission.go and handler.go). What it has labelled goes with the
application: kinds and their order are those of ``Delete`` in
``internal/provider/kubernetes/application/application.go``, which Juju 3.6 and 4.0 have since
September 2025.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2

CREATED_BY = "app.juju.is/created-by"
MANAGED_BY = "app.kubernetes.io/managed-by"
MODEL_ID = "model.juju.is/id"
MODEL_NAME = "model.juju.is/name"
DISABLED = "model.juju.is/disable-webhook"
APP_NAME = "app.kubernetes.io/name"
ACCOUNT = "system:serviceaccount:"

_RBAC = "rbac.authorization.k8s.io"
NAMESPACED = frozenset(
    {
        ("", "configmaps"),
        ("", "pods"),
        ("", "secrets"),
        ("", "serviceaccounts"),
        ("", "services"),
        ("apps", "daemonsets"),
        ("apps", "deployments"),
        ("apps", "statefulsets"),
        ("networking.k8s.io", "ingresses"),
        (_RBAC, "rolebindings"),
        (_RBAC, "roles"),
    }
)
"""Kinds that it sees in the model's namespace, by API group and plural."""
CLUSTER_WIDE = frozenset(
    {
        ("apiextensions.k8s.io", "customresourcedefinitions"),
        (_RBAC, "clusterrolebindings"),
        (_RBAC, "clusterroles"),
    }
)
"""Kinds of the whole cluster that it sees.

Juju names webhook configurations as well, but an API server calls no webhook for those.
"""


@dataclass(frozen=True)
class Webhook:
    """The webhook of one model.

    Attributes:
        model: The model's name, which is its namespace.
        uuid: The model's UUID.
    """

    model: str
    uuid: str

    def account(self, user: str) -> str:
        """Return the name of a user's service account in the model's namespace, or ''."""
        prefix = f"{ACCOUNT}{self.model}:"
        return user.removeprefix(prefix) if user.startswith(prefix) else ""

    def sees(self, group: str, plural: str, namespace: str) -> bool:
        """Tell whether the webhook is called for a kind of object in a namespace."""
        if namespace:
            return namespace == self.model and (group, plural) in NAMESPACED
        return (group, plural) in CLUSTER_WIDE

    def labels(self, app: str) -> dict[str, str]:
        """Return the labels of what an application creates (LabelsForAppCreated)."""
        return {
            CREATED_BY: app,
            MANAGED_BY: "juju",
            MODEL_ID: self.uuid,
            MODEL_NAME: self.model,
        }

    def missing(self, owner: Mapping[str, Any] | None, obj: Mapping[str, Any]) -> dict[str, str]:
        """Return the labels that the webhook sets on an object (patchForLabels).

        Args:
            owner: The ServiceAccount that writes; its label says to which application it belongs.
            obj: The object.
        """
        app = _labels(owner or {}).get(APP_NAME)
        present = _labels(obj)
        if not app or DISABLED in present:
            return {}
        return {
            name: value
            for name, value in self.labels(app).items()
            if present.get(name) != value and not (name == MANAGED_BY and name in present)
        }


def _labels(obj: Mapping[str, Any]) -> Mapping[str, str]:
    metadata: Mapping[str, Any] = obj.get("metadata") or {}
    return metadata.get("labels") or {}


_RBAC_V1 = f"{_RBAC}/v1"
_WEBHOOKS = "admissionregistration.k8s.io/v1"
_ORDER = (
    ("apps/v1", "statefulsets", True),
    ("apps/v1", "deployments", True),
    ("v1", "services", True),
    ("v1", "secrets", True),
    ("v1", "configmaps", True),
    (_RBAC_V1, "roles", True),
    (_RBAC_V1, "rolebindings", True),
    (_RBAC_V1, "clusterrolebindings", False),
    (_RBAC_V1, "clusterroles", False),
    ("v1", "serviceaccounts", True),
    ("apiextensions.k8s.io/v1", "customresourcedefinitions", False),
    (_WEBHOOKS, "mutatingwebhookconfigurations", False),
    (_WEBHOOKS, "validatingwebhookconfigurations", False),
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
