#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Pipelines' profile controller: what pipelines need in each profile."""

from __future__ import annotations

from typing import Any

import charmkit
import ops
import profile_objects
from charmkit import decorator, kube, object_store
from charmkit.interfaces import serving_local_gateway
from profile_options import ProfileConfig

PORT = 1025
"""Where the sync server listens."""

KINDS = [
    kube.Kind(version, kind, namespaced=True)
    for kind, (version, _) in profile_objects.OPTIONAL_KINDS.items()
]

LEGACY = charmkit.Legacy(
    scopes=("secrets-and-compositecontroller",),
    objects=(("v1", "Secret", "{model}/{app}-minio-credentials"),),
)


class KfpProfileControllerCharm(ops.CharmBase):
    """Runs the sync server on every unit, and tells Metacontroller of it."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, ProfileConfig))
        self.store = add(
            object_store.ObjectStoreRelation(
                self, bucket=lambda: self.options.get().bucket, option="bucket"
            )
        )
        self.local_gateway = add(serving_local_gateway.Requirer(self))
        self.server = add(
            decorator.SyncServer(
                self,
                "kfp-profile-controller",
                PORT,
                label=lambda: profile_objects.NAMESPACE_LABEL,
                manifests=self._manifests,
                placeholder=profile_objects.PLACEHOLDER,
                owner_placeholder=profile_objects.OWNER_PLACEHOLDER,
            )
        )
        self.kinds = add(decorator.OptionalKinds(self, KINDS))
        add(charmkit.Manifests(self, context=self._context, legacy=LEGACY))
        add(charmkit.Observability(self, jobs=lambda: [PORT]))

    def _manifests(self) -> list[Any]:
        found = self.store.get()
        store = profile_objects.Store(
            host=found.host,
            port=found.port,
            secure=found.secure,
            region=found.region,
            access_key=found.access_key,
            secret_key=found.secret_key,
            ca=found.ca,
        )
        activator = self.local_gateway.activator()
        return self.options.get().manifests(store, found.bucket, self.model.name, activator)

    def _context(self) -> dict[str, Any]:
        options = self.options.get()
        return {
            "artifact_proxy": str(options.artifact_proxy).lower(),
            "attachments": profile_objects.attachments(self.kinds.defined),
            "label": profile_objects.NAMESPACE_LABEL,
            "resync_period": options.resync_period,
            "revision": self.server.revision,
        }


if __name__ == "__main__":
    ops.main(KfpProfileControllerCharm)
