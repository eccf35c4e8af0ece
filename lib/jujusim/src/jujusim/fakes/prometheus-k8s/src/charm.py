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
from jujusim.stand_in import StandIn, targets

FOLDER = "/etc/prometheus"


class Prometheus(StandIn):
    """A requirer of prometheus_scrape."""

    container = "prometheus"
    endpoints = ("metrics-endpoint",)

    def reconcile(self, _: ops.EventBase) -> None:
        """Configure what is scraped, and the rules."""
        jobs: list[dict[str, Any]] = []

        def read(relation: ops.Relation) -> dict[str, str]:
            found, rules = _jobs(relation), _rules(relation)
            jobs.extend(found)
            return {f"rules/{relation.app.name}.rules": rules}

        rules = self.read("metrics-endpoint", read)
        self.write(FOLDER, {"prometheus.yml": yaml.safe_dump({"scrape_configs": jobs}), **rules})
        self.serve("prometheus", f"/bin/prometheus --config.file={FOLDER}/prometheus.yml")


def _jobs(relation: ops.Relation) -> list[dict[str, Any]]:
    """Return the relation's scrape jobs with real targets."""
    bag = relation.data[relation.app]
    topology = json.loads(bag.get("scrape_metadata", "{}"))
    jobs: list[dict[str, Any]] = []
    for number, job in enumerate(json.loads(bag.get("scrape_jobs", "[]"))):
        prefix = f"juju_{topology['model']}_{topology['application']}"
        name = f"{prefix}_{job.get('job_name', number)}"
        jobs.append({**job, "job_name": name, "static_configs": targets(relation, job)})
    return jobs


def _rules(relation: ops.Relation) -> str:
    groups = json.loads(relation.data[relation.app].get("alert_rules", "{}"))
    if not all(rule["expr"] for group in groups.get("groups", []) for rule in group["rules"]):
        raise ValueError("a rule without an expression")
    return json.dumps(groups, indent=1)  # is YAML too, and written much faster
