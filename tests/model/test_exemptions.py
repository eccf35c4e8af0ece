# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What needs no login opens no other application, whatever the options say."""

from __future__ import annotations

import pathlib
from typing import Any

import jujusim
import kubefake
import pytest
from jujusim.charm import CharmDir

from . import deployment

CHARMS = pathlib.Path(__file__).parents[2] / "charms"
RELATIONS = (
    ("istio-pilot:istio-pilot", "istio-ingressgateway"),
    ("istio-pilot:ingress", "dex-auth"),
    ("istio-pilot:ingress", "jupyter-ui"),
    ("istio-pilot:ingress", "oidc-gatekeeper"),
    ("istio-pilot:ingress-auth", "oidc-gatekeeper"),
    ("dex-auth:oidc-client", "oidc-gatekeeper"),
    ("dex-auth:dex-oidc-config", "oidc-gatekeeper"),
)


def deployed(app: str, config: dict[str, str]) -> jujusim.Model:
    model = jujusim.Model("kubeflow", cluster=kubefake.Cluster(pods=True))
    settings: dict[str, dict[str, Any]] = {"istio-pilot": {"authentication": "always"}}
    settings.setdefault(app, {}).update(config)
    for name in ("istio-pilot", "jupyter-ui", "dex-auth", "oidc-gatekeeper"):
        charm = CharmDir.load(CHARMS / name)
        model.deploy(charm, trust=True, config=settings.get(name, {}))
    gateway = CharmDir.load(CHARMS / "istio-gateway")
    model.deploy(gateway, "istio-ingressgateway", trust=True, config={"kind": "ingress"})
    for one, other in RELATIONS:
        model.integrate(one, other)
    model.settle()
    model.update_status()
    model.settle()
    return model


def exempt(model: jujusim.Model) -> list[str]:
    """The beginnings of paths that the service lets pass."""
    plan = model.units["oidc-gatekeeper/0"].containers["oidc-authservice"].plan()
    environment = plan.get("services", {}).get("oidc-authservice", {}).get("environment", {})
    return [path for path in environment.get("SKIP_AUTH_URLS", "").split(",") if path]


def objects(model: jujusim.Model, kind: str) -> dict[str, dict[str, Any]]:
    found = deployment.cluster(model).objects(kind)
    return {obj["metadata"]["name"]: obj["spec"] for obj in found}


def prefixes(model: jujusim.Model) -> list[str]:
    routes = objects(model, "VirtualService").values()
    return [match["uri"]["prefix"] for route in routes for match in route["http"][0]["match"]]


@pytest.mark.parametrize(
    ("app", "config", "blocked"),
    [
        ("dex-auth", {}, False),
        ("dex-auth", {"issuer-url": "https://login.example.com"}, True),
        ("dex-auth", {"issuer-url": "https://kf.example.com/jupyter"}, True),
        ("dex-auth", {"issuer-url": "https://kf.example.com/a/../jupyter"}, True),
        ("dex-auth", {"public-url": "https://kf.example.com/jupyter"}, False),
        ("oidc-gatekeeper", {"skip-auth-urls": "/"}, True),
        ("oidc-gatekeeper", {"skip-auth-urls": "/open/,/jupyter"}, True),
        ("oidc-gatekeeper", {"skip-auth-urls": "/j"}, True),
    ],
)
def test_no_route_is_open_by_an_exemption(app: str, config: dict[str, str], blocked: bool) -> None:
    model = deployed(app, config)
    opened = [
        (path, prefix)
        for path in exempt(model)
        for prefix in prefixes(model)
        if f"{prefix.rstrip('/')}/".startswith(path)
    ]
    assert not opened or not objects(model, "Gateway")
    states = {app.status.name for app in model.status().apps.values()}
    assert ("blocked" in states) == blocked
