# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A cluster with a node for each kind of GPU, and where its scheduler puts pods."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from lightkube import Client
from lightkube.models.core_v1 import Taint

from . import bundles, nodes

Object = dict[str, Any]

SECONDS = 20
NODES = {
    "cpu": {},
    "nvidia": {"nvidia.com/gpu": "8"},
    "mig": {"nvidia.com/mig-1g.5gb": "7"},
    "amd": {"amd.com/gpu": "2"},
    "gaudi": {"habana.ai/gaudi": "8"},
}
"""What each node has beside the usual."""

KINDS = [kind for kind, room in NODES.items() if room]
"""The nodes with GPUs; their label `kind` names them, and they are tainted."""

TOLERATIONS = [{"key": "gpu", "operator": "Exists"}]


@contextlib.contextmanager
def started(request: pytest.FixtureRequest) -> Iterator[httpx2.Client]:
    """Start a cluster with these nodes; yield an administrator's connection."""
    with bundles.started(request) as cluster:
        with Client(cluster.plane.lightkube_config(), field_manager="test") as client:
            for kind, room in NODES.items():
                taints = [Taint(key="gpu", value="yes", effect="NoSchedule")] if room else []
                nodes.add(client, kind, room=room, labels={"kind": kind}, taints=taints)
        yield cluster.http


def make(http: httpx2.Client, pod: Object) -> httpx2.Response:
    """Create a pod; return the answer."""
    return http.post(f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods", json=pod)


def place(http: httpx2.Client, pod: Object) -> tuple[str, str]:
    """Create a pod; return the node that it is bound to, or why it is bound to none."""
    answer = make(http, pod)
    assert answer.is_success, answer.text
    path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = http.get(path).json()
        reasons = [each.get("message", "") for each in found["status"].get("conditions", ())]
        if node := found["spec"].get("nodeName"):
            return node, ""
        if any(reasons):
            return "", reasons[0]
        time.sleep(0.05)
    raise AssertionError("no word from the scheduler")
