# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The ports of a Service that a published charm has patched, once ours runs in its place."""

from __future__ import annotations

import pathlib

import jujusim
import kubefake
import lightkube
import pytest
from kubefake import transport
from lightkube.resources.core_v1 import Service
from lightkube.types import PatchType

from . import deployment
from .left_behind import published

# canonical/minio-operator, branch track/1.10: what its Service patch sets.
PATCHED = [
    {"name": "minio", "port": 9000, "targetPort": 9000},
    {"name": "minio-console", "port": 9001, "targetPort": 9001},
]


@pytest.fixture
def adopted(tmp_path: pathlib.Path) -> jujusim.Model:
    """Ours in the place of a published minio that has patched its Service."""
    cluster = kubefake.Cluster(pods=True)
    model = jujusim.Model("kubeflow", cluster=cluster)
    published.seeded(published.Left.load("minio"), model, tmp_path)
    model.settle()
    with transport.connected(cluster, "system:serviceaccount:kubeflow:minio", "kubeflow"):
        client = lightkube.Client(field_manager="lightkube")
    patch = {"spec": {"ports": PATCHED}}
    client.patch(Service, "minio", patch, patch_type=PatchType.MERGE)
    model.refresh("minio", published.ours("minio"))
    model.settle()
    model.update_status()
    model.settle()
    return model


def ports(model: jujusim.Model) -> dict[str, int]:
    service = deployment.cluster(model).object("Service", "minio", "kubeflow")
    return {port["name"]: port["port"] for port in service["spec"]["ports"]}


def test_what_kubernetes_refuses_juju_is_no_failure_of_a_hook(adopted: jujusim.Model):
    assert not adopted.trace.failures()
    assert adopted.status().apps["minio"].status.name == "active"


def test_the_published_ports_are_replaced_by_jujus(adopted: jujusim.Model):
    assert ports(adopted) == {"juju-9000-tcp": 9000, "juju-9001-tcp": 9001}


def test_the_service_moves_with_the_port(adopted: jujusim.Model):
    adopted.configure("minio", {"port": 9500})
    adopted.settle()
    assert ports(adopted) == {"juju-9001-tcp": 9001, "juju-9500-tcp": 9500}
