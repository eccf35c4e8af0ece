# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The certificate that a webhook serves, renewed while its program runs."""

from __future__ import annotations

import ssl

from .cluster import HOST, Node
from .network import Namespace

LABEL = "webhook-certificate"
LONG_AGO = "2001-01-01T00:00:00+00:00"


def renew(node: Node, app: str) -> None:
    """Let the charm believe that its certificate ends, and make another.

    The clock can't be moved instead: the API server goes by its own.
    """
    (secret,) = (
        each
        for each in node.run.model.secrets.secrets.values()
        if each.owner == app and each.label == LABEL
    )
    secret.revisions[secret.latest]["not-after"] = LONG_AGO
    with node.hooks(app):
        node.run.model.update_status()


def served(network: Namespace, port: int) -> str:
    """Return the certificate that a program serves in a network, PEM."""
    with network.entered():
        return ssl.get_server_certificate((HOST, port), timeout=20)
