# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Notebook controller: culling, the gateway, who works, and which Notebooks are admitted."""

from __future__ import annotations

import copy
import dataclasses
import functools
import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm, Result
from kubefake import Cluster, Request, Response, controller_writes

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
VERSIONS = ("v1", "v1alpha1", "v1beta1")
GATEWAY = {"gateway_name": "front", "gateway_namespace": "istio", "gateway_up": "true"}


def run(before: Result | None = None, **config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    if before is None:
        return CHARM.run(CHARM.state(config=options), "config_changed", cluster=CHARM.defined)
    state = dataclasses.replace(before.state, config=options)
    return CHARM.run(state, "config_changed", cluster=before.cluster)


def service(result: Result) -> dict[str, Any]:
    return result.seen["plans"]["jupyter-controller"]["services"]["jupyter-controller"]


def environment(result: Result) -> dict[str, str]:
    return service(result)["environment"]


def rules(result: Result, role: str) -> list[dict[str, Any]]:
    return result.seen["objects"][role]["rules"]


# --- options ---


def test_environment_by_default():
    """What the published charm sets."""
    state = CHARM.state(without=["gateway-info"])
    assert environment(CHARM.run(state, "config_changed", cluster=CHARM.defined)) == {
        "CLUSTER_DOMAIN": "cluster.local",
        "CULL_IDLE_TIME": "1440",
        "ENABLE_CULLING": "true",
        "IDLENESS_CHECK_PERIOD": "1",
        "ISTIO_GATEWAY": "kubeflow/kubeflow-gateway",
        "ISTIO_HOST": "*",
        "USE_ISTIO": "true",
    }


@pytest.mark.parametrize(
    ("config", "variable", "value"),
    [
        ({"cluster_domain": "k8s.example.com"}, "CLUSTER_DOMAIN", "k8s.example.com"),
        ({"cull_idle_time": 30}, "CULL_IDLE_TIME", "30"),
        ({"enable_culling": False}, "ENABLE_CULLING", "false"),
        ({"idleness_check_period": 5}, "IDLENESS_CHECK_PERIOD", "5"),
        ({"use_istio": False}, "USE_ISTIO", "false"),
    ],
)
def test_each_option_changes_one_variable(config: dict[str, Any], variable: str, value: str):
    before = environment(run())
    assert environment(run(**config)) == {**before, variable: value}
    assert before[variable] != value


@pytest.mark.parametrize("name", ["cull_idle_time", "idleness_check_period"])
@pytest.mark.parametrize("minutes", [-1, 0, 52560001, 10**12])
def test_minutes_that_are_none(name: str, minutes: int):
    """None would cull at once or never look; so would a number that overflows."""
    status, message = run(None, **{name: minutes}).status
    assert status == "blocked"
    option = name.replace("_", "-")
    assert message == f"option {option} accepts minutes from 1 to 52560000 (got: {minutes})"


@pytest.mark.parametrize("domain", ["", ".local", "cluster_local", "https://cluster.local"])
def test_domains_that_are_none(domain: str):
    assert run(cluster_domain=domain).status[0] == "blocked"


def test_rights_to_routes_go_with_the_routes():
    groups = {group for rule in rules(run(), ROLE) for group in rule["apiGroups"]}
    fewer = {group for rule in rules(run(use_istio=False), ROLE) for group in rule["apiGroups"]}
    assert groups - fewer == {"networking.istio.io"}


ROLE = "ClusterRole//jupyter-controller"


# --- gateway ---


def related(bag: dict[str, str], model: str = "kubeflow") -> Result:
    state = CHARM.state(bags={"gateway-info": bag}, model=model)
    return CHARM.run(state, "config_changed", cluster=CHARM.cluster(model))


def test_gateway_by_relation():
    assert environment(related(GATEWAY))["ISTIO_GATEWAY"] == "istio/front"


def test_gateway_that_is_down_is_the_gateway():
    """It may come up; the routes should be there then."""
    down = {**GATEWAY, "gateway_up": "false"}
    assert environment(related(down))["ISTIO_GATEWAY"] == "istio/front"


@pytest.mark.parametrize("model", ["kubeflow", "ml"])
def test_gateway_of_the_model_until_one_is_told(model: str):
    assert environment(related({}, model))["ISTIO_GATEWAY"] == f"{model}/kubeflow-gateway"


# --- who works ---


def units(number: int, **config: Any) -> list[Result]:
    """Each unit in turn; 0 leads."""
    first = CHARM.run(CHARM.state(units=number, config=config), "config_changed")
    others = [
        CHARM.run(CHARM.as_unit(first.state, unit), unit=unit, cluster=first.cluster)
        for unit in range(1, number)
    ]
    return [first, *others]


RUNNING = {"jupyter-controller": {"jupyter-controller": "active"}}


def test_one_unit_works():
    first, second, _ = units(3)
    assert service(first)["command"] == "/manager"
    assert first.seen["services"] == RUNNING
    assert second.seen["services"] == {"jupyter-controller": {}}
    message = "standby: jupyter-controller/0 is active"
    assert second.status == ("active", message)


def test_units_that_elect_all_run():
    for result in units(3, **{"leader-election": True}):
        assert result.status == ("active", "")
        assert result.seen["services"] == RUNNING
        assert service(result)["command"] == "/manager -enable-leader-election"


LEADER_ROLE = "Role/kubeflow/jupyter-controller-leader-election"


def test_rights_to_elect_come_and_go():
    """The program keeps its lock in a Lease and in a ConfigMap."""
    elected = run(leader_election=True)
    named = [rule for rule in rules(elected, LEADER_ROLE) if "resourceNames" in rule]
    assert {(rule["resources"][0], rule["resourceNames"][0]) for rule in named} == {
        ("configmaps", "kubeflow-notebook-controller"),
        ("leases", "kubeflow-notebook-controller"),
    }
    objects = run(elected).seen["objects"]
    assert LEADER_ROLE not in objects
    assert LEADER_ROLE.replace("Role/", "RoleBinding/") not in objects


def test_unit_that_stood_by_works_once_they_elect():
    first, second = units(2)
    state = dataclasses.replace(second.state, config={"leader-election": True})
    after = CHARM.run(state, "config_changed", unit=1, cluster=first.cluster)
    assert after.seen["services"] == RUNNING
    assert after.status == ("active", "")


# --- what users may do ---


def granted(name: str) -> set[str]:
    found = rules(run(), f"ClusterRole//notebook-controller-kubeflow-notebooks-{name}")
    return {verb for rule in found for verb in rule["verbs"]}


def test_roles_of_users():
    """The API server fills the admin's role from the editor's."""
    reading = {"get", "list", "watch"}
    assert granted("view") == reading
    changing = {"create", "delete", "deletecollection", "patch", "update"}
    assert granted("edit") == granted("admin") == reading | changing


# --- Notebooks ---


@functools.cache
def defined() -> Cluster:
    cluster = run().cluster
    cluster.install("", "namespaces", {"metadata": {"name": "ann"}})
    return cluster


def asked(
    cluster: Cluster, method: str, version: str, name: str = "", body: Any = None
) -> Response:
    path = f"/apis/kubeflow.org/{version}/namespaces/ann/notebooks/{name}".rstrip("/")
    return cluster.request(Request(method, path, body=body))


def notebook(version: str = "v1", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": f"kubeflow.org/{version}",
        "kind": "Notebook",
        "metadata": {"name": "one", "namespace": "ann"},
        "spec": {"template": {"spec": {"containers": [{"name": "one", "image": "i"}], **spec}}},
    }


FIELD = {"fieldPath": "metadata.name"}
FULL = {
    "containers": [
        {
            "name": "one",
            "image": "jupyter",
            "imagePullPolicy": "IfNotPresent",
            "env": [{"name": "A", "value": "a"}, {"name": "B", "valueFrom": {"fieldRef": FIELD}}],
            "ports": [{"containerPort": 8888}],
            "resources": {
                "requests": {"cpu": "0.5", "memory": "1Gi"},
                "limits": {"cpu": 1, "nvidia.com/mig-1g.5gb": "1"},
            },
            "volumeMounts": [{"name": "work", "mountPath": "/home/jovyan"}],
            "resizePolicy": [{"resourceName": "cpu", "restartPolicy": "NotRequired"}],
        }
    ],
    "serviceAccountName": "default-editor",
    "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
    "nodeSelector": {"zone": "a"},
    "runtimeClassName": "nvidia",
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [
                    {"matchExpressions": [{"key": "gpu", "operator": "In", "values": ["a100"]}]}
                ]
            }
        }
    },
    "volumes": [
        {"name": "dshm", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}},
        {"name": "work", "persistentVolumeClaim": {"claimName": "work"}},
        {"name": "nfs", "nfs": {"server": "nfs.example.com", "path": "/"}},
    ],
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
    ],
}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_serves_the_same(version: str):
    """Nothing is pruned; a port's protocol is filled in, as upstream does."""
    cluster = defined().copy()
    given = notebook(version, **FULL)
    assert asked(cluster, "POST", version, body=given).status == 201
    wanted = copy.deepcopy(given["spec"])
    wanted["template"]["spec"]["containers"][0]["ports"][0]["protocol"] = "TCP"
    for other in VERSIONS:
        found: Any = asked(cluster, "GET", other, "one").json()
        assert found["apiVersion"] == f"kubeflow.org/{other}"
        assert found["spec"] == wanted


CONTAINER = {"name": "one", "image": "jupyter"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"containers": []}, "containers"),
        ({"containers": [{"name": "one"}]}, "containers[0].image"),
        ({"containers": [{"image": "jupyter"}]}, "containers[0].name"),
        (
            {"containers": [{**CONTAINER, "env": [{"name": "A", "value": 1}]}]},
            "containers[0].env[0].value",
        ),
        (
            {"containers": [{**CONTAINER, "resources": {"limits": {"cpu": "much"}}}]},
            "containers[0].resources.limits.cpu",
        ),
        ({"tolerations": [{"tolerationSeconds": "long"}]}, "tolerations[0].tolerationSeconds"),
        ({"volumes": [{"name": "a", "persistentVolumeClaim": {}}]}, "claimName"),
        ({"nodeSelector": {"gpu": True}}, "nodeSelector.gpu"),
    ],
)
def test_what_the_controller_could_not_read_is_refused(
    version: str, spec: dict[str, Any], field: str
):
    answer = asked(defined().copy(), "POST", version, body=notebook(version, **spec))
    assert answer.status == 422
    causes: Any = answer.json()
    assert any(field in cause["field"] for cause in causes["details"]["causes"])


def test_no_container_at_all_is_refused():
    given = notebook()
    del given["spec"]["template"]["spec"]["containers"]
    assert asked(defined().copy(), "POST", "v1", body=given).status == 422


def test_status_is_the_controllers():
    """Users' changes of it are dropped, the controller's own go through the subresource."""
    cluster = defined().copy()
    status = {"conditions": [], "readyReplicas": 1, "containerState": {"running": {}}}
    asked(cluster, "POST", "v1", body={**notebook(), "status": status})
    found: Any = asked(cluster, "GET", "v1beta1", "one").json()
    assert "status" not in found
    answer = asked(cluster, "PUT", "v1beta1", "one/status", body={**found, "status": status})
    assert answer.status == 200
    told: Any = asked(cluster, "GET", "v1", "one").json()
    assert told["status"] == status


# --- what stays ---


def with_notebook() -> Result:
    first = run()
    cluster = defined().copy()
    assert asked(cluster, "POST", "v1", body=notebook()).status == 201
    return dataclasses.replace(first, cluster=cluster)


def test_removal_leaves_notebooks():
    before = with_notebook()
    state = dataclasses.replace(before.state, planned_units=0)
    after = CHARM.run(state, "remove", cluster=before.cluster)
    assert "Notebook/ann/one" in after.seen["objects"]
    assert ROLE not in after.seen["objects"]


@pytest.mark.parametrize(("confirm", "left"), [("yes", True), ("kubeflow", False)])
def test_purge(confirm: str, left: bool):
    before = with_notebook()
    result = CHARM.run(
        before.state, "action", "purge", params={"confirm": confirm}, cluster=before.cluster
    )
    assert bool(result.failure) is left
    assert ("Notebook/ann/one" in result.seen["objects"]) is left


# --- Culling inside the mesh ---

POLICY = "AuthorizationPolicy/ann/jupyter-controller-culling"
PROFILE = {"app.kubernetes.io/part-of": "kubeflow-profile"}
POLICIES = {
    "metadata": {"name": "authorizationpolicies.security.istio.io"},
    "spec": {
        "group": "security.istio.io",
        "names": {
            "kind": "AuthorizationPolicy",
            "plural": "authorizationpolicies",
            "singular": "authorizationpolicy",
        },
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": True,
                    }
                },
            }
        ],
    },
}


def mesh() -> Cluster:
    """A cluster with Istio, the namespace of a user, and the controller's pod."""
    cluster = CHARM.cluster()
    for obj in (
        {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", **POLICIES},
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ann", "labels": PROFILE}},
        pod("jupyter-controller-0", "jupyter-controller"),
        pod("dex-auth-0", "dex-auth"),
    ):
        cluster.create(obj, "somebody")
    for name, address in (("jupyter-controller-0", "10.1.0.7"), ("dex-auth-0", "10.1.0.8")):
        row = cluster.store.get(("", "pods"), ("kubeflow", name))
        assert row
        status = {**row.obj.get("status", {}), "podIP": address}
        controller_writes.rewrite(
            cluster, ("", "pods"), ("kubeflow", name), {**row.obj, "status": status}
        )
    return cluster


def pod(name: str, app: str) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": app}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "kubeflow", "labels": labels},
        "spec": {"containers": [{"name": "charm", "image": "charm"}]},
    }


def culling(**config: bool) -> dict[str, Any]:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    return CHARM.run(CHARM.state(config=options), "config_changed", cluster=mesh()).seen["objects"]


def test_notebooks_in_the_mesh_answer_the_controller_and_nobody_else():
    """One that does not answer counts as idle, and is stopped though somebody works in it."""
    (rule,) = culling(enable_culling=True, use_istio=True)[POLICY]["spec"]["rules"]
    assert rule == {
        "from": [{"source": {"ipBlocks": ["10.1.0.7"]}}],
        "to": [{"operation": {"methods": ["GET"], "paths": ["*/api/kernels", "*/api/terminals"]}}],
    }


@pytest.mark.parametrize(
    "config",
    [{"enable_culling": False, "use_istio": True}, {"enable_culling": True, "use_istio": False}],
)
def test_nothing_is_let_in_that_is_not_needed(config: dict[str, bool]):
    assert POLICY not in culling(**config)
