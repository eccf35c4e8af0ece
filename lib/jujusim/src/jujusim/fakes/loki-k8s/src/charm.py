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
from jujusim.stand_in import StandIn


class Loki(StandIn):
    """A provider of loki_push_api."""

    container = "loki"
    endpoints = ("logging",)

    def reconcile(self, _: ops.EventBase) -> None:
        """Tell where logs go, and keep the rules."""
        self.take_logs("logging", 3100)
        rules: dict[str, str] = {}
        for relation in self.active("logging"):
            groups = json.loads(relation.data[relation.app].get("alert_rules", "{}"))
            if groups:
                rules[f"{relation.app.name}.rules"] = yaml.safe_dump(groups)
        self.write("/loki/rules/fake", rules)
        self.serve("loki", "/usr/bin/loki -config.file=/etc/loki/loki-local-config.yaml")
