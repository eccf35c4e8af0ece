# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The content of a bundle, as the local values that the Terraform module works on.

The module's resources are written by hand, for any inventory; so there is one inventory, the
bundle, and two ways to deploy it.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import jujusim
from jujusim import integrate

from .. import bundle as bundles
from ..cos import endpoints

# The side that applications have in each offer of a Canonical Observability Stack.
_COS = {
    "cos/metrics": endpoints.METRICS,
    "cos/dashboards": endpoints.DASHBOARDS,
    "cos/logging": endpoints.LOGGING,
}
# The endpoints that take an offer of Charmed MLflow, where the bundle has the application.
_MLFLOW = {
    "mlflow/dashboard_links": ("kubeflow-dashboard", "links"),
    "mlflow/secrets": ("resource-dispatcher", "secrets"),
    "mlflow/pod_defaults": ("resource-dispatcher", "pod-defaults"),
}


def render(bundle: bundles.Bundle, charms: bundles.Charms) -> str:
    """Return the text of `inventory.tf.json`, of a bundle that fits its charms."""
    content = {
        "applications": {
            name: _application(app, charms[name]) for name, app in bundle.applications.items()
        },
        "integrations": dict(_integrations(bundle, charms)),
        "consumers": list(_consumers(charms)),
        "endpoints": {name: _endpoints(charm) for name, charm in charms.items()},
    }
    # In the order of the keys, so that moving an application changes nothing.
    ordered = json.loads(json.dumps(content, sort_keys=True))
    return json.dumps({"locals": {"bundle": ordered}}, indent=2) + "\n"


def _application(app: bundles.Application, charm: jujusim.CharmDir) -> dict[str, Any]:
    return {
        "charm": charm.name if app.is_local else app.charm.removeprefix("ch:"),
        "channel": None if app.is_local else app.channel or "latest/stable",
        "units": app.scale,
        "trust": app.trust,
        "config": {key: bundles.text(value) for key, value in app.options.items()},
        "resources": {key: bundles.text(value) for key, value in app.resources.items()},
        "storage": dict(app.storage),
    }


def _integrations(
    bundle: bundles.Bundle, charms: bundles.Charms
) -> Iterator[tuple[str, list[dict[str, str]]]]:
    apps = {name: jujusim.Application(name, charm) for name, charm in charms.items()}
    for relation in bundle.relations:
        sides = integrate.infer(apps, *relation.ends)
        ends = [(side.app, side.endpoint.name) for side in sides]
        name = " ".join(f"{app}:{endpoint}" for app, endpoint in ends)
        yield name, [_end(app, endpoint) for app, endpoint in ends]


def _end(app: str, endpoint: str) -> dict[str, str]:
    return {"application": app, "endpoint": endpoint}


def _consumers(charms: bundles.Charms) -> Iterator[dict[str, str]]:
    """Yield which endpoint of which application an offer of another model is integrated with."""
    for offer, side in _COS.items():
        for app, endpoint in endpoints.of(charms, side):
            yield {"offer": offer, **_end(app, endpoint)}
    for offer, (app, endpoint) in _MLFLOW.items():
        if app in charms and endpoint in charms[app].endpoints:
            yield {"offer": offer, **_end(app, endpoint)}


def _endpoints(charm: jujusim.CharmDir) -> Mapping[str, Mapping[str, str]]:
    roles: dict[str, dict[str, str]] = {"provides": {}, "requires": {}}
    for endpoint in charm.endpoints.values():
        if endpoint.role in roles:
            roles[endpoint.role][endpoint.name] = endpoint.interface
    return roles
