# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Fake of prometheus-k8s: turns relations into a configuration, and scrapes nothing.

What it takes over from the real charm: jobs with a wildcard target are spread over the related
units' addresses, others are taken as they are; alert rules become one file per related
application; an application whose data cannot be read is told so in the key ``event`` of the
application's databag, and is left out. The files are where the real charm puts them, under
``/etc/prometheus``.
"""

from __future__ import annotations

import json
from typing import Any

import ops
import yaml

FOLDER = "/etc/prometheus"


class Prometheus(ops.CharmBase):
    """A requirer of prometheus_scrape."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        metrics = self.on["metrics-endpoint"]
        for event in (
            self.on.config_changed,
            self.on.leader_elected,
            self.on.update_status,
            self.on.prometheus_pebble_ready,
            metrics.relation_changed,
            metrics.relation_departed,
            metrics.relation_broken,
        ):
            framework.observe(event, self._reconcile)
        framework.observe(self.on.collect_unit_status, self._status)

    def _reconcile(self, _: ops.EventBase) -> None:
        jobs: list[dict[str, Any]] = []
        rules: dict[str, str] = {}
        for relation in self.model.relations["metrics-endpoint"]:
            if not relation.active:
                continue
            try:
                jobs += _jobs(relation)
                rules[f"{FOLDER}/rules/{relation.app.name}.rules"] = _rules(relation)
            except (ValueError, KeyError, TypeError) as error:
                self._complain(relation, f"{type(error).__name__}: {error}")
            else:
                self._complain(relation, "")
        self._write(
            {f"{FOLDER}/prometheus.yml": yaml.safe_dump({"scrape_configs": jobs}), **rules}
        )

    def _complain(self, relation: ops.Relation, error: str) -> None:
        """Tell the other side that its data is bad; say nothing as long as it never was."""
        if not self.unit.is_leader():
            return
        bag = relation.data[self.app]
        if error or "event" in bag:
            bag["event"] = json.dumps({"valid": not error, "errors": error})

    def _write(self, files: dict[str, str]) -> None:
        prometheus = self.unit.get_container("prometheus")
        if not prometheus.can_connect():
            return
        if prometheus.exists(f"{FOLDER}/rules"):
            prometheus.remove_path(f"{FOLDER}/rules", recursive=True)
        for path, text in files.items():
            prometheus.push(path, text, make_dirs=True)
        service: ops.pebble.ServiceDict = {
            "override": "replace",
            "command": f"/bin/prometheus --config.file={FOLDER}/prometheus.yml",
            "startup": "enabled",
        }
        prometheus.add_layer("prometheus", {"services": {"prometheus": service}}, combine=True)
        prometheus.replan()

    def _status(self, event: ops.CollectStatusEvent) -> None:
        if not self.unit.get_container("prometheus").can_connect():
            event.add_status(ops.WaitingStatus("waiting for Pebble"))
        event.add_status(ops.ActiveStatus())


def _jobs(relation: ops.Relation) -> list[dict[str, Any]]:
    """The relation's scrape jobs with real targets.

    Raises:
        ValueError, KeyError, TypeError: The data is malformed.
    """
    bag = relation.data[relation.app]
    topology = json.loads(bag.get("scrape_metadata", "{}"))
    jobs: list[dict[str, Any]] = []
    for number, job in enumerate(json.loads(bag.get("scrape_jobs", "[]"))):
        name = job.get("job_name", str(number))
        targets = [
            real
            for static in job["static_configs"]
            for target in static["targets"]
            for real in _targets(relation, target)
        ]
        prefix = f"juju_{topology['model']}_{topology['application']}"
        jobs.append(
            {**job, "job_name": f"{prefix}_{name}", "static_configs": [{"targets": targets}]}
        )
    return jobs


def _targets(relation: ops.Relation, target: str) -> list[str]:
    """``*:port`` stands for every unit that has said where it is."""
    host, _, port = target.rpartition(":")
    if host != "*":
        return [target]
    addresses = [
        relation.data[unit].get("prometheus_scrape_unit_address", "") for unit in relation.units
    ]
    return sorted(f"{address}:{port}" for address in addresses if address)


def _rules(relation: ops.Relation) -> str:
    groups = json.loads(relation.data[relation.app].get("alert_rules", "{}"))
    if not all(rule["expr"] for group in groups.get("groups", []) for rule in group["rules"]):
        raise ValueError("a rule without an expression")
    return json.dumps(groups, indent=1)  # is YAML too, and written much faster
