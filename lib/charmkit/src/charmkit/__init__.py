"""What every charm of Charmed Kubeflow is built from.

A charm is an ordered list of components, given to a `Reconciler`:

    class MinioCharm(ops.CharmBase):
        def __init__(self, framework: ops.Framework) -> None:
            super().__init__(framework)
            self.options = charmkit.Options(self, MinioOptions)
            self.workload = charmkit.Workload(self, "minio", self._layer)
            self.reconciler = charmkit.Reconciler(self, [self.options, self.workload])

The submodules `options`, `wire`, `observability` and `interfaces` are used by their names.
"""

from __future__ import annotations

from .component import Component
from .interface import Interface
from .left_behind import LeftBehind
from .loop import Reconciler
from .manifests import Manifests
from .observability import GrafanaDashboards, LogForwarding, MetricsEndpoint
from .options import Options
from .peers import Holder, Peers
from .ports import OpenPorts, Port, ServicePorts
from .relations import Provider, Requirer
from .secrets import KeptSecret, random_text
from .status import Blocked, Maintenance, NotReady, Waiting
from .workload import File, Layer, Workload

__all__ = [
    "Blocked",
    "Component",
    "File",
    "GrafanaDashboards",
    "Holder",
    "Interface",
    "KeptSecret",
    "Layer",
    "LeftBehind",
    "LogForwarding",
    "Maintenance",
    "Manifests",
    "MetricsEndpoint",
    "NotReady",
    "OpenPorts",
    "Options",
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
