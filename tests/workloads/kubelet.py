# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the kubelet says of pods whose programs the tests run themselves."""

from __future__ import annotations

from ..kube.bundles import Cluster, Object

READY = {"type": "Ready", "status": "True"}
NOWHERE = "192.0.2.1"
"""An address that leads nowhere: one of those that are only for documentation."""


def report_ready(cluster: Cluster, pod: Object) -> None:
    """Say that all containers of a pod run and are ready; Services lead to nothing behind it."""
    where = {"podIP": NOWHERE, "podIPs": [{"ip": NOWHERE}]}
    started = pod["metadata"]["creationTimestamp"]
    status = {"phase": "Running", "conditions": [READY], "startTime": started, **where}
    _report(cluster, pod, status)


def report_success(cluster: Cluster, pod: Object) -> None:
    """Say that all containers of a pod have ended well."""
    _report(cluster, pod, {"phase": "Succeeded"})


def _report(cluster: Cluster, pod: Object, status: Object) -> None:
    about = pod["metadata"]
    path = f"/api/v1/namespaces/{about['namespace']}/pods/{about['name']}/status"
    cluster.merge(path, {"status": status})
