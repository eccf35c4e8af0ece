# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Constraints as they reach pods."""

import pytest
from jujusim import constraints


def test_each_workload_container_has_memory_and_cpu_as_request_and_limit():
    found = constraints.resources(constraints.parse("mem=4G cpu-power=500 cores=2"))
    expected = {"memory": "4096Mi", "cpu": "500m"}
    assert found == {"requests": expected, "limits": expected}


def test_without_constraints_nothing_is_said():
    assert constraints.resources({}) == {}
    assert constraints.placement({}) == {}


def test_a_tag_chooses_nodes_and_with_a_caret_refuses_them():
    spec = constraints.placement(constraints.parse("tags=gpu=a|b,^node.zone=x"))
    (term,) = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][
        "nodeSelectorTerms"
    ]
    assert term["matchExpressions"] == [
        {"key": "gpu", "operator": "In", "values": ["a", "b"]},
        {"key": "zone", "operator": "NotIn", "values": ["x"]},
    ]


def test_a_tag_of_pods_chooses_or_avoids_their_company():
    text = "tags=anti-pod.app=minio,anti-pod.topology-key=kubernetes.io/hostname"
    affinity = constraints.placement(constraints.parse(text))["affinity"]
    (term,) = affinity["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term == {
        "labelSelector": {
            "matchExpressions": [{"key": "app", "operator": "In", "values": ["minio"]}]
        },
        "topologyKey": "kubernetes.io/hostname",
    }
    assert "nodeAffinity" not in affinity


@pytest.mark.parametrize(("given", "label"), [("arm64", "arm64"), ("ppc64el", "ppc64le")])
def test_an_architecture_is_a_node_selector(given: str, label: str):
    assert constraints.placement({"arch": given}) == {
        "nodeSelector": {"kubernetes.io/arch": label}
    }
