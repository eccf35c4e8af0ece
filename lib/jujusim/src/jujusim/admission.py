# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Juju's admission webhook: the labels that it puts on what an application's account writes.

Juju has one for each model, with failurePolicy Ignore (`internal/worker/caasadmission/`,
admission.go and handler.go). The labels decide what Juju deletes with the application, see
`controller`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CREATED_BY = "app.juju.is/created-by"
MANAGED_BY = "app.kubernetes.io/managed-by"
MODEL_ID = "model.juju.is/id"
MODEL_NAME = "model.juju.is/name"
DISABLED = "model.juju.is/disable-webhook"
APP_NAME = "app.kubernetes.io/name"
ACCOUNT = "system:serviceaccount:"

_RBAC = "rbac.authorization.k8s.io/v1"
_WEBHOOKS = "admissionregistration.k8s.io/v1"
DELETED = (
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
    ("apiextensions.k8s.io/v1", "customresourcedefinitions", False),
    (_WEBHOOKS, "mutatingwebhookconfigurations", False),
    (_WEBHOOKS, "validatingwebhookconfigurations", False),
    ("networking.k8s.io/v1", "ingresses", True),
    ("apps/v1", "daemonsets", True),
)
"""What Juju deletes by labels: version, plural, and whether it lies in the model's namespace."""
_SEEN = {(version.rpartition("/")[0], plural): inside for version, plural, inside in DELETED}
_SEEN[("", "pods")] = True


@dataclass(frozen=True)
class Webhook:
    """The webhook of one model, whose name is its namespace."""

    model: str
    uuid: str

    def account(self, user: str) -> str:
        """Return the name of a user's service account in the model's namespace, or ''."""
        prefix = f"{ACCOUNT}{self.model}:"
        return user.removeprefix(prefix) if user.startswith(prefix) else ""

    def sees(self, group: str, plural: str, namespace: str) -> bool:
        """Tell whether the webhook is called for a kind of object in a namespace."""
        # Juju names webhook configurations too, but an API server calls no webhook for those.
        inside = None if plural.endswith("webhookconfigurations") else _SEEN.get((group, plural))
        return inside is not None and namespace == (self.model if inside else "")

    def labels(self, app: str) -> dict[str, str]:
        """Return the labels of what an application creates (LabelsForAppCreated)."""
        return {
            CREATED_BY: app,
            MANAGED_BY: "juju",
            MODEL_ID: self.uuid,
            MODEL_NAME: self.model,
        }

    def missing(self, owner: Mapping[str, Any] | None, obj: Mapping[str, Any]) -> dict[str, str]:
        """Return the labels that the webhook sets on what an account writes (patchForLabels)."""
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
