# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The overlays for the Canonical Observability Stack, from what the bundle's charms offer.

Two roads lead there: its Prometheus, Grafana and Loki in the platform's own model, and a collector
that sends everything on to a stack in another model.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .. import bundle as bundles
from . import endpoints

_HEAD = """\
# {about}:
#   juju deploy ./bundle.yaml --overlay ./overlays/{name}.yaml --trust
{more}# Written by `ckf cos`, from the endpoints of the bundle's charms.
"""


@dataclass(frozen=True)
class _Road:
    """One way to the stack: what takes each side of the bundle's charms, and its own relations."""

    about: str
    more: str
    charms: Mapping[str, tuple[str, str]]
    ends: Mapping[endpoints.Side, str]
    own: tuple[tuple[str, str], ...] = ()


_ROADS = {
    "cos": _Road(
        about="Metrics, dashboards and logs by Prometheus, Grafana and Loki in the same model",
        more="# Where the stack has a model of its own, take cos-collector.yaml.\n",
        charms={
            "grafana": ("grafana-k8s", "1/stable"),
            "loki": ("loki-k8s", "1/stable"),
            "prometheus": ("prometheus-k8s", "1/stable"),
        },
        ends={
            endpoints.METRICS: "prometheus:metrics-endpoint",
            endpoints.DASHBOARDS: "grafana:grafana-dashboard",
            endpoints.LOGGING: "loki:logging",
        },
        own=(
            ("loki:grafana-source", "grafana:grafana-source"),
            ("prometheus:grafana-source", "grafana:grafana-source"),
        ),
    ),
    "cos-collector": _Road(
        about="Metrics, dashboards and logs by a collector, for a stack in another model",
        more="# Then consume its offers: docs/reference/observability.md has the commands.\n",
        # The channel and the endpoints are those of the solution published with Kubeflow 1.11.
        charms={"otelcol": ("opentelemetry-collector-k8s", "2/stable")},
        ends={
            endpoints.METRICS: "otelcol:metrics-endpoint",
            endpoints.DASHBOARDS: "otelcol:grafana-dashboards-consumer",
            endpoints.LOGGING: "otelcol:receive-loki-logs",
        },
    ),
}


def files(charms: bundles.Charms) -> dict[str, str]:
    """Return the text of each overlay by the file's name."""
    return {f"{name}.yaml": _overlay(name, road, charms) for name, road in _ROADS.items()}


def _overlay(name: str, road: _Road, charms: bundles.Charms) -> str:
    applications = "".join(_application(app, *charm) for app, charm in road.charms.items())
    relations = "".join(f"  - [{one}, {other}]\n" for one, other in _relations(road, charms))
    head = _HEAD.format(about=road.about, name=name, more=road.more)
    return f"{head}applications:\n{applications}\nrelations:\n{relations}"


def _application(app: str, charm: str, channel: str) -> str:
    return f"  {app}:\n    charm: {charm}\n    channel: {channel}\n    scale: 1\n    trust: true\n"


def _relations(road: _Road, charms: bundles.Charms) -> Iterator[tuple[str, str]]:
    yield from road.own
    for side, end in road.ends.items():
        for app, endpoint in endpoints.of(charms, side):
            yield f"{app}:{endpoint}", end
    # What Knative's components measure is collected by the operator's charm, for its own endpoint.
    for collector, theirs in endpoints.of(charms, endpoints.OTEL_COLLECTOR):
        for app, endpoint in endpoints.of(charms, endpoints.OTEL_SOURCE):
            yield f"{collector}:{theirs}", f"{app}:{endpoint}"
