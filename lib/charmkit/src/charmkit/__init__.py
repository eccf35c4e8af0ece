# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What every charm of Charmed Kubeflow is built from.

A charm adds components to a `Reconciler`, which runs them in that order:

    class MinioCharm(ops.CharmBase):
        def __init__(self, framework: ops.Framework) -> None:
            super().__init__(framework)
            add = charmkit.Reconciler(self).add
            self.options = add(charmkit.Config(self, MinioConfig))
            add(charmkit.Workload(self, "minio", layer=self._layer))

The modules `config`, `interfaces`, `kube`, `kubeflow`, `names`, `object_store`, `observability`,
`pebble`, `proxy`, `service_account_token`, `webhooks`, `wire`, `x509` and `yaml_text` are used by
their names; all others are private.
"""

from __future__ import annotations

from ._adoption import Legacy
from ._component import Component
from ._interface import Interface
from ._manifests import Manifests
from ._peers import ActiveUnit, Peers
from ._ports import OpenPorts, Port, ServicePorts
from ._reconciler import Reconciler
from ._secrets import GeneratedSecret, random_text
from ._status import Blocked, Maintenance, NotReady, Waiting
from ._workload import File, Workload
from .config import Config, InvalidConfig
from .observability import Observability
from .pebble import Layer
from .relations import Provider, Requirer

__all__ = [
    "ActiveUnit",
    "Blocked",
    "Component",
    "Config",
    "File",
    "GeneratedSecret",
    "Interface",
    "InvalidConfig",
    "Layer",
    "Legacy",
    "Maintenance",
    "Manifests",
    "NotReady",
    "Observability",
    "OpenPorts",
    "Peers",
    "Port",
    "Provider",
    "Reconciler",
    "Requirer",
    "ServicePorts",
    "Waiting",
    "Workload",
    "random_text",
]
