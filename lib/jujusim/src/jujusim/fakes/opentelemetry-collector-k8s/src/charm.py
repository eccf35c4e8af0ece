# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Fake of opentelemetry-collector-k8s: takes what is observed, and sends nothing on.

What it takes over from the real charm: every unit writes its push address for logs into its own
databag (``endpoint``, JSON with ``url``); scrape jobs become the configuration of a receiver in
``/etc/otelcol/config.yaml``, alert rules and dashboards are kept for the stack. The last two are
in files here, one per related application, where the real charm has folders of its own.
"""

from __future__ import annotations

import base64
import json
import lzma
from typing import Any

import ops
import yaml
from jujusim.stand_in import StandIn, targets

FOLDER = "/etc/otelcol"


class Collector(StandIn):
    """A requirer of metrics and dashboards, and a provider of a place for logs."""

    container = "otelcol"
    endpoints = ("metrics-endpoint", "grafana-dashboards-consumer", "receive-loki-logs")

    def reconcile(self, _: ops.EventBase) -> None:
        """Tell where logs go, and keep what is observed."""
        self.take_logs("receive-loki-logs", 3500)
        self.write(FOLDER, {**self._metrics(), **self._dashboards()})
        self.serve("otelcol", f"/usr/bin/otelcol --config={FOLDER}/config.yaml")

    def _metrics(self) -> dict[str, str]:
        jobs: list[dict[str, Any]] = []
        rules: dict[str, str] = {}
        for relation in self.active("metrics-endpoint"):
            bag = relation.data[relation.app]
            given = json.loads(bag.get("scrape_jobs", "[]"))
            jobs += [{**job, "static_configs": targets(relation, job)} for job in given]
            # JSON is YAML too.
            path = f"prometheus_alert_rules/{relation.app.name}.rules"
            rules[path] = bag.get("alert_rules", "{}")
        receivers = {"prometheus": {"config": {"scrape_configs": jobs}}}
        return {"config.yaml": yaml.safe_dump({"receivers": receivers}), **rules}

    def _dashboards(self) -> dict[str, str]:
        return {
            f"grafana_dashboards/{relation.app.name}.json": text
            for relation in self.active("grafana-dashboards-consumer")
            for text in _texts(relation)
        }


def _texts(relation: ops.Relation) -> list[str]:
    bag = relation.data[relation.app]
    templates = json.loads(bag.get("dashboards", "{}")).get("templates", {})
    contents = [base64.b64decode(template["content"]) for template in templates.values()]
    return [lzma.decompress(content).decode() for content in contents]
