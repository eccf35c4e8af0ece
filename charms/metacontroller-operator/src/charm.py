#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Metacontroller: keeps in each profile what other charms say that it should have."""

from __future__ import annotations

from typing import Any

import charmkit
import ops
from charmkit import observability
from metacontroller_options import MetacontrollerConfig

METRICS_PORT = 9999


class MetacontrollerCharm(ops.CharmBase):
    """Applies Metacontroller's StatefulSet; the leader does it, every unit reports on it."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, MetacontrollerConfig))
        legacy = charmkit.Legacy(managers=("python-httpx",))
        add(
            charmkit.Manifests(
                self, context=self._context, legacy=legacy, purge="controllers of Metacontroller"
            )
        )
        add(charmkit.Observability(self, jobs=self._jobs))

    def _context(self) -> dict[str, Any]:
        options = self.options.get()
        return {
            "arguments": options.arguments(self.model.name),
            "image": options.metacontroller_image,
            "replicas": options.replicas,
            "resources": options.resources,
            "roles_escalation": options.roles_escalation,
        }

    def _jobs(self) -> list[observability.Job]:
        return [observability.job(METRICS_PORT, host=f"{self.app.name}-svc.{self.model.name}.svc")]


if __name__ == "__main__":
    ops.main(MetacontrollerCharm)
