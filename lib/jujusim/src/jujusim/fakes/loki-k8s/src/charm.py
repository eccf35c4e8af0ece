# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Fake of loki-k8s: says where logs go, and takes none.

What it takes over from the real charm: every unit writes its own push address into its own
databag (``endpoint``, JSON with ``url``); alert rules of the related applications become files
under ``/loki/rules``.
"""

from __future__ import annotations

import json

import ops
import yaml

PORT = 3100
FOLDER = "/loki/rules/fake"


class Loki(ops.CharmBase):
    """A provider of loki_push_api."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        logging = self.on["logging"]
        for event in (
            self.on.config_changed,
            self.on.update_status,
            self.on.loki_pebble_ready,
            logging.relation_created,
            logging.relation_changed,
            logging.relation_broken,
        ):
            framework.observe(event, self._reconcile)
        framework.observe(self.on.collect_unit_status, self._status)

    def _reconcile(self, _: ops.EventBase) -> None:
        relations = [each for each in self.model.relations["logging"] if each.active]
        for relation in relations:
            relation.data[self.unit]["endpoint"] = json.dumps({"url": self._url})
        self._write({each.app.name: each.data[each.app].get("alert_rules") for each in relations})

    @property
    def _url(self) -> str:
        host = f"{self.unit.name.replace('/', '-')}.{self.app.name}-endpoints"
        return f"http://{host}.{self.model.name}.svc.cluster.local:{PORT}/loki/api/v1/push"

    def _write(self, rules: dict[str, str | None]) -> None:
        loki = self.unit.get_container("loki")
        if not loki.can_connect():
            return
        if loki.exists(FOLDER):
            loki.remove_path(FOLDER, recursive=True)
        for app, text in rules.items():
            groups = json.loads(text or "{}")
            if groups:
                loki.push(f"{FOLDER}/{app}.rules", yaml.safe_dump(groups), make_dirs=True)
        service: ops.pebble.ServiceDict = {
            "override": "replace",
            "command": "/usr/bin/loki -config.file=/etc/loki/loki-local-config.yaml",
            "startup": "enabled",
        }
        loki.add_layer("loki", {"services": {"loki": service}}, combine=True)
        loki.replan()

    def _status(self, event: ops.CollectStatusEvent) -> None:
        if not self.unit.get_container("loki").can_connect():
            event.add_status(ops.WaitingStatus("waiting for Pebble"))
        event.add_status(ops.ActiveStatus())
