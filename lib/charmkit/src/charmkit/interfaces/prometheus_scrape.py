# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`prometheus_scrape`: what Prometheus should scrape, and when it should raise an alarm.

Wire format (application databag of the provider, plain keys, each JSON):

    scrape_metadata  {"model", "model_uuid", "application", "unit", "charm_name"}
    scrape_jobs      [{"metrics_path", "static_configs": [{"targets": ["*:8080"]}], ...}]
    alert_rules      {"groups": [...]}

and in each unit's databag `prometheus_scrape_unit_address`, `prometheus_scrape_unit_name` and
`prometheus_scrape_unit_path`, plain text; the address stands for `*` in the targets.

Source: the charm library prometheus_k8s.v0.prometheus_scrape.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from .. import relations
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class Scrape:
    """What the application of the provider sends."""

    scrape_metadata: dict[str, Any]
    scrape_jobs: list[dict[str, Any]]
    alert_rules: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Address:
    """What each unit sends."""

    prometheus_scrape_unit_address: str
    prometheus_scrape_unit_name: str
    prometheus_scrape_unit_path: str = ""


INTERFACE = Interface[Scrape, None](
    "prometheus_scrape", endpoint="metrics-endpoint", provider=Scrape, provider_unit=Address
)


class Provider(relations.Provider[Scrape, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, Scrape]):
    """The requiring end."""

    interface = INTERFACE
