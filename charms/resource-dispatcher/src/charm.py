#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Resource Dispatcher: copies objects of related applications into every profile."""

from __future__ import annotations

import functools
from typing import Any

import charmkit
import dispatched
import ops
from charmkit import decorator, kube
from charmkit.interfaces import kubernetes_manifest
from dispatcher_options import DispatcherConfig

PORT = 8080
"""Where the sync server listens."""

POD_DEFAULT = kube.Kind("kubeflow.org/v1alpha1", "PodDefault", namespaced=True)


class ResourceDispatcherCharm(ops.CharmBase):
    """Runs the sync server on every unit, and tells Metacontroller of it."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, DispatcherConfig))
        self.endpoints = [
            add(kubernetes_manifest.Provider(self, name)) for name in dispatched.KINDS
        ]
        self.server = add(
            decorator.SyncServer(
                self,
                "resource-dispatcher",
                PORT,
                label=lambda: self.options.get().target_namespace_label,
                manifests=lambda: self.dispatch.manifests,
            )
        )
        self.kinds = add(decorator.OptionalKinds(self, [POD_DEFAULT]))
        add(charmkit.Manifests(self, context=self._context))
        add(Refusals(self))
        add(charmkit.Observability(self, jobs=lambda: [PORT]))

    @functools.cached_property
    def dispatch(self) -> dispatched.Dispatch:
        """What is dispatched now, and what is refused."""
        handed_over = [
            (relation.id, endpoint.name, relation.app.name, data.manifests)
            for endpoint in self.endpoints
            for relation, data in endpoint.items()
        ]
        oldest_first = [item[1:] for item in sorted(handed_over, key=lambda item: item[0])]
        return dispatched.dispatch(oldest_first, escalation=self.options.get().roles_escalation)

    def _context(self) -> dict[str, Any]:
        options = self.options.get()
        with_pod_defaults = POD_DEFAULT.name in self.kinds.defined
        return {
            "attachments": dispatched.attachments(with_pod_defaults=with_pod_defaults),
            "label": options.target_namespace_label,
            "resync_period": options.resync_period,
            "revision": self.server.revision,
        }


class Refusals(charmkit.Component):
    """What is wrong with manifests that are not dispatched.

    Args:
        charm: the charm.
    """

    def __init__(self, charm: ResourceDispatcherCharm) -> None:
        super().__init__(charm)
        self._charm = charm

    def status(self) -> ops.StatusBase:
        """Blocked with the first of what is refused."""
        refused = self._charm.dispatch.refused
        for reason in refused:
            more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
            raise charmkit.Blocked(reason + more)
        return ops.ActiveStatus()


if __name__ == "__main__":
    ops.main(ResourceDispatcherCharm)
