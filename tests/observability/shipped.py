# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The alert rules and dashboards that charms ship."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import yaml

ROOT = pathlib.Path(__file__).parents[2]


def charms(interface: str) -> list[str]:
    """Return the charms that provide an interface."""
    metadata = [yaml.safe_load(path.read_text()) for path in ROOT.glob("charms/*/charmcraft.yaml")]
    return sorted(
        charm["name"]
        for charm in metadata
        for endpoint in charm.get("provides", {}).values()
        if endpoint["interface"] == interface
    )


SCRAPED = charms("prometheus_scrape")
SHOWN = charms("grafana_dashboard")


def files(charm: str, pattern: str) -> list[pathlib.Path]:
    """Return files in a charm's sources."""
    return sorted((ROOT / "charms" / charm / "src").glob(pattern))


def groups(charm: str) -> list[dict[str, Any]]:
    """Return the groups of alert rules."""
    paths = files(charm, "prometheus_alert_rules/*.rules")
    return [group for path in paths for group in yaml.safe_load(path.read_text())["groups"]]


def alerts(charm: str) -> list[dict[str, Any]]:
    """Return the alert rules."""
    return [rule for group in groups(charm) for rule in group["rules"]]


def dashboards(charm: str) -> list[dict[str, Any]]:
    """Return the dashboards."""
    return [json.loads(path.read_text()) for path in files(charm, "grafana_dashboards/*.json")]


def panels(charm: str) -> list[dict[str, Any]]:
    """Return the panels that show something."""
    found = [panel for dashboard in dashboards(charm) for panel in dashboard["panels"]]
    return [panel for panel in found if panel["type"] != "row"]


def expressions(charm: str) -> list[str]:
    """Return the expressions of all rules and panels."""
    shown = [target["expr"] for panel in panels(charm) for target in panel["targets"]]
    return [*(str(rule["expr"]) for rule in alerts(charm)), *shown]
