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

PORT = 3500
FOLDER = "/etc/otelcol"


class Collector(ops.CharmBase):
    """A requirer of metrics and dashboards, and a provider of a place for logs."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        events = [self.on.config_changed, self.on.update_status, self.on.otelcol_pebble_ready]
        for name in ("metrics-endpoint", "grafana-dashboards-consumer", "receive-loki-logs"):
            endpoint = self.on[name]
            events += [endpoint.relation_created, endpoint.relation_changed]
            events += [endpoint.relation_departed, endpoint.relation_broken]
        for event in events:
            framework.observe(event, self._reconcile)
        framework.observe(self.on.collect_unit_status, self._status)

    def _reconcile(self, _: ops.EventBase) -> None:
        for relation in self._related("receive-loki-logs"):
            relation.data[self.unit]["endpoint"] = json.dumps({"url": self._url})
        otelcol = self.unit.get_container("otelcol")
        if otelcol.can_connect():
            self._run(otelcol, {**self._metrics(), **self._dashboards()})

    def _related(self, endpoint: str) -> list[ops.Relation]:
        return [relation for relation in self.model.relations[endpoint] if relation.active]

    @property
    def _url(self) -> str:
        host = f"{self.unit.name.replace('/', '-')}.{self.app.name}-endpoints"
        return f"http://{host}.{self.model.name}.svc.cluster.local:{PORT}/loki/api/v1/push"

    def _metrics(self) -> dict[str, str]:
        jobs: list[dict[str, Any]] = []
        rules: dict[str, str] = {}
        for relation in self._related("metrics-endpoint"):
            bag = relation.data[relation.app]
            jobs += [_job(relation, job) for job in json.loads(bag.get("scrape_jobs", "[]"))]
            # JSON is YAML too.
            path = f"{FOLDER}/prometheus_alert_rules/{relation.app.name}.rules"
            rules[path] = bag.get("alert_rules", "{}")
        receivers = {"prometheus": {"config": {"scrape_configs": jobs}}}
        return {f"{FOLDER}/config.yaml": yaml.safe_dump({"receivers": receivers}), **rules}

    def _dashboards(self) -> dict[str, str]:
        return {
            f"{FOLDER}/grafana_dashboards/{relation.app.name}.json": text
            for relation in self._related("grafana-dashboards-consumer")
            for text in _texts(relation)
        }

    def _run(self, otelcol: ops.Container, files: dict[str, str]) -> None:
        if otelcol.exists(FOLDER):
            otelcol.remove_path(FOLDER, recursive=True)
        for path, text in files.items():
            otelcol.push(path, text, make_dirs=True)
        service: ops.pebble.ServiceDict = {
            "override": "replace",
            "command": f"/usr/bin/otelcol --config={FOLDER}/config.yaml",
            "startup": "enabled",
        }
        otelcol.add_layer("otelcol", {"services": {"otelcol": service}}, combine=True)
        otelcol.replan()

    def _status(self, event: ops.CollectStatusEvent) -> None:
        if not self.unit.get_container("otelcol").can_connect():
            event.add_status(ops.WaitingStatus("waiting for Pebble"))
        event.add_status(ops.ActiveStatus())


def _job(relation: ops.Relation, job: dict[str, Any]) -> dict[str, Any]:
    """Return a scrape job with each wildcard spread over the units' addresses."""
    bags = [relation.data[unit] for unit in relation.units]
    units = sorted(filter(None, (bag.get("prometheus_scrape_unit_address") for bag in bags)))
    targets = [
        target.replace("*", unit)
        for static in job["static_configs"]
        for target in static["targets"]
        for unit in (units if target.startswith("*:") else [target])
    ]
    return {**job, "static_configs": [{"targets": targets}]}


def _texts(relation: ops.Relation) -> list[str]:
    bag = relation.data[relation.app]
    templates = json.loads(bag.get("dashboards", "{}")).get("templates", {})
    contents = [base64.b64decode(template["content"]) for template in templates.values()]
    return [lzma.decompress(content).decode() for content in contents]
