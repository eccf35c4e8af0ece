# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The manager's webhooks, and what the published charm leaves beside them."""

from __future__ import annotations

import charmkit
import ops
from charmkit import webhooks

CERTIFICATES = "/tmp/k8s-webhook-server/serving-certs"  # noqa: S108  where the manager looks
SERVICE = "kserve-webhook-server-service"
VALIDATED = (
    "clusterservingruntime",
    "inferencegraph",
    "inferenceservice",
    "servingruntime",
    "trainedmodel",
)

_RBAC = "rbac.authorization.k8s.io/v1"
LEGACY = charmkit.Legacy(
    objects=(
        (_RBAC, "ClusterRoleBinding", "kserve-manager-rolebinding"),
        (_RBAC, "ClusterRole", "kserve-manager-role"),
        (_RBAC, "ClusterRoleBinding", "kserve-proxy-rolebinding"),
        (_RBAC, "ClusterRole", "kserve-proxy-role"),
        (_RBAC, "RoleBinding", "{model}/kserve-leader-election-rolebinding"),
        (_RBAC, "Role", "{model}/kserve-leader-election-role"),
    )
)


def certificate(charm: ops.CharmBase, peers: charmkit.Peers) -> webhooks.WebhookCertificate:
    """Return the certificate of all webhooks."""
    validating = [(webhooks.VALIDATING, f"{name}.serving.kserve.io") for name in VALIDATED]
    mutating = (webhooks.MUTATING, "inferenceservice.serving.kserve.io")
    return webhooks.WebhookCertificate(charm, peers, SERVICE, [mutating, *validating])
