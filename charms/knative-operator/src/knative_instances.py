# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The end of what the operator has installed, before the operator itself goes."""

from __future__ import annotations

import charmkit
import ops
from charmkit import knative, kube


class Instances(charmkit.Component):
    """KnativeServings and KnativeEventings, whoever asks for them.

    They can't be deleted without the operator, which takes down what it has installed first. So
    the application deletes them before its own workload goes.

    Args:
        charm: the charm.
        manifests: the application's objects, the definitions of these resources among them.
    """

    def __init__(self, charm: ops.CharmBase, manifests: charmkit.Manifests) -> None:
        super().__init__(charm)
        self._manifests = manifests
        self._kube = kube.Kube(charm)

    def remove(self) -> None:
        """Delete them, and let their definitions be read without the webhook."""
        kinds = {knative.SERVING: "knative-serving", knative.EVENTING: "knative-eventing"}
        for kind in kinds:
            for obj in self._kube.list(kind, {}):
                metadata = obj["metadata"]
                self._kube.delete(kind, metadata["name"], metadata["namespace"])
        for kind, component in kinds.items():
            knative.finish(self._kube, kind, component)
        knative.stop_conversion(self._kube, self._manifests.labels)
