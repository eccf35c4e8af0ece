# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A deployment in the shape of ``juju status --format=json``.

Source: Juju 3.6, cmd/juju/status/formatted.go and formatter.go.
"""

import datetime
from collections.abc import Mapping
from typing import Any

import jujusim

from .. import bundle as bundles
from ..preview import Deployment, cluster
from .redaction import Redactor

CONTROLLER = "ckf"
CLOUD = "simulator"


def status(deployment: Deployment, redactor: Redactor) -> dict[str, Any]:
    """Return the status of a deployment, with one key more than Juju has: ``preview``."""
    model = deployment.model
    now = model.now
    return redactor.data(
        {
            "model": {
                "name": model.name,
                "type": "caas",
                "controller": CONTROLLER,
                "cloud": CLOUD,
                "version": model.juju_version,
                "model-status": {"current": "available", "since": _since(now)},
            },
            "machines": {},
            "applications": {
                name: _application(deployment, app) for name, app in sorted(model.apps.items())
            },
            "controller": {"timestamp": f"{now:%H:%M:%SZ}"},
            "preview": preview(deployment),
        }
    )


def preview(deployment: Deployment) -> dict[str, Any]:
    """Return what a simulator knows besides: how the run went, and what is in Kubernetes."""
    model = deployment.model
    about: dict[str, Any] = {
        "seed": deployment.request.seed,
        "faults": deployment.request.faults,
        "hooks": len(model.trace),
        "hook-errors": [
            {"unit": record.unit, "event": record.event, "error": record.error.splitlines()[-1]}
            for record in model.trace.failures()
        ],
        "seconds": round(deployment.seconds, 3),
        "kubernetes": cluster.counts(cluster.objects(model)),
        "not-simulated": bundles.notes(deployment.bundle),
    }
    return {**about, "endless": deployment.endless} if deployment.endless else about


def _application(deployment: Deployment, app: jujusim.Application) -> dict[str, Any]:
    model = deployment.model
    spec = deployment.bundle.applications[app.name]
    service = _service(model, app)
    shown = model.status().apps[app.name]
    charm = app.charm.name
    # A local charm has the next number with each refresh to one (refresher.go).
    local = spec.is_local or app.charm_version > 0
    revision = app.charm_version - (0 if spec.is_local else 1) if local else 0
    described = {
        "charm": f"local:{charm}-{revision}" if local else charm,
        "base": _base(app.charm),
        "charm-origin": "local" if local else "charmhub",
        "charm-name": charm,
        "charm-rev": revision,
        "charm-channel": app.channel,
        "scale": shown.scale,
        "provider-id": service.get("metadata", {}).get("uid", ""),
        "address": service.get("spec", {}).get("clusterIP", ""),
        "exposed": spec.expose,
        "application-status": _info(shown.status, model.now),
        "relations": _relations(model, app.name),
        "units": {name: _unit(model, unit) for name, unit in shown.units.items()},
        "version": shown.version,
        "endpoint-bindings": {"": "alpha", **dict.fromkeys(sorted(app.charm.endpoints), "alpha")},
    }
    return _filled(described, keep=("scale", "charm-rev", "exposed"))


def _unit(model: jujusim.Model, shown: jujusim.UnitStatus) -> dict[str, Any]:
    unit = model.units[shown.name]
    agent = {"current": "idle", "since": _since(model.now), "version": model.juju_version}
    described = {
        "workload-status": _info(shown.status, model.now),
        "juju-status": agent,
        "leader": shown.leader,
        "open-ports": _ports(unit),
        "address": shown.address,
        "provider-id": shown.name.replace("/", "-"),
    }
    return _filled(described)


def app_rows(model: jujusim.Model) -> list[tuple[str, ...]]:
    """Return each application's name, status, scale, charm and message."""
    return [
        (name, app.status.name, str(app.scale), app.charm, app.status.message)
        for name, app in sorted(model.status().apps.items())
    ]


def unit_rows(model: jujusim.Model) -> list[tuple[str, ...]]:
    """Return each unit's name, status, address, ports and message; a leader has a star."""
    return [
        (
            f"{unit.name}*" if unit.leader else unit.name,
            unit.status.name,
            unit.address,
            ",".join(_ports(model.units[unit.name])),
            unit.status.message,
        )
        for _, app in sorted(model.status().apps.items())
        for unit in app.units.values()
    ]


def _ports(unit: jujusim.Unit) -> list[str]:
    """Return the ports that a unit has opened, as ``9000/tcp``."""
    opened = sorted((port.port or 0, port.protocol) for port in unit.ports)
    return [f"{number}/{protocol}" for number, protocol in opened]


def _relations(model: jujusim.Model, app: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for relation in model.relations.values():
        if relation.joins(app):
            entry = {
                "related-application": relation.other(app).app,
                "interface": relation.interface,
                "scope": "global",
            }
            found.setdefault(relation.side(app).endpoint.name, []).append(entry)
    return {
        name: sorted(entries, key=lambda entry: entry["related-application"])
        for name, entries in sorted(found.items())
    }


def _service(model: jujusim.Model, app: jujusim.Application) -> Mapping[str, Any]:
    """Return the Service that Juju has made for an application."""
    for owned in cluster.objects(model):
        metadata = owned.obj["metadata"]
        if owned.obj["kind"] == "Service" and owned.by_juju and metadata["name"] == app.name:
            return owned.obj
    return {}


def _base(charm: jujusim.CharmDir) -> dict[str, str]:
    name, _, channel = str(charm.meta.get("base", "")).partition("@")
    return {"name": name, "channel": channel} if channel else {}


def _info(status: jujusim.Status, when: datetime.datetime) -> dict[str, str]:
    values = {"current": status.name, "message": status.message, "since": _since(when)}
    return {key: value for key, value in values.items() if value}


def _since(when: datetime.datetime) -> str:
    return f"{when:%d %b %Y %H:%M:%SZ}"


def _filled(values: Mapping[str, Any], keep: tuple[str, ...] = ()) -> dict[str, Any]:
    """Without empty values, as Juju leaves them out."""
    return {key: value for key, value in values.items() if value or key in keep}
