# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pods of Deployments and StatefulSets: those that run, and those that cannot."""

from __future__ import annotations

from typing import Any

import kubefake
import pytest
from kubefake import kubelet
from kubefake.values import copy

LABELS = {"app": "web"}
CONTAINER = {"name": "web", "image": "example.com/web:1"}


def workload(kind: str = "Deployment", pod: dict[str, Any] | None = None, **spec: Any) -> Any:
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [CONTAINER], **(pod or {})}}
    more = {"serviceName": "web"} if kind == "StatefulSet" else {}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"selector": {"matchLabels": LABELS}, "template": template, **more, **spec},
    }


def with_container(**fields: Any) -> dict[str, Any]:
    return {"containers": [{**CONTAINER, **fields}]}


@pytest.fixture
def cluster() -> kubefake.Cluster:
    return kubefake.Cluster(pods=True)


def pods(cluster: kubefake.Cluster) -> list[dict[str, Any]]:
    return cluster.objects("Pod", "default")


def waiting(cluster: kubefake.Cluster) -> tuple[str, str]:
    """The waiting reason and message of the only container."""
    (pod,) = pods(cluster)
    (container,) = pod["status"]["containerStatuses"]
    state = container["state"].get("waiting", {})
    return state.get("reason", ""), state.get("message", "")


def conditions(cluster: kubefake.Cluster, kind: str = "Deployment") -> dict[str, tuple[str, str]]:
    status = cluster.object(kind, "web", "default")["status"]
    return {
        each["type"]: (each["status"], each.get("reason", "")) for each in status["conditions"]
    }


def is_available(cluster: kubefake.Cluster) -> bool:
    return conditions(cluster)["Available"] == ("True", "MinimumReplicasAvailable")


def change(cluster: kubefake.Cluster, kind: str = "deployments", **pod: Any) -> None:
    """Change the pods' template."""
    patch = {"spec": {"template": {"spec": pod}}}
    path = f"/apis/apps/v1/namespaces/default/{kind}/web"
    headers = {"content-type": "application/merge-patch+json"}
    answer = cluster.request(kubefake.Request("PATCH", path, {}, headers, patch, "admin"))
    assert answer.status == 200, answer.body


def make(cluster: kubefake.Cluster, kind: str, name: str, **content: Any) -> None:
    metadata = {"name": name, "namespace": "default"}
    cluster.create({"apiVersion": "v1", "kind": kind, "metadata": metadata, **content})


def test_no_pods_are_made_unless_asked_for() -> None:
    cluster = kubefake.Cluster()
    cluster.create(workload())
    assert not pods(cluster)
    assert "conditions" not in cluster.object("Deployment", "web").get("status", {})


def test_a_deployment_has_a_replica_set_with_ready_pods(cluster: kubefake.Cluster) -> None:
    cluster.create(workload(replicas=2))
    (replica_set,) = cluster.objects("ReplicaSet", "default")
    assert replica_set["metadata"]["ownerReferences"][0]["kind"] == "Deployment"
    assert [each["status"]["phase"] for each in pods(cluster)] == ["Running", "Running"]
    assert all(map(kubelet.is_ready, pods(cluster)))
    status = cluster.object("Deployment", "web", "default")["status"]
    assert (status["readyReplicas"], status["updatedReplicas"]) == (2, 2)
    assert "unavailableReplicas" not in status
    assert conditions(cluster) == {
        "Available": ("True", "MinimumReplicasAvailable"),
        "Progressing": ("True", "NewReplicaSetAvailable"),
    }


def test_what_has_come_to_rest_is_not_written_again(cluster: kubefake.Cluster) -> None:
    cluster.create(workload())
    before = cluster.objects()
    make(cluster, "ConfigMap", "other")
    after = [each for each in cluster.objects() if each["metadata"]["name"] != "other"]
    assert after == before


def test_pods_go_with_their_deployment(cluster: kubefake.Cluster) -> None:
    cluster.create(workload())
    path = "/apis/apps/v1/namespaces/default/deployments/web"
    cluster.request(kubefake.Request("DELETE", path, user="admin"))
    assert not pods(cluster)
    assert not cluster.objects("ReplicaSet")


def test_a_deleted_pod_comes_back(cluster: kubefake.Cluster) -> None:
    cluster.create(workload())
    (before,) = pods(cluster)
    path = f"/api/v1/namespaces/default/pods/{before['metadata']['name']}"
    cluster.request(kubefake.Request("DELETE", path, user="admin"))
    (after,) = pods(cluster)
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
    assert is_available(cluster)


def test_scaling(cluster: kubefake.Cluster) -> None:
    cluster.create(workload(replicas=3))
    path = "/apis/apps/v1/namespaces/default/deployments/web"
    headers = {"content-type": "application/merge-patch+json"}
    for count in (1, 2, 0):
        patch = {"spec": {"replicas": count}}
        cluster.request(kubefake.Request("PATCH", path, {}, headers, patch, "admin"))
        assert len(pods(cluster)) == count
        assert is_available(cluster)


VOLUMES = {
    "ConfigMap": {"name": "settings", "configMap": {"name": "missing"}},
    "Secret": {"name": "settings", "secret": {"secretName": "missing"}},
}


@pytest.mark.parametrize("kind", VOLUMES)
def test_a_missing_volume_keeps_a_pod_from_starting(cluster: kubefake.Cluster, kind: str) -> None:
    cluster.create(workload(pod={"volumes": [VOLUMES[kind]]}))
    assert waiting(cluster) == ("ContainerCreating", "")
    assert pods(cluster)[0]["status"]["phase"] == "Pending"
    assert conditions(cluster)["Available"] == ("False", "MinimumReplicasUnavailable")
    make(cluster, kind, "missing")
    assert waiting(cluster) == ("", "")
    assert is_available(cluster)


def test_an_optional_volume_may_be_missing(cluster: kubefake.Cluster) -> None:
    volume = copy(VOLUMES["ConfigMap"])
    volume["configMap"]["optional"] = True
    cluster.create(workload(pod={"volumes": [volume]}))
    assert is_available(cluster)


@pytest.mark.parametrize(
    ("container", "message"),
    [
        ({"envFrom": [{"secretRef": {"name": "missing"}}]}, 'secret "missing" not found'),
        ({"envFrom": [{"configMapRef": {"name": "missing"}}]}, 'configmap "missing" not found'),
        (
            {
                "env": [
                    {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "here", "key": "b"}}}
                ]
            },
            "couldn't find key b in ConfigMap default/here",
        ),
    ],
)
def test_a_missing_setting_is_a_configuration_error(
    cluster: kubefake.Cluster, container: dict[str, Any], message: str
) -> None:
    make(cluster, "ConfigMap", "here", data={"a": "1"})
    cluster.create(workload(pod=with_container(**container)))
    assert waiting(cluster) == ("CreateContainerConfigError", message)
    change(cluster, **with_container())
    assert waiting(cluster) == ("", "")


def test_a_missing_claim_is_not_scheduled(cluster: kubefake.Cluster) -> None:
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "missing"}}
    cluster.create(workload(pod={"volumes": [volume]}))
    (pod,) = pods(cluster)
    (condition,) = pod["status"]["conditions"]
    assert (condition["type"], condition["reason"]) == ("PodScheduled", "Unschedulable")
    assert condition["message"] == 'persistentvolumeclaim "missing" not found'
    assert not is_available(cluster)


def test_no_pod_is_made_for_a_missing_account(cluster: kubefake.Cluster) -> None:
    cluster.create(workload(pod={"serviceAccountName": "missing"}))
    assert not pods(cluster)
    assert conditions(cluster)["ReplicaFailure"] == ("True", "FailedCreate")
    make(cluster, "ServiceAccount", "missing")
    assert len(pods(cluster)) == 1
    assert "ReplicaFailure" not in conditions(cluster)


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        (kubelet.IMAGE, 'Back-off pulling image "example.com/web:1"'),
        (kubelet.CRASH, "back-off 5m0s restarting failed container=web pod=web-"),
    ],
)
def test_pods_that_are_made_to_fail_recover(
    cluster: kubefake.Cluster, reason: str, message: str
) -> None:
    cluster.create(workload())
    cluster.fail_pods("default", "web", reason)
    said, why = waiting(cluster)
    assert said == reason
    assert why.startswith(message)
    assert conditions(cluster)["Available"] == ("False", "MinimumReplicasUnavailable")
    cluster.heal_pods("default", "web")
    assert is_available(cluster)


def test_a_pod_that_runs_may_not_be_ready(cluster: kubefake.Cluster) -> None:
    cluster.create(workload())
    cluster.fail_pods("default", "web", kubelet.NOT_READY)
    (pod,) = pods(cluster)
    assert pod["status"]["phase"] == "Running"
    ready = next(each for each in pod["status"]["conditions"] if each["type"] == "Ready")
    assert ready["message"] == "containers with unready status: [web]"
    assert not is_available(cluster)


def test_old_pods_serve_until_the_new_ones_are_ready(cluster: kubefake.Cluster) -> None:
    cluster.create(workload())
    (old,) = pods(cluster)
    change(cluster, **with_container(envFrom=[{"secretRef": {"name": "missing"}}]))
    names = {pod["metadata"]["uid"]: kubelet.is_ready(pod) for pod in pods(cluster)}
    assert names[old["metadata"]["uid"]]
    assert sorted(names.values()) == [False, True]
    assert is_available(cluster)
    assert conditions(cluster)["Progressing"] == ("True", "ReplicaSetUpdated")
    make(cluster, "Secret", "missing")
    (new,) = pods(cluster)
    assert new["metadata"]["uid"] != old["metadata"]["uid"]
    assert conditions(cluster)["Progressing"] == ("True", "NewReplicaSetAvailable")


def test_recreation_leaves_no_old_pod(cluster: kubefake.Cluster) -> None:
    cluster.create(workload(strategy={"type": "Recreate"}))
    change(cluster, **with_container(envFrom=[{"secretRef": {"name": "missing"}}]))
    assert len(pods(cluster)) == 1
    assert not is_available(cluster)


CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1G"}}}


def test_a_stateful_set_has_numbered_pods_and_claims(cluster: kubefake.Cluster) -> None:
    claims = [{"metadata": {"name": "data"}, "spec": CLAIM}]
    cluster.create(workload("StatefulSet", replicas=2, volumeClaimTemplates=claims))
    assert [pod["metadata"]["name"] for pod in pods(cluster)] == ["web-0", "web-1"]
    found = cluster.objects("PersistentVolumeClaim")
    assert [claim["metadata"]["name"] for claim in found] == ["data-web-0", "data-web-1"]
    status = cluster.object("StatefulSet", "web")["status"]
    assert (status["replicas"], status["readyReplicas"]) == (2, 2)


def test_a_stateful_set_waits_for_each_pod(cluster: kubefake.Cluster) -> None:
    missing = with_container(envFrom=[{"secretRef": {"name": "missing"}}])
    cluster.create(workload("StatefulSet", pod=missing, replicas=2))
    assert [pod["metadata"]["name"] for pod in pods(cluster)] == ["web-0"]
    assert "readyReplicas" not in cluster.object("StatefulSet", "web")["status"]
    make(cluster, "Secret", "missing")
    assert [pod["metadata"]["name"] for pod in pods(cluster)] == ["web-0", "web-1"]


def test_a_stateful_set_replaces_its_pods(cluster: kubefake.Cluster) -> None:
    cluster.create(workload("StatefulSet"))
    (before,) = pods(cluster)
    change(cluster, "statefulsets", **with_container(image="example.com/web:2"))
    (after,) = pods(cluster)
    assert after["metadata"]["name"] == before["metadata"]["name"] == "web-0"
    assert after["spec"]["containers"][0]["image"] == "example.com/web:2"


def test_copies_of_a_cluster_fail_apart(cluster: kubefake.Cluster) -> None:
    cluster.create(workload())
    other = cluster.copy()
    other.fail_pods("default", "web", kubelet.CRASH)
    assert is_available(cluster)
    assert not is_available(other)
