# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The namespaces of users: their labels, and the pod security level of those that exist."""

from __future__ import annotations

from collections.abc import Callable

import charmkit
import ops
from charmkit import kube

LABELS_PATH = "/etc/profile-controller/namespace-labels.yaml"
"""Where the profile controller reads the labels of the namespaces that it makes."""

ENFORCE_LABEL = "pod-security.kubernetes.io/enforce"
PROFILE_LABELS = {"app.kubernetes.io/part-of": "kubeflow-profile"}

_LABELS = {
    **PROFILE_LABELS,
    "katib-metricscollector-injection": "enabled",
    "katib.kubeflow.org/metrics-collector-injection": "enabled",
    "namespace-node-affinity": "enabled",
    "pipelines.kubeflow.org/enabled": "true",
    "serving.kubeflow.org/inferenceservice": "enabled",
    "user.kubeflow.org/enabled": "true",
}
_NAMESPACE = kube.Kind("v1", "Namespace", namespaced=False)


def labels_file(security_policy: str) -> str:
    """The labels that other components of the platform select users' namespaces by, as YAML."""
    labels = {**_LABELS, ENFORCE_LABEL: security_policy}
    return "".join(f'{name}: "{value}"\n' for name, value in sorted(labels.items()))


class SecurityPolicy(charmkit.Component):
    """The pod security level of the namespaces that exist: the controller sets it only at first.

    Args:
        charm: the charm.
        level: returns the level.
    """

    def __init__(self, charm: ops.CharmBase, *, level: Callable[[], str]) -> None:
        super().__init__(charm)
        self._level = level
        self._kube = kube.Kube(charm)

    def reconcile(self) -> None:
        """Label the namespaces where it differs; the leader does it."""
        if not self.charm.unit.is_leader():
            return
        wanted = {ENFORCE_LABEL: self._level()}
        for namespace in self._kube.list(_NAMESPACE, PROFILE_LABELS):
            metadata = namespace["metadata"]
            differs = metadata["labels"].get(ENFORCE_LABEL) != wanted[ENFORCE_LABEL]
            if differs and metadata["name"] != self.charm.model.name:
                self._kube.merge(_NAMESPACE, metadata["name"], {"metadata": {"labels": wanted}})
