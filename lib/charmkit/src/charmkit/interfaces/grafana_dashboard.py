# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`grafana_dashboard`: dashboards that Grafana should show.

Wire format (application databag of the provider): `dashboards` is JSON

    {"templates": {"file:<stem>": {"charm", "content", "juju_topology", "inject_dropdowns",
     "dashboard_alt_uid"}}, "uuid"}

where `content` is the dashboard's JSON, LZMA compressed, then base64.

Source: the charm library grafana_k8s.v0.grafana_dashboard.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from .. import relations
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class Dashboards:
    """What the provider sends."""

    dashboards: dict[str, Any]


INTERFACE = Interface[Dashboards, None](
    "grafana_dashboard", endpoint="grafana-dashboard", provider=Dashboards
)


class Provider(relations.Provider[Dashboards, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, Dashboards]):
    """The requiring end."""

    interface = INTERFACE
