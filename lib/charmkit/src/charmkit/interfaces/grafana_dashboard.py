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

from .. import interface


@dataclasses.dataclass(frozen=True)
class Dashboards:
    """What the provider says."""

    dashboards: dict[str, Any]


INTERFACE = interface.Interface[Dashboards, None](
    "grafana_dashboard", provider=Dashboards, requirer=None
)
