# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What is read from the cluster, on a Kubernetes API in memory."""

from __future__ import annotations

from collections.abc import Iterator

import kubefake
import lightkube
import pytest
from kubefake import transport
from lightkube.models.core_v1 import (
    Container,
    EnvVar,
    LoadBalancerIngress,
    LoadBalancerStatus,
    ObjectReference,
    PodSpec,
    ServicePort,
    ServiceSpec,
    ServiceStatus,
)
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Event, Namespace, Pod, Service

from ..helpers import cluster as clusters
from ..helpers.cluster import Cluster


@pytest.fixture
def client() -> Iterator[lightkube.Client]:
    with transport.connected(kubefake.Cluster()):
        client = lightkube.Client()
        client.create(Namespace(metadata=ObjectMeta(name="m")))
        yield client


@pytest.fixture
def cluster(client: lightkube.Client) -> Cluster:
    return Cluster(client, "controller:admin/m")


def pod(name: str, app: str = "minio") -> Pod:
    container = Container(name="main", image="mine:1", env=[EnvVar(name="A", value="b")])
    labels = {"app.kubernetes.io/name": app}
    metadata = ObjectMeta(name=name, namespace="m", labels=labels)
    return Pod(metadata=metadata, spec=PodSpec(containers=[container]))


def test_the_cluster_of_a_model(client: lightkube.Client, cluster: Cluster) -> None:
    cluster.check()
    with pytest.raises(LookupError, match="has no namespace other: set KUBECONFIG"):
        Cluster(client, "other").check()


def test_pods(client: lightkube.Client, cluster: Cluster) -> None:
    for each in (pod("minio-0"), pod("minio-1"), pod("dex-0", "dex")):
        client.create(each)
    assert [clusters.identity(each) for each in cluster.pods("minio")] == [
        clusters.identity(cluster.pod(unit)) for unit in ("minio/0", "minio/1")
    ]
    found = cluster.pod("minio/0")
    assert clusters.image(found, "main") == "mine:1"
    assert clusters.environment(found) == {"A": "b"}
    with pytest.raises(LookupError, match="no container side"):
        clusters.image(found, "side")


def test_a_pod_is_killed(client: lightkube.Client, cluster: Cluster) -> None:
    client.create(pod("minio-0"))
    uid = clusters.identity(cluster.pod("minio/0"))
    assert cluster.kill("minio/0") == uid
    assert cluster.pods("minio") == []


def test_events(client: lightkube.Client, cluster: Cluster) -> None:
    for number, (name, kind, message, count) in enumerate(
        [
            ("minio-0", "Pod", "no such image", 3),
            ("minio-0", "Pod", "started\n", 1),
            ("minio-0", "StatefulSet", "not a pod's", 1),
            ("minio-1", "Pod", "another pod's", 1),
        ]
    ):
        about = ObjectReference(kind=kind, name=name, namespace="m")
        metadata = ObjectMeta(name=f"e{number}", namespace="m")
        client.create(
            Event(
                metadata=metadata,
                involvedObject=about,
                type="Normal",
                reason="R",
                message=message,
                count=count,
            )
        )
    assert list(cluster.events("minio/0")) == ["Normal R: no such image (x3)", "Normal R: started"]


def test_the_address_of_a_service(client: lightkube.Client, cluster: Cluster) -> None:
    metadata = ObjectMeta(name="gateway", namespace="m")
    spec = ServiceSpec(type="LoadBalancer", ports=[ServicePort(port=80)])
    client.create(Service(metadata=metadata, spec=spec))
    with pytest.raises(LookupError, match="the Service gateway has no address"):
        cluster.address("gateway")
    ingress = [LoadBalancerIngress(ip="10.64.140.43")]
    status = ServiceStatus(loadBalancer=LoadBalancerStatus(ingress=ingress))
    client.patch(Service.Status, "gateway", {"status": status.to_dict()}, namespace="m")
    assert cluster.address("gateway") == "10.64.140.43"


def test_a_profile() -> None:
    made = clusters.profile("me", "me@example.com")
    assert made["spec"] == {"owner": {"kind": "User", "name": "me@example.com"}}
    assert made.to_dict()["metadata"] == {"name": "me"}
