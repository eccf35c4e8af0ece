# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A cluster in memory behind a port of this machine, for kubectl and for other processes.

    with serve.served(cluster) as server:
        path = server.kubeconfig(folder / "kubeconfig", "system:serviceaccount:ml:minio", "ml")

The port is open on loopback only, and a request without a token is refused. It speaks HTTPS,
because kubectl and client-go send no token over plain HTTP (client-go,
tools/clientcmd/client_config.go).

`server` turns HTTP into requests to the cluster, `api` adds what a served API has beyond them:
refusals, and `openapi` (what kubectl explains).
"""

from .server import ADMINISTRATOR, Server, served

__all__ = ["ADMINISTRATOR", "Server", "served"]
