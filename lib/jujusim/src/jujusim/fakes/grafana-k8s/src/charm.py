# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Fake of grafana-k8s: unpacks dashboards, and shows nothing.

What it takes over from the real charm: each template's content is base64 of LZMA of JSON; a
related application whose data cannot be read is told so in the key ``event`` of the application's
databag and is left out. The dashboards are written to ``/etc/grafana/provisioning/dashboards``,
one file per template, as ``<application>_<template>.json``.
"""

from __future__ import annotations

import base64
import json
import lzma

import ops

FOLDER = "/etc/grafana/provisioning/dashboards"


class Grafana(ops.CharmBase):
    """A requirer of grafana_dashboard."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        dashboard = self.on["grafana-dashboard"]
        for event in (
            self.on.config_changed,
            self.on.leader_elected,
            self.on.update_status,
            self.on.grafana_pebble_ready,
            dashboard.relation_changed,
            dashboard.relation_broken,
        ):
            framework.observe(event, self._reconcile)
        framework.observe(self.on.collect_unit_status, self._status)

    def _reconcile(self, _: ops.EventBase) -> None:
        files: dict[str, str] = {}
        for relation in self.model.relations["grafana-dashboard"]:
            if not relation.active:
                continue
            try:
                files.update(_dashboards(relation))
            except (ValueError, KeyError, TypeError, lzma.LZMAError) as error:
                self._complain(relation, f"{type(error).__name__}: {error}")
            else:
                self._complain(relation, "")
        self._write(files)

    def _complain(self, relation: ops.Relation, error: str) -> None:
        """Tell the other side that its data is bad; say nothing as long as it never was."""
        if not self.unit.is_leader():
            return
        bag = relation.data[self.app]
        if error or "event" in bag:
            bag["event"] = json.dumps({"valid": not error, "errors": error})

    def _write(self, files: dict[str, str]) -> None:
        grafana = self.unit.get_container("grafana")
        if not grafana.can_connect():
            return
        if grafana.exists(FOLDER):
            grafana.remove_path(FOLDER, recursive=True)
        for name, text in files.items():
            grafana.push(f"{FOLDER}/{name}", text, make_dirs=True)
        service: ops.pebble.ServiceDict = {
            "override": "replace",
            "command": "grafana-server",
            "startup": "enabled",
        }
        grafana.add_layer("grafana", {"services": {"grafana": service}}, combine=True)
        grafana.replan()

    def _status(self, event: ops.CollectStatusEvent) -> None:
        if not self.unit.get_container("grafana").can_connect():
            event.add_status(ops.WaitingStatus("waiting for Pebble"))
        event.add_status(ops.ActiveStatus())


def _dashboards(relation: ops.Relation) -> dict[str, str]:
    """File names and texts of the dashboards of one relation.

    Raises:
        ValueError, KeyError, TypeError, lzma.LZMAError: The data is malformed.
    """
    data = json.loads(relation.data[relation.app].get("dashboards", "{}"))
    files: dict[str, str] = {}
    for key, template in data.get("templates", {}).items():
        text = lzma.decompress(base64.b64decode(template["content"])).decode()
        json.loads(text)
        files[f"{relation.app.name}_{key.removeprefix('file:').replace('/', '_')}.json"] = text
    return files
