"""A cluster in memory behind a port of this machine, for kubectl and for other processes.

    with serve.served(cluster) as server:
        path = server.kubeconfig(folder / "kubeconfig", "system:serviceaccount:ml:minio", "ml")

The port is open on loopback only, and whoever has no token is refused. It speaks HTTPS, because
kubectl and client-go send no token over plain HTTP (client-go, tools/clientcmd/client_config.go).

`server` has sockets and tokens, `handler` turns HTTP into requests to the cluster, `api` adds what
a served API has beyond them: `tables` (what `kubectl get` prints, with `columns`, `jsonpath` and
`ages`) and `openapi` (what `kubectl explain` and client-side validation read).
"""

from __future__ import annotations

from .server import ADMINISTRATOR, Server, served

__all__ = ["ADMINISTRATOR", "Server", "served"]
