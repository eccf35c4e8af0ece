# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Istio Gateway: its Service, its pods, its options."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm, Result
from kubefake import Cluster, controller_writes

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "istio-ingressgateway-workload"


def run(**config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    if "gateway-service-type" in options:
        options["gateway_service_type"] = options.pop("gateway-service-type")
    return CHARM.run(CHARM.state(config=options), "config_changed")


def objects(**config: Any) -> dict[str, Any]:
    return run(**config).seen["objects"]


def test_names_that_others_rely_on():
    made = objects()
    for name in (
        f"Service/kubeflow/{NAME}",
        f"Deployment/kubeflow/{NAME}",
        f"ServiceAccount/kubeflow/{NAME}-service-account",
        f"Role/kubeflow/{NAME}-sds",
        "Service/kubeflow/istio-gateway-metrics",
    ):
        assert name in made


@pytest.mark.parametrize("kind", ["LoadBalancer", "NodePort", "ClusterIP"])
def test_type_of_the_service(kind: str):
    assert objects(gateway_service_type=kind)[f"Service/kubeflow/{NAME}"]["spec"]["type"] == kind


def test_egress_is_not_reached_from_outside():
    made = objects(kind="egress")
    assert made["Service/kubeflow/istio-egressgateway-workload"]["spec"]["type"] == "ClusterIP"
    assert f"Service/kubeflow/{NAME}" not in made


def unbalanced() -> Cluster:
    cluster = CHARM.cluster()
    cluster.load_balancer = False
    return cluster


def test_waits_for_an_address_without_an_error():
    """A load balancer may never come; inside the cluster the gateway serves all the same."""
    result = CHARM.run(CHARM.state(), "config_changed", cluster=unbalanced())
    assert f"Deployment/kubeflow/{NAME}" in result.seen["objects"]
    status, message = result.status
    assert status == "waiting"
    assert message.startswith(f"waiting for a load balancer to give {NAME} an address")


def test_an_address_is_noticed_with_the_next_event():
    waiting = CHARM.run(CHARM.state(), "config_changed", cluster=unbalanced())
    key = ("kubeflow", NAME)
    stored = waiting.cluster.store.get(("", "services"), key)
    assert stored
    status = {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}
    controller_writes.rewrite(
        waiting.cluster, ("", "services"), key, {**stored.obj, "status": status}
    )
    result = CHARM.run(waiting.state, "update_status", cluster=waiting.cluster)
    assert result.status == ("active", "")


@pytest.mark.parametrize(
    "config", [{"gateway_service_type": "NodePort"}, {"kind": "egress"}], ids=str
)
def test_nobody_waits_for_what_was_not_asked_for(config: dict[str, str]):
    state = CHARM.state(config=config)
    assert CHARM.run(state, "config_changed", cluster=unbalanced()).status == ("active", "")


def test_annotations():
    text = " a.example.com/b=c , service.beta.kubernetes.io/type=nlb,"
    found = objects(annotations=text)[f"Service/kubeflow/{NAME}"]["metadata"]["annotations"]
    assert (
        found.items() >= {"a.example.com/b": "c", "service.beta.kubernetes.io/type": "nlb"}.items()
    )


@pytest.mark.parametrize(
    "text", ["a", "a=", "=b", "a b=c", "kubernetes.io/a=b", "k8s.io/a=b", "good=1,bad key=2"]
)
def test_bad_annotations(text: str):
    status, message = run(annotations=text).status
    assert status == "blocked"
    assert message.startswith("option annotations accepts ")


def test_ports():
    made = objects(http_port=8081, https_port=8444)
    ports = made[f"Service/kubeflow/{NAME}"]["spec"]["ports"]
    assert [(port["name"], port["port"], port["targetPort"]) for port in ports] == [
        ("http2", 8081, 8080),
        ("https", 8444, 8443),
    ]


@pytest.mark.parametrize(
    ("config", "option"),
    [
        ({"http_port": 443}, "https-port"),
        ({"http_port": 8443}, "http-port"),
        ({"https_port": 8080}, "https-port"),
        ({"http_port": 15021}, "http-port"),
        ({"http_port": 0}, "http-port"),
        ({"https_port": 65536}, "https-port"),
    ],
)
def test_ports_that_clash(config: dict[str, int], option: str):
    status, message = run(**config).status
    assert status == "blocked"
    assert message.startswith(f"option {option} accepts a port other than ")


@pytest.mark.parametrize(("least", "most"), [(1, 0), (2, 2), (3, 5)])
def test_replicas(least: int, most: int):
    made = objects(replicas=least, max_replicas=most)
    spec = made[f"Deployment/kubeflow/{NAME}"]["spec"]
    assert (f"HorizontalPodAutoscaler/kubeflow/{NAME}" in made) == (most > least)
    assert (f"PodDisruptionBudget/kubeflow/{NAME}" in made) == (least > 1)
    if most <= least:
        assert spec["replicas"] == least


def test_each_pod_has_a_node_of_its_own_and_a_new_one_can_start():
    pod = objects()[f"Deployment/kubeflow/{NAME}"]["spec"]["template"]["spec"]
    (term,) = pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term["topologyKey"] == "kubernetes.io/hostname"
    assert term["matchLabelKeys"] == ["pod-template-hash"]


def test_the_proxy_asks_the_pilot_of_the_relation():
    bag = {
        "_supported_versions": "[v1]",
        "data": "{service-name: istiod.mesh.svc, service-port: '15012'}",
    }
    result = CHARM.run(CHARM.state(bags={"istio-pilot": bag}), "config_changed")
    pod = result.seen["objects"][f"Deployment/kubeflow/{NAME}"]["spec"]["template"]["spec"]
    variables = {item["name"]: item.get("value") for item in pod["containers"][0]["env"]}
    assert variables["CA_ADDR"] == "istiod.mesh.svc:15012"
    assert variables["PROXY_CONFIG"] == '{"discoveryAddress": "istiod.mesh.svc:15012"}'
