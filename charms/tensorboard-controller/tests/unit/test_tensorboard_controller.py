# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""TensorBoard controller: its environment, who works, and which Tensorboards are admitted."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm, Result
from kubefake import Cluster, Request, Response

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
GATEWAY = {"gateway_name": "front", "gateway_namespace": "istio", "gateway_up": "true"}
NAME = "tensorboard-controller"
RUNNING = {NAME: {NAME: "active"}}
ROLE = f"ClusterRole//{NAME}"
LEADER_ROLE = f"Role/kubeflow/{NAME}-leader-election"


def run(before: Result | None = None, **config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    if before is None:
        state = CHARM.state(config=options, bags={"gateway-info": GATEWAY})
        return CHARM.run(state, "config_changed")
    state = dataclasses.replace(before.state, config=options)
    return CHARM.run(state, "config_changed", cluster=before.cluster)


def service(result: Result) -> dict[str, Any]:
    return result.seen["plans"][NAME]["services"][NAME]


def test_environment():
    """What the published charm sets."""
    assert service(run())["environment"] == {
        "ISTIO_GATEWAY": "istio/front",
        "ISTIO_HOST": "*",
        "RWO_PVC_SCHEDULING": "True",
        "TENSORBOARD_IMAGE": "docker.io/charmedkubeflow/tensorflow:2.5.1-2836bb9",
    }


def test_image():
    image = "registry.example.com/tensorflow:2.16"
    assert service(run(tensorboard_image=image))["environment"]["TENSORBOARD_IMAGE"] == image


def test_gateway_that_moves_restarts_the_controller():
    before = run()
    state = CHARM.state(bags={"gateway-info": {**GATEWAY, "gateway_name": "back"}})
    state = dataclasses.replace(before.state, relations=state.relations)
    after = CHARM.run(state, cluster=before.cluster)
    assert service(after)["environment"]["ISTIO_GATEWAY"] == "istio/back"


def test_port_of_the_service():
    (port,) = run().seen["objects"][f"Service/kubeflow/{NAME}"]["spec"]["ports"]
    wanted = {"name": f"{NAME}-metrics", "port": 8080, "targetPort": 8080, "protocol": "TCP"}
    assert {key: port[key] for key in wanted} == wanted


def units(number: int, **config: Any) -> list[Result]:
    """Each unit in turn; 0 leads."""
    first = CHARM.run(CHARM.state(units=number, config=config), "config_changed")
    others = [
        CHARM.run(CHARM.as_unit(first.state, unit), unit=unit, cluster=first.cluster)
        for unit in range(1, number)
    ]
    return [first, *others]


def test_one_unit_works():
    first, second, _ = units(3)
    assert service(first)["command"] == "/manager"
    assert first.seen["services"] == RUNNING
    assert second.seen["services"] == {NAME: {}}
    message = f"standby: {NAME}/0 is active"
    assert second.status == ("active", message)


def test_units_that_elect_all_run():
    for result in units(3, **{"leader-election": True}):
        assert result.status == ("active", "")
        assert result.seen["services"] == RUNNING
        assert service(result)["command"] == "/manager -leader-elect"


def test_rights_to_elect_come_and_go():
    """The program keeps its lock in a Lease and in a ConfigMap, and tells who has it."""
    elected = run(leader_election=True)
    rules = elected.seen["objects"][LEADER_ROLE]["rules"]
    assert {rule["resources"][0] for rule in rules} == {"configmaps", "events", "leases"}
    locks = {name for rule in rules for name in rule.get("resourceNames", [])}
    assert locks == {"kubeflow-tensorboard-controller"}
    objects = run(elected).seen["objects"]
    assert LEADER_ROLE not in objects
    assert LEADER_ROLE.replace("Role/", "RoleBinding/") not in objects


def test_rights_follow_the_application_and_the_model():
    result = CHARM.run(CHARM.state(model="ml"), "config_changed", cluster=CHARM.cluster("ml"))
    binding = result.seen["objects"][f"ClusterRoleBinding//{NAME}"]
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": NAME, "namespace": "ml"}]


@functools.cache
def defined() -> Cluster:
    cluster = run().cluster
    cluster.install("", "namespaces", {"metadata": {"name": "ann"}})
    return cluster


def create(cluster: Cluster, spec: dict[str, Any]) -> Response:
    path = "/apis/tensorboard.kubeflow.org/v1alpha1/namespaces/ann/tensorboards"
    body = {
        "apiVersion": "tensorboard.kubeflow.org/v1alpha1",
        "kind": "Tensorboard",
        "metadata": {"name": "one"},
        "spec": spec,
    }
    return cluster.request(Request("POST", path, body=body))


@pytest.mark.parametrize("path", ["pvc://logs/train", "s3://bucket/logs", "/logs"])
def test_tensorboards(path: str):
    assert create(defined().copy(), {"logspath": path}).status == 201


@pytest.mark.parametrize("spec", [{}, {"logspath": 1}])
def test_tensorboards_without_logs_are_refused(spec: dict[str, Any]):
    answer = create(defined().copy(), spec)
    causes = answer.json()["details"]["causes"]
    assert [cause["field"] for cause in causes] == ["spec.logspath"]


def with_tensorboard() -> Result:
    cluster = defined().copy()
    assert create(cluster, {"logspath": "pvc://logs/train"}).status == 201
    return dataclasses.replace(run(), cluster=cluster)


def test_removal_leaves_tensorboards():
    before = with_tensorboard()
    state = dataclasses.replace(before.state, planned_units=0)
    after = CHARM.run(state, "remove", cluster=before.cluster)
    assert "Tensorboard/ann/one" in after.seen["objects"]
    assert ROLE not in after.seen["objects"]


@pytest.mark.parametrize(("confirm", "left"), [("yes", True), ("kubeflow", False)])
def test_purge(confirm: str, left: bool):
    before = with_tensorboard()
    result = CHARM.run(
        before.state, "action", "purge", params={"confirm": confirm}, cluster=before.cluster
    )
    assert bool(result.failure) is left
    assert ("Tensorboard/ann/one" in result.seen["objects"]) is left
