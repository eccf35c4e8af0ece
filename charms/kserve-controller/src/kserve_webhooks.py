"""The manager's webhooks, and what can be applied only once they answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import charmkit
import ops
from charmkit import certificates

SERVICE = "kserve-webhook-server-service"
VALIDATED = (
    "clusterservingruntime",
    "inferencegraph",
    "inferenceservice",
    "servingruntime",
    "trainedmodel",
)

_RBAC = "rbac.authorization.k8s.io/v1"
LEFT = charmkit.LeftBehind(
    objects=(
        (_RBAC, "ClusterRoleBinding", "kserve-manager-rolebinding"),
        (_RBAC, "ClusterRole", "kserve-manager-role"),
        (_RBAC, "ClusterRoleBinding", "kserve-proxy-rolebinding"),
        (_RBAC, "ClusterRole", "kserve-proxy-role"),
        (_RBAC, "RoleBinding", "{model}/kserve-leader-election-rolebinding"),
        (_RBAC, "Role", "{model}/kserve-leader-election-role"),
    )
)


def certificate(
    charm: ops.CharmBase, peers: charmkit.Peers
) -> certificates.WebhookCertificate:
    """Return the certificate of all webhooks."""
    validating = [(certificates.VALIDATING, f"{name}.serving.kserve.io") for name in VALIDATED]
    mutating = (certificates.MUTATING, "inferenceservice.serving.kserve.io")
    return certificates.WebhookCertificate(charm, peers, SERVICE, [mutating, *validating])


class Runtimes(charmkit.Manifests):
    """The runtimes and the storage container, which pass the manager's own webhooks.

    While these do not answer, the Kubernetes API refuses them: a wait, which the manager's check
    ends.

    Args:
        charm: the charm.
        context: returns the variables of the templates.
        webhooks: the objects with the webhook configurations, which go before these.
        container: the container of the manager, and its service's name.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        context: Callable[[], Any],
        webhooks: charmkit.Manifests,
        container: str,
    ) -> None:
        super().__init__(charm, context, files="src/manifests/runtimes/*.yaml.j2")
        self._webhooks = webhooks
        self._container = charm.unit.get_container(container)

    def reconcile(self) -> None:
        """Apply them, if the webhooks can answer."""
        if self.charm.unit.is_leader() and not self._can_answer():
            raise charmkit.Waiting("waiting for KServe's webhooks to answer")
        super().reconcile()

    def remove(self) -> None:
        """Delete them, once nothing has to pass the webhooks any more."""
        self._webhooks.remove()
        super().remove()

    def _can_answer(self) -> bool:
        if not self._container.can_connect():
            return False
        services = self._container.get_services().values()
        checks = self._container.get_checks().values()
        is_running = any(service.is_running() for service in services)
        return is_running and all(item.status is ops.pebble.CheckStatus.UP for item in checks)
