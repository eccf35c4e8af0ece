#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Roles: what users may do in their namespaces."""

from __future__ import annotations

import charmkit
import ops

LEGACY = charmkit.Legacy(managers=("python-httpx",))
"""The published charm names no field manager, so that its HTTP client's name stands for one."""


class KubeflowRolesCharm(ops.CharmBase):
    """Keeps the cluster roles; it has no workload."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        charmkit.Reconciler(self).add(charmkit.Manifests(self, legacy=LEGACY))


if __name__ == "__main__":
    ops.main(KubeflowRolesCharm)
