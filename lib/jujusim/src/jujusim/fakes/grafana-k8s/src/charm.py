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
from jujusim.stand_in import StandIn


class Grafana(StandIn):
    """A requirer of grafana_dashboard."""

    container = "grafana"
    endpoints = ("grafana-dashboard",)

    def reconcile(self, _: ops.EventBase) -> None:
        """Provision the dashboards."""
        dashboards = self.read("grafana-dashboard", _dashboards)
        self.write("/etc/grafana/provisioning/dashboards", dashboards)
        self.serve("grafana", "grafana-server")


def _dashboards(relation: ops.Relation) -> dict[str, str]:
    data = json.loads(relation.data[relation.app].get("dashboards", "{}"))
    files: dict[str, str] = {}
    for key, template in data.get("templates", {}).items():
        text = lzma.decompress(base64.b64decode(template["content"])).decode()
        json.loads(text)
        files[f"{relation.app.name}_{key.removeprefix('file:').replace('/', '_')}.json"] = text
    return files
