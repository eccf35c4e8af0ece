# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Requests and limits: of a pod, added up, and found in what starts pods later."""

from __future__ import annotations

import json

import pytest
from ckf.preview import Request, cluster, prepare
from ckf.report import pod_templates, resources

POD = {
    "containers": [
        {"name": "a", "resources": {"requests": {"cpu": "250m"}, "limits": {"memory": "1Gi"}}},
        {"name": "b"},
    ],
    "initContainers": [
        {"name": "first", "resources": {"requests": {"cpu": "2", "memory": "512Mi"}}},
        {"name": "mesh", "restartPolicy": "Always", "resources": {"requests": {"cpu": "50m"}}},
    ],
}


def amounts(values):
    return {name: resources.shown(name, value) for name, value in values.items()}


def later(model, content):
    obj = {"kind": "Sample", "metadata": {"name": "here"}, **content}
    found = pod_templates.of(model, [cluster.Owned("app", by_juju=False, obj=obj)])
    return {use.what: (amounts(use.requests), amounts(use.limits), use.unset) for use in found}


@pytest.fixture
def deployment(bundle):
    made = prepare(Request(bundle, scale={"store": 3}))
    made.settle()
    return made


def test_a_pod_asks_for_all_containers_or_for_the_largest_before_them():
    use = pod_templates.of_pod("app", "Pod a", POD)
    assert amounts(use.requests) == {"cpu": "2", "memory": "1Gi"}
    assert amounts(use.limits) == {"memory": "1Gi"}


def test_what_a_container_does_not_set_is_named():
    use = pod_templates.of_pod("app", "Pod a", POD)
    assert use.unset == ("a: cpu limit", "b: cpu, memory", "mesh: cpu limit, memory")


def test_sums_are_those_of_all_units(deployment):
    found = resources.of(deployment)
    data = found.to_dict()
    store = data["applications"]["store"]
    # What Juju gives the container of a charm: 64Mi, and 1Gi at most.
    assert (store["pods"], store["requests"], store["limits"]) == (
        3, {"memory": "192Mi"}, {"memory": "3Gi"},
    )  # fmt: skip
    assert data["total"]["requests"] == {"memory": "256Mi"}
    assert data["total"]["pods"] == 4
    assert store["unset"] == ["charm: cpu", "web: cpu, memory", "bare: cpu, memory"]
    assert data["users"] == data["each"] == []


def test_a_deployment_counts_with_its_replicas_and_apart_in_a_users_namespace(
    deployment, monkeypatch
):
    spec = {"replicas": 3, "template": {"spec": POD}}
    scaler = {"scaleTargetRef": {"kind": "Deployment", "name": "one"}, "maxReplicas": 7}
    owned = [
        cluster.Owned("store", by_juju=False, obj={"kind": kind, "metadata": about, "spec": spec})
        for kind, about, spec in (
            ("Deployment", {"name": "one", "namespace": "kubeflow"}, spec),
            ("Deployment", {"name": "two", "namespace": "alice"}, spec),
            ("HorizontalPodAutoscaler", {"name": "one", "namespace": "kubeflow"}, scaler),
        )
    ]
    monkeypatch.setattr(cluster, "objects", lambda _: owned)
    found = resources.of(deployment)
    (mine,), (users,) = found.platform, found.users
    assert (mine.what, mine.pods, mine.most) == ("Deployment one", 3, 7)
    assert (users.what, users.pods, users.most) == ("Deployment two", 3, 3)
    assert amounts(resources.summed("store", found.platform).requests)["cpu"] == "6"


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        (
            {"data": {"c": json.dumps({"agent": {"cpuRequest": "1", "memoryLimit": "1Gi"}})}},
            {"Sample here: agent": ({"cpu": "1"}, {"memory": "1Gi"}, ("cpu limit, memory",))},
        ),
        (
            {"data": {"executor": "resources:\n  limits: {cpu: 500m, memory: 1.5Gi}\n"}},
            {
                "Sample here: executor": (
                    {"cpu": "500m", "memory": "1536Mi"},
                    {"cpu": "500m", "memory": "1536Mi"},
                    (),
                )
            },
        ),
        (
            {"form": {"cpu": {"value": "0.5", "limitFactor": "1.2"}, "memory": {"value": "1Gi"}}},
            {
                "Sample here: notebook": (
                    {"cpu": "500m", "memory": "1Gi"},
                    {"cpu": "600m"},
                    ("memory limit",),
                )
            },
        ),
        ({"spec": {"containers": [{"name": "m", "image": "a/b:1"}]}},
         {"Sample here: m": ({}, {}, ("cpu, memory",))}),
        ({"data": {"text": "image: {{ not yaml\n  {{ end"}}, {}),
        ({"spec": {"resources": {"requests": {"storage": "5Gi"}}}}, {}),
    ],
)  # fmt: skip
def test_what_starts_later_is_found_in_each_form(deployment, obj, expected):
    assert later(deployment.model, obj) == expected


def test_the_table_ends_in_a_total(ckf):
    out = ckf("preview", "--resources")[1]
    table = out.partition("App     Pods")[2].splitlines()
    assert table[2].split()[:6] == ["store", "1", "-", "-", "64Mi", "1Gi"]
    assert table[3].split() == ["Total", "2", "-", "-", "128Mi", "2Gi"]
    assert "Pods" not in ckf("preview")[1]


def test_json_has_the_same(ckf):
    preview = json.loads(ckf("preview", "--resources", "--format", "json")[1])["preview"]
    assert preview["resources"]["total"]["limits"] == {"memory": "2Gi"}
    assert "resources" not in json.loads(ckf("preview", "--format", "json")[1])["preview"]
