# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How Katib's database manager is run, and how its health is asked.

Source: cmd/db-manager and pkg/db/v1beta1 of github.com/kubeflow/katib, v0.19.0.
"""

from __future__ import annotations

import charmkit
from charmkit import pebble

PORT = 6789
DATABASE = "katib"

_RBAC = "rbac.authorization.k8s.io/v1"
LEGACY = charmkit.Legacy(
    objects=((_RBAC, "ClusterRole", "{app}"), (_RBAC, "ClusterRoleBinding", "{app}"))
)
"""Rights that the published charm gives the program, which calls no Kubernetes API."""


def layer(host: str, port: str, user: str, password: str) -> charmkit.Layer:
    """Return the Pebble layer.

    A variable that is missing has a default in the program, such as the host katib-mysql, so all
    of them are set, or the program does not run.

    Args:
        host: the database's primary.
        port: its port.
        user: who has rights on the database.
        password: their password.
    """
    environment = {
        # The kind of database, despite the name.
        "DB_NAME": "mysql",
        "DB_USER": user,
        "DB_PASSWORD": password,
        "KATIB_MYSQL_DB_HOST": host,
        "KATIB_MYSQL_DB_PORT": port,
        "KATIB_MYSQL_DB_DATABASE": DATABASE,
    }
    probe = f"/bin/grpc_health_probe -addr=:{PORT}"
    checks = [
        # The program answers after a SELECT 1. It connects again by itself, so that a database
        # that fails is no reason to restart it.
        pebble.exec_check(probe, timeout="10s", restart=False),
        pebble.tcp_check(PORT, name="katib-db-manager-up"),
    ]
    return pebble.layer(
        "katib-db-manager",
        "./katib-db-manager",
        summary="Katib's database manager",
        environment=environment,
        working_dir="/app",
        checks=checks,
    )
