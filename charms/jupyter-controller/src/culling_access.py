# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What lets the controller ask notebooks inside the mesh whether somebody works in them.

A server that does not answer counts as idle from its start. The controller's pod has no proxy, and
so no name by which the policies of users' namespaces could know it: they let it in by its address,
and only to what it asks.

Source: components/notebook-controller/controllers/culling_controller.go of Kubeflow 1.10.
"""

from __future__ import annotations

from typing import Any

import ops
from charmkit import kube

PATHS = ("*/api/kernels", "*/api/terminals")
_USERS = {"app.kubernetes.io/part-of": "kubeflow-profile"}
_NAMESPACE = kube.Kind("v1", "Namespace", namespaced=False)
_POD = kube.Kind("v1", "Pod", namespaced=True)


def context(charm: ops.CharmBase, *, enabled: bool) -> dict[str, Any]:
    """Return what the policies are made of.

    Args:
        charm: the charm.
        enabled: whether notebooks in the mesh are asked at all.

    Returns:
        The users' namespaces and the controller's addresses; no namespaces if nobody is asked.
    """
    api = kube.Kube(charm)
    namespaces = api.list(_NAMESPACE, _USERS) if enabled else []
    names = sorted(item["metadata"]["name"] for item in namespaces)
    addresses = _addresses(api, charm) if names else []
    culled = names if addresses else []
    return {"culled": culled, "addresses": addresses, "paths": list(PATHS)}


def _addresses(api: kube.Kube, charm: ops.CharmBase) -> list[str]:
    labels = {"app.kubernetes.io/name": charm.app.name}
    pods = api.list(_POD, labels, namespace=charm.model.name)
    return sorted(filter(None, (pod.get("status", {}).get("podIP") for pod in pods)))
