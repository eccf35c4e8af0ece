#!/usr/bin/env python3
"""Knative Eventing: from what makes events to what is to know of them."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import charmkit
import eventing_resource
import ops
from charmkit import knative
from charmkit.interfaces import otel_collector
from charmkit.knative_release import Images
from eventing_options import EventingOptions


class KnativeEventingCharm(ops.CharmBase):
    """Asks the Knative operator for Knative Eventing, and shows what becomes of it."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, EventingOptions)
        self.collector = charmkit.Requirer(self, "otel-collector", otel_collector.INTERFACE)
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.collector,
                knative.KnativeComponent(
                    self,
                    knative.EVENTING,
                    eventing_resource.NAMESPACE,
                    self._wanted,
                    self._spec,
                ),
            ],
        )

    def _wanted(self) -> knative.Wanted:
        config = self.options.value
        path = pathlib.Path(self.charm_dir) / "src/knative_eventing_images.json"
        known = json.loads(path.read_text())
        return knative.Wanted(config.version, known, config.custom_images, config.step_images)

    def _spec(self, version: str, images: Images) -> dict[str, Any]:
        collectors = [item.address for _, item in self.collector.each()]
        return eventing_resource.spec(version, images, "".join(collectors[:1]))


if __name__ == "__main__":
    ops.main(KnativeEventingCharm)
