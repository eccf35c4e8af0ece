# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The ingress fails closed: at no step is a route served without authentication."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import pytest
from jujusim import Model
from jujusim.charm import CharmDir
from kubefake import Cluster, Request, Response

CHARMS = pathlib.Path(__file__).parents[2] / "charms"
GROUP = "networking.istio.io"
GATEWAY = "kubeflow-gateway"
LISTENERS = {8080, 8443}
FAULTS = 3
SEEDS = 40


class Watched(Cluster):
    """A cluster that is looked at after each request, whoever has made it."""

    look: Callable[[], None] | None = None

    def request(self, request: Request) -> Response:
        response = super().request(request)
        if self.look:
            self.look()
        return response


def objects(cluster: Cluster, plural: str) -> list[dict[str, Any]]:
    return [row.obj for _, row in cluster.store.rows((GROUP, plural))]


def is_open(cluster: Cluster) -> bool:
    """Whether some listener serves routes and asks nobody."""
    return bool(objects(cluster, "gateways")) and not guarded(cluster) >= LISTENERS


def guarded(cluster: Cluster) -> set[int]:
    """The listeners before which the filter stands."""
    patches = [
        patch
        for item in objects(cluster, "envoyfilters")
        for patch in item["spec"]["configPatches"]
    ]
    return {
        patch["match"]["listener"]["portNumber"]
        for patch in patches
        if patch["patch"]["value"]["name"] == "envoy.filters.http.ext_authz"
    }


def ingress(
    *, seed: int = 0, faults: int = 0, units: int = 1, name: str = "kubeflow", **config: str
) -> Model:
    model = Model(name, seed=seed, cluster=Watched(seed=seed, pods=True), faults=faults)
    settings = {
        "default-gateway": GATEWAY,
        **{key.replace("_", "-"): v for key, v in config.items()},
    }
    model.deploy(charm("istio-pilot"), trust=True, units=units, config=settings)
    model.deploy(charm("istio-gateway"), "istio-ingressgateway", trust=True)
    model.deploy(charm("oidc-gatekeeper"), trust=True)
    model.deploy(charm("kubeflow-dashboard"), trust=True)
    model.integrate("istio-pilot:istio-pilot", "istio-ingressgateway")
    model.integrate("istio-pilot:ingress", "kubeflow-dashboard")
    model.integrate("istio-pilot:ingress", "oidc-gatekeeper")
    model.integrate("istio-pilot:ingress-auth", "oidc-gatekeeper")
    return model


def charm(name: str) -> CharmDir:
    return CharmDir.load(CHARMS / name)


def cluster_of(model: Model) -> Watched:
    assert model.backend
    cluster = model.backend.cluster  # pyright: ignore[reportAttributeAccessIssue]
    assert isinstance(cluster, Watched)
    return cluster


def watch(model: Model) -> list[str]:
    """What was seen wrong, with the hook in which it was; filled while the model runs."""
    seen: list[str] = []
    cluster = cluster_of(model)

    def look() -> None:
        if is_open(cluster):
            seen.append(f"in hook {len(model.trace) + 1}: {cluster.journal[-1]}")

    cluster.look = look
    return seen


def status(model: Model, unit: str = "istio-pilot/0") -> tuple[str, str]:
    found = model.unit(unit).workload_status
    return found.name, found.message


@pytest.mark.seeds(SEEDS)
def test_never_open(seed: int):
    """Whatever goes wrong with requests, hooks, pods, leaders, and relations that come and go."""
    model = ingress(seed=seed, faults=FAULTS, authentication="always", units=1 + seed % 2)
    seen = watch(model)
    model.settle()
    replay = f"seed {seed}, faults {FAULTS}: {model.faults.log}"
    assert not seen, replay
    assert objects(cluster_of(model), "gateways"), replay
    assert status(model) == ("active", ""), replay


@pytest.mark.seeds(5)
def test_never_open_once_related(seed: int):
    """By default too, where ingress-auth is related before the first hook and requests fail."""
    model = ingress(seed=seed, faults=2)
    seen = watch(model)
    model.settle()
    assert not seen, f"seed {seed}, faults 2: {model.faults.log}"
    assert status(model) == ("active", "")


@pytest.mark.seeds(5)
def test_stays_closed_after_withdrawal(seed: int):
    model = ingress(seed=seed)
    model.settle()
    seen = watch(model)
    model.remove_relation("istio-pilot:ingress-auth", "oidc-gatekeeper:ingress-auth")
    model.settle()
    assert not seen
    assert status(model)[0] == "blocked"
    assert not objects(cluster_of(model), "gateways")
    model.integrate("istio-pilot:ingress-auth", "oidc-gatekeeper")
    model.settle()
    assert not seen
    assert status(model) == ("active", "")
    assert objects(cluster_of(model), "gateways")


@pytest.mark.seeds(5)
def test_stays_shut_while_everything_goes(seed: int):
    """Applications are removed in any order; definitions stay, and no webhook is left."""
    model = ingress(seed=seed, name="ml", authentication="always")
    model.settle()
    seen = watch(model)
    names = sorted(model.apps)
    model.random.shuffle(names)
    for name in names:
        model.remove_application(name)
    model.settle()
    assert not seen
    assert not model.apps
    cluster = cluster_of(model)
    left = {table[1] for table, _, _ in cluster.store.everything()}
    assert not {name for name in left if "webhook" in name}
    assert "customresourcedefinitions" in left
    assert not [
        row
        for plural in ("gateways", "envoyfilters", "virtualservices")
        for row in objects(cluster, plural)
    ]


def test_a_users_route_stays():
    model = ingress(authentication="always")
    model.settle()
    cluster = cluster_of(model)
    body = {
        "apiVersion": f"{GROUP}/v1",
        "kind": "VirtualService",
        "metadata": {"name": "notebook", "namespace": "kubeflow"},
        "spec": {"hosts": ["*"]},
    }
    path = f"/apis/{GROUP}/v1/namespaces/kubeflow/virtualservices"
    assert cluster.request(Request("POST", path, body=body, user="alice")).status == 201
    model.update_status()
    model.settle()
    model.remove_application("istio-pilot")
    model.settle()
    assert [item["metadata"]["name"] for item in objects(cluster, "virtualservices")] == [
        "notebook"
    ]


@pytest.mark.parametrize("units", [1, 3])
def test_a_new_leader_finds_nothing_to_do(units: int):
    model = ingress(units=units, authentication="always")
    model.settle()
    before = cluster_of(model).store.revision
    model.elect("istio-pilot", f"istio-pilot/{units - 1}")
    model.update_status()
    model.settle()
    assert cluster_of(model).store.revision == before
    assert {status(model, f"istio-pilot/{unit}") for unit in range(units)} == {("active", "")}
