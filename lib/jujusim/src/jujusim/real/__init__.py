# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A model on a real API server.

with real.NamespaceLease(http, "kubeflow", consent=True) as server:
    model = jujusim.Model("kubeflow", cluster=server)
    model.settle()

`Server` is a `jujusim.cluster_backend.ClusterBackend`: each application's hooks call it as the
application's service account, what Juju itself creates is created as the owner of the connection,
and every request is noted. `NamespaceLease` takes a namespace of a cluster and gives it back: all
that the server made is removed, and nothing that was there before is changed.
"""

from .access import ClusterError, connection
from .lease import NamespaceLease
from .send import Key
from .server import Server, Warned

__all__ = ["ClusterError", "Key", "NamespaceLease", "Server", "Warned", "connection"]
