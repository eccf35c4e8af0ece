# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the fake charms have in common: see `fakes/README.md`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import ops

Files = Mapping[str, str]
"""Texts by path."""


class StandIn(ops.CharmBase):
    """A charm that does the same in every hook, and starts one service that never runs.

    Attributes:
        container: The workload's container.
        endpoints: The relations that it looks at.
    """

    container = ""
    endpoints: tuple[str, ...] = ()

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        events = [self.on.config_changed, self.on.leader_elected, self.on.update_status]
        events += [self.on.upgrade_charm, self.on[self.container].pebble_ready]
        for about in map(self.on.__getitem__, self.endpoints):
            events += [about.relation_created, about.relation_changed]
            events += [about.relation_departed, about.relation_broken]
        for event in events:
            framework.observe(event, self.reconcile)
        framework.observe(self.on.collect_unit_status, self.report)

    def reconcile(self, _: ops.EventBase) -> None:
        """Do what the relations ask for."""
        raise NotImplementedError

    def report(self, event: ops.CollectStatusEvent) -> None:
        """Be active once Pebble answers."""
        if not self.unit.get_container(self.container).can_connect():
            event.add_status(ops.WaitingStatus("waiting for Pebble"))
        event.add_status(ops.ActiveStatus())

    def active(self, endpoint: str) -> list[ops.Relation]:
        """Return the relations of an endpoint but one that is just going."""
        return [relation for relation in self.model.relations[endpoint] if relation.active]

    def read(self, endpoint: str, reader: Callable[[ops.Relation], Files]) -> dict[str, str]:
        """Return what a reader makes of each relation; whose data it cannot read is told so.

        The key ``event`` of the application's databag says what is wrong, as long as it is and
        afterwards that it no longer is.
        """
        found: dict[str, str] = {}
        for relation in self.active(endpoint):
            wrong = ""
            try:
                found.update(reader(relation))
            except Exception as error:
                wrong = f"{type(error).__name__}: {error}"
            if self.unit.is_leader() and (wrong or "event" in relation.data[self.app]):
                event = {"valid": not wrong, "errors": wrong}
                relation.data[self.app]["event"] = json.dumps(event)
        return found

    def take_logs(self, endpoint: str, port: int) -> None:
        """Tell the other sides of loki_push_api where this unit takes logs."""
        host = f"{self.unit.name.replace('/', '-')}.{self.app.name}-endpoints"
        url = f"http://{host}.{self.model.name}.svc.cluster.local:{port}/loki/api/v1/push"
        for relation in self.active(endpoint):
            relation.data[self.unit]["endpoint"] = json.dumps({"url": url})

    def write(self, folder: str, files: Files) -> None:
        """Let a folder in the container have these files, and no others."""
        workload = self.unit.get_container(self.container)
        if workload.can_connect():
            if workload.exists(folder):
                workload.remove_path(folder, recursive=True)
            for path, text in files.items():
                workload.push(f"{folder}/{path}", text, make_dirs=True)

    def serve(self, service: str, command: str, **more: Any) -> None:
        """Start a service."""
        workload = self.unit.get_container(self.container)
        if workload.can_connect():
            about: Any = {"override": "replace", "command": command, "startup": "enabled", **more}
            if workload.get_plan().services.get(service) != ops.pebble.Service(service, about):
                workload.add_layer(service, {"services": {service: about}}, combine=True)
            workload.replan()


def targets(relation: ops.Relation, job: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a scrape job's targets, ``*:port`` spread over units that have said where they are.

    Raises:
        ValueError, KeyError, TypeError: The job is malformed.
    """
    bags = [relation.data[unit] for unit in relation.units]
    units = sorted(filter(None, (bag.get("prometheus_scrape_unit_address") for bag in bags)))
    found = [
        target.replace("*", unit)
        for static in job["static_configs"]
        for target in static["targets"]
        for unit in (units if target.startswith("*:") else [target])
    ]
    return [{"targets": found}]
