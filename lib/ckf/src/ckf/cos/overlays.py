# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The overlays for the Canonical Observability Stack, from what the bundle's charms offer.

Two roads lead there: its Prometheus, Grafana and Loki in the platform's own model, and a collector
that sends everything on to a stack in another model. `<overlay>.base.yaml` has what is the same
for every bundle; relations are added to it.
"""

import pathlib
from collections.abc import Iterator, Mapping

from .. import bundle as bundles
from . import endpoints

_ENDS: Mapping[str, Mapping[endpoints.Side, str]] = {
    "cos": {
        endpoints.METRICS: "prometheus:metrics-endpoint",
        endpoints.DASHBOARDS: "grafana:grafana-dashboard",
        endpoints.LOGGING: "loki:logging",
    },
    # The endpoints are those of the solution published with Kubeflow 1.11.
    "cos-collector": {
        endpoints.METRICS: "otelcol:metrics-endpoint",
        endpoints.DASHBOARDS: "otelcol:grafana-dashboards-consumer",
        endpoints.LOGGING: "otelcol:receive-loki-logs",
    },
}
"""By overlay, the end that takes each side of the bundle's charms."""


def files(charms: bundles.Charms) -> dict[str, str]:
    """Return the text of each overlay by the file's name."""
    return {f"{name}.yaml": _overlay(name, charms) for name in _ENDS}


def _overlay(name: str, charms: bundles.Charms) -> str:
    base = pathlib.Path(__file__).with_name(f"{name}.base.yaml").read_text()
    pairs = _relations(_ENDS[name], charms)
    return base + "".join(f"  - [{one}, {other}]\n" for one, other in pairs)


def _relations(
    ends: Mapping[endpoints.Side, str], charms: bundles.Charms
) -> Iterator[tuple[str, str]]:
    for side, end in ends.items():
        for app, endpoint in endpoints.of(charms, side):
            yield f"{app}:{endpoint}", end
    # What Knative's components measure is collected by the operator's charm, for its own endpoint.
    for collector, theirs in endpoints.of(charms, endpoints.OTEL_COLLECTOR):
        for app, endpoint in endpoints.of(charms, endpoints.OTEL_SOURCE):
            yield f"{collector}:{theirs}", f"{app}:{endpoint}"
