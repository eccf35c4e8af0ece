# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The endpoints over which a bundle's applications are observed."""

from collections.abc import Iterator
from typing import NamedTuple

from .. import bundle as bundles


class Side(NamedTuple):
    """One side of a relation: its interface, and the role as in charmcraft.yaml."""

    interface: str
    role: str


METRICS = Side("prometheus_scrape", "provides")
DASHBOARDS = Side("grafana_dashboard", "provides")
LOGGING = Side("loki_push_api", "requires")
OTEL_SOURCE = Side("otel-collector", "requires")
OTEL_COLLECTOR = Side("otel-collector", "provides")


def of(charms: bundles.Charms, side: Side) -> Iterator[tuple[str, str]]:
    """Yield the application and the name of each endpoint on a side, in the order of both."""
    for app, charm in sorted(charms.items()):
        for endpoint in charm.endpoints.values():
            if (endpoint.interface, endpoint.role) == side:
                yield app, endpoint.name
