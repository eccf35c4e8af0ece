"""The front door is never open: at no step is a route served that asks nobody for a login."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import pytest
from ckf.juju import Model
from ckf.juju.charm import CharmDir
from ckf.kubernetes import Cluster, Request, Response

CHARMS = pathlib.Path(__file__).parents[2] / "charms"
GROUP = "networking.istio.io"
GATEWAY = "kubeflow-gateway"
LISTENERS = {8080, 8443}
FAULTS = 3
SEEDS = 100


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


def door(
    *, seed: int = 0, faults: int = 0, units: int = 1, name: str = "kubeflow", **config: str
) -> Model:
    model = Model(name, seed=seed, cluster=Watched(seed=seed), faults=faults)
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
    assert model.cloud
    cluster = model.cloud.cluster  # pyright: ignore[reportAttributeAccessIssue]
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


@pytest.mark.parametrize("seed", range(SEEDS))
def test_never_open(seed: int):
    """Whatever goes wrong with requests, hooks, pods, leaders, and relations that come and go."""
    model = door(seed=seed, faults=FAULTS, authentication="always", units=1 + seed % 2)
    seen = watch(model)
    model.settle()
    replay = f"seed {seed}, faults {FAULTS}: {model.faults.log}"
    assert not seen, replay
    assert objects(cluster_of(model), "gateways"), replay
    assert status(model) == ("active", ""), replay
