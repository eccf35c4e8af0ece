"""A model on a real API server.

with real.Claim(http, "kubeflow", consent=True) as server:
    model = jujusim.Model("kubeflow", cluster=server)
    model.settle()

`Server` is a `jujusim.cloud.Cloud`: each application's hooks call it as the application's service
account, what Juju itself creates is created as whoever owns the connection, and every request is
noted. `Claim` takes a namespace of a cluster and gives it back: whatever the server made is
removed, and nothing that was there before is changed.
"""

from __future__ import annotations

from .access import connection
from .claim import Claim
from .errors import ClusterError
from .inventory import Key
from .server import Server, Warned

__all__ = ["Claim", "ClusterError", "Key", "Server", "Warned", "connection"]
