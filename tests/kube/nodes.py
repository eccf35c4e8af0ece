# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Nodes that have no kubelet, for tests of the scheduler.

The scheduler places pods on them as on any node; nothing runs there, so a pod stays Pending with
its `spec.nodeName` set, and it is deleted with `grace_period=0` or hangs in Terminating.
"""

from collections.abc import Mapping, Sequence

from lightkube import Client
from lightkube.models import core_v1 as models
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources import core_v1 as resources
from lightkube.types import PatchType

ROOM = {"cpu": "8", "memory": "32Gi", "ephemeral-storage": "100Gi", "pods": "110"}
"""Quantities of a node in addition to those it is asked to have."""

READY = models.NodeCondition(type="Ready", status="True", reason="KubeletReady")


def add(
    client: Client,
    name: str,
    *,
    room: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    taints: Sequence[models.Taint] = (),
) -> None:
    """Register a node that is ready and takes pods when this returns.

    Args:
        client: An administrator's client.
        name: The node's name, which is also its label `kubernetes.io/hostname`.
        room: Quantities it has beside or instead of `ROOM`, for example
            `{"nvidia.com/gpu": "1"}`; all of it is allocatable.
        labels: Further labels.
        taints: Its taints.

    Raises:
        lightkube.ApiError: The server refused the node.
    """
    marks = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", **(labels or {})}
    spec = models.NodeSpec(taints=list(taints))
    client.create(resources.Node(metadata=ObjectMeta(name=name, labels=marks), spec=spec))
    size = {**ROOM, **(room or {})}
    status = models.NodeStatus(capacity=size, allocatable=size, conditions=[READY])
    ready = resources.NodeStatus(status=status)
    # lightkube's types leave open what a patch given as a dict may hold.
    patch = client.patch  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    patch(resources.NodeStatus, name, ready, patch_type=PatchType.MERGE)
    # Admission taints each new node as not ready. The node controller would take that away.
    patch(resources.Node, name, resources.Node(spec=spec), patch_type=PatchType.MERGE)
