#!/usr/bin/env python3
"""Kubeflow Roles: what users may do in their namespaces."""

from __future__ import annotations

import charmkit
import ops

LEFT_BEHIND = charmkit.LeftBehind(managers=("python-httpx",))
"""The published charm names no field manager, so that its HTTP client's name stands for one."""


class KubeflowRolesCharm(ops.CharmBase):
    """Keeps the cluster roles; it has no workload."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.reconciler = charmkit.Reconciler(self, [charmkit.Manifests(self, left=LEFT_BEHIND)])


if __name__ == "__main__":
    ops.main(KubeflowRolesCharm)
