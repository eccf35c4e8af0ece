# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Who reaches a workload that believes a header: those who are named, and no pod of users."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm

CHARMS = pathlib.Path(__file__).parents[3] / "charms"
NAMES = (
    "jupyter-ui",
    "kubeflow-dashboard",
    "kubeflow-profiles",
    "kubeflow-volumes",
    "tensorboards-web-app",
)
NEIGHBOUR = "other-kubeflow-profiles"
GATEWAY = {"istio": "ingressgateway"}


def policies(name: str, *, without: tuple[str, ...] = (), enabled: bool = True) -> dict[str, Any]:
    charm = Charm.at(CHARMS / name)
    state = charm.state(config={"network-policy": enabled}, without=list(without))
    seen = charm.run(state, "config_changed", cluster=charm.defined).seen["objects"]
    return {key: obj["spec"] for key, obj in seen.items() if obj["kind"] == "NetworkPolicy"}


def peers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [peer for rule in spec["ingress"] for peer in rule["from"]]


@pytest.mark.parametrize("name", NAMES)
def test_nobody_in_a_users_namespace_gets_in(name: str) -> None:
    (spec,) = policies(name).values()
    assert spec["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": name}}
    assert spec["policyTypes"] == ["Ingress"]
    assert all(rule["from"] and rule["ports"] for rule in spec["ingress"])
    for peer in peers(spec):
        if "namespaceSelector" in peer:
            (term,) = peer["namespaceSelector"]["matchExpressions"]
            assert (term["operator"], term["values"]) == ("NotIn", ["kubeflow-profile"])


@pytest.mark.parametrize("name", NAMES)
def test_without_scrapers_no_pod_of_another_kind_gets_in(name: str) -> None:
    (spec,) = policies(name, without=("metrics-endpoint",)).values()
    selected = [peer["podSelector"]["matchLabels"] for peer in peers(spec)]
    gateway = [] if name == "kubeflow-profiles" else [GATEWAY]
    related = [{"app.kubernetes.io/name": NEIGHBOUR}]
    assert selected == (gateway or related)


@pytest.mark.parametrize("name", NAMES)
def test_there_is_none_unless_it_is_asked_for(name: str) -> None:
    assert not policies(name, enabled=False)


def test_where_nobody_is_named_nobody_gets_in() -> None:
    (spec,) = policies(
        "kubeflow-profiles", without=("metrics-endpoint", "kubeflow-profiles")
    ).values()
    assert [peer["podSelector"]["matchLabels"] for peer in peers(spec)] == [
        {"charmed-kubeflow.io/nobody": "true"}
    ]
