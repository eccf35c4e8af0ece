#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Knative Eventing: from what makes events to what is to know of them."""

from __future__ import annotations

from typing import Any

import charmkit
import eventing_resource
import ops
from charmkit import knative
from charmkit.interfaces import otel_collector
from charmkit.knative_release import Images
from eventing_options import EventingConfig


class KnativeEventingCharm(ops.CharmBase):
    """Asks the Knative operator for Knative Eventing, and shows what becomes of it."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, EventingConfig))
        self.collector = add(otel_collector.Requirer(self))
        add(
            knative.KnativeComponent(
                self,
                knative.EVENTING,
                eventing_resource.NAMESPACE,
                release=self._release,
                spec=self._spec,
            )
        )

    def _release(self) -> knative.Release:
        config = self.options.get()
        return knative.Release(config.version, config.custom_images, config.step_images)

    def _spec(self, version: str, images: Images) -> dict[str, Any]:
        collectors = [item.address for item in self.collector.by_app().values()]
        return eventing_resource.spec(version, images, "".join(collectors[:1]))


if __name__ == "__main__":
    ops.main(KnativeEventingCharm)
