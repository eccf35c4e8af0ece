#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Argo: runs the workflows that pipelines are made into."""

from __future__ import annotations

import base64
from typing import Any

import argo_config
import argo_schema
import argo_steps
import charmkit
import ops
from argo_options import ArgoConfig
from charmkit import object_store, pebble

METRICS_PORT = 9090
HEALTH_PORT = 6060


class ArgoControllerCharm(ops.CharmBase):
    """Runs the controller on every unit; they elect the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, ArgoConfig))
        self.store = add(
            object_store.ObjectStoreRelation(
                self, bucket=lambda: self.options.get().bucket, option="bucket"
            )
        )
        legacy = charmkit.Legacy(scopes=("crds-cm-and-secrets",))
        add(
            charmkit.Manifests(
                self, context=self._context, legacy=legacy, purge="workflows and templates"
            )
        )
        add(charmkit.ServicePorts(self, ports=lambda: {"metrics-port": METRICS_PORT}))
        add(charmkit.Workload(self, "argo-controller", layer=self._layer))
        add(charmkit.Observability(self, jobs=lambda: [METRICS_PORT]))

    def _context(self) -> dict[str, Any]:
        store = self.store.get()
        keys = {"accesskey": store.access_key, "secretkey": store.secret_key}
        keys |= {argo_config.CA_KEY: store.ca} if store.ca else {}
        encoded = {name: base64.b64encode(text.encode()).decode() for name, text in keys.items()}
        return {"argo": argo_schema, "config": self._config(store), "keys": encoded}

    def _config(self, store: object_store.ObjectStore) -> dict[str, str]:
        options = self.options.get()
        defaults = options.defaults(has_ca=bool(store.ca))
        restricted = argo_steps.RESTRICTED_CONTAINER if options.run_as_user else {}
        return argo_config.data(
            repository=argo_config.artifact_repository(
                endpoint=store.endpoint,
                bucket=store.bucket,
                region=store.region,
                key_format=options.key_format,
                insecure=options.kubelet_insecure and not store.secure,
                archive_logs=options.archive_logs,
                has_ca=bool(store.ca),
            ),
            executor=argo_config.executor(
                dict(options.executor_resources), options.executor_pull_policy, restricted
            ),
            main_container=defaults.main_container(),
            workflow_spec=defaults.spec(),
            limits={
                "parallelism": options.parallelism,
                "namespaceParallelism": options.namespace_parallelism,
            },
        )

    def _layer(self) -> charmkit.Layer:
        # Without its ConfigMap it would end at once.
        self.store.get()
        return pebble.layer(
            "argo-controller",
            self.options.get().command(argo_config.NAME),
            summary="Argo workflow controller",
            # By its name a unit knows whether it leads; two with one would both work.
            environment={"LEADER_ELECTION_IDENTITY": self.unit.name.replace("/", "-")},
            checks=[pebble.http_check(HEALTH_PORT, "/healthz", name="argo-controller-up")],
        )


if __name__ == "__main__":
    ops.main(ArgoControllerCharm)
