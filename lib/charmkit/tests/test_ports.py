# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Ports of the application's Service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import charmkit
import kubefake
import ops
import pytest
from charmkit import kube
from ops import testing

SERVICE = kube.Kind("v1", "Service", namespaced=True)
STATE = testing.State(leader=True, model=testing.Model("ml"))
PORTS = {"http": (80, 8080), "metrics": 9090}
WANTED = [
    {"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"},
    {"name": "metrics", "port": 9090, "targetPort": 9090, "protocol": "TCP"},
]


@pytest.fixture
def service(cluster: kubefake.Cluster) -> None:
    """The Service as Juju makes it, with a placeholder for its ports."""
    ports = [{"name": "placeholder", "port": 65535, "protocol": "TCP", "targetPort": 65535}]
    spec = {"type": "ClusterIP", "selector": {"app.kubernetes.io/name": "app"}, "ports": ports}
    cluster.install("", "services", {"metadata": {"name": "app", "namespace": "ml"}, "spec": spec})


@pytest.fixture
def ctx(context: Any) -> testing.Context[Any]:
    return context(lambda charm: [charmkit.ServicePorts(charm, ports=lambda: PORTS)])


def ports(cluster: kubefake.Cluster) -> list[dict[str, Any]]:
    request = kubefake.Request("GET", "/api/v1/namespaces/ml/services/app")
    return cluster.request(request).json()["spec"]["ports"]


def test_the_placeholder_is_replaced(
    ctx: testing.Context[Any], cluster: kubefake.Cluster, service: None
) -> None:
    assert ctx.run(ctx.on.update_status(), STATE).unit_status == ops.ActiveStatus()
    assert ports(cluster) == WANTED


def test_a_second_hook_writes_nothing(
    ctx: testing.Context[Any],
    service: None,
    writes: Callable[[], list[tuple[str, str, str]]],
) -> None:
    ctx.run(ctx.on.update_status(), STATE)
    assert writes() == [("patch", "services", "app")]
    ctx.run(ctx.on.update_status(), STATE)
    assert writes() == []


@pytest.mark.parametrize(
    "found",
    [
        [],
        WANTED[:1],
        [WANTED[0], {**WANTED[1], "port": 9091}],
        [{**WANTED[0], "targetPort": 80}, WANTED[1]],
        [{**WANTED[0], "name": "web"}, WANTED[1]],
        [*WANTED, {"name": "more", "port": 1, "targetPort": 1, "protocol": "TCP"}],
        WANTED[::-1],
    ],
)
def test_a_list_that_differs_is_replaced(
    context: Any, cluster: kubefake.Cluster, service: None, found: list[dict[str, Any]]
) -> None:
    class Damage(charmkit.Component):
        def reconcile(self) -> None:
            if found:
                kube.Kube(self.charm).merge(SERVICE, "app", {"spec": {"ports": found}})

    ctx = context(lambda charm: [Damage(charm), charmkit.ServicePorts(charm, ports=lambda: PORTS)])
    ctx.run(ctx.on.update_status(), STATE)
    assert ports(cluster) == WANTED


def test_the_rest_of_the_service_stays(
    ctx: testing.Context[Any], cluster: kubefake.Cluster, service: None
) -> None:
    ctx.run(ctx.on.update_status(), STATE)
    request = kubefake.Request("GET", "/api/v1/namespaces/ml/services/app")
    spec = cluster.request(request).json()["spec"]
    assert spec["selector"] == {"app.kubernetes.io/name": "app"}
    assert spec["type"] == "ClusterIP"


def test_only_the_leader_writes(
    ctx: testing.Context[Any], cluster: kubefake.Cluster, service: None
) -> None:
    state = testing.State(leader=False, model=testing.Model("ml"))
    assert ctx.run(ctx.on.update_status(), state).unit_status == ops.ActiveStatus()
    assert cluster.journal == []


def test_the_leader_waits_until_juju_has_made_the_service(
    ctx: testing.Context[Any], cluster: kubefake.Cluster
) -> None:
    state = ctx.run(ctx.on.update_status(), STATE)
    assert state.unit_status == ops.WaitingStatus("waiting for Juju to make the Service app")


def test_exactly_the_wanted_ports_are_open_in_juju(context: Any) -> None:
    wanted = [8080, 9090]

    def components(charm: ops.CharmBase) -> list[charmkit.Component]:
        peers = charmkit.Peers(charm)
        return [peers, charmkit.OpenPorts(charm, ports=lambda: wanted, peers=peers)]

    ctx = context(components)
    state = ctx.run(ctx.on.update_status(), testing.State(opened_ports=[testing.TCPPort(80)]))
    assert state.opened_ports == {testing.TCPPort(8080), testing.TCPPort(9090)}
    wanted.remove(9090)
    state = ctx.run(ctx.on.update_status(), state)
    assert state.opened_ports == {testing.TCPPort(8080)}
