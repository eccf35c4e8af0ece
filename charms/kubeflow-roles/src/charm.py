#!/usr/bin/env python3
"""Kubeflow Roles: what users may do in their namespaces."""

from __future__ import annotations

import charmkit
import ops


class KubeflowRolesCharm(ops.CharmBase):
    """Keeps the cluster roles; it has no workload."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.reconciler = charmkit.Reconciler(self, [charmkit.Manifests(self)])


if __name__ == "__main__":
    ops.main(KubeflowRolesCharm)
