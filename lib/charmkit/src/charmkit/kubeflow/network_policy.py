# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Who reaches a workload that believes the header that names the user.

The gateway takes that header from what clients send and sets it itself, but pods inside the
cluster need no gateway, and users run pods of their own. A NetworkPolicy lets in the gateway,
applications that are named, and the scrapers where metrics are related. It works where the
cluster's network plugin enforces policies.
"""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ops

from .._manifests import Manifests

GATEWAY = "gateway"
"""Who is let in: the pods of an ingress gateway."""

SCRAPERS = "scrapers"
"""Who is let in: every pod outside users' namespaces, while the metrics endpoint is related."""

USERS = (GATEWAY, SCRAPERS)
"""Who is let in: users by the gateway, and the scrapers."""

Ports = Mapping[int, Iterable[str]]
"""Who is let in at each port: `GATEWAY`, `SCRAPERS`, or what is related to an endpoint."""

_NO_USERS = {
    "matchExpressions": [
        {"key": "app.kubernetes.io/part-of", "operator": "NotIn", "values": ["kubeflow-profile"]}
    ]
}
"""Namespaces that are not users': the profile controller labels those."""

_GATEWAY_PODS = {"matchLabels": {"istio": "ingressgateway"}}


class NetworkPolicy(Manifests):
    """A NetworkPolicy for the application's pods, or none.

    Args:
        charm: the charm.
        ports: returns who is let in at each port; nobody is at another one.
        enabled: returns whether there is to be a policy.
        metrics: the endpoint of the scrapers.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        *,
        ports: Callable[[], Ports],
        enabled: Callable[[], bool],
        metrics: str = "metrics-endpoint",
    ) -> None:
        super().__init__(charm, "network", context=self._rules)
        self._ports = ports
        self._enabled = enabled
        self._metrics = metrics

    @functools.cached_property
    def _paths(self) -> list[pathlib.Path]:
        """The kit's own template."""
        return [pathlib.Path(__file__).with_suffix(".yaml.j2")]

    def _rules(self) -> dict[str, Any]:
        if not self._enabled():
            return {"rules": []}
        rules = [
            {
                "ports": [{"port": port, "protocol": "TCP"}],
                "from": [peer for name in names for peer in self._peers(name)],
            }
            for port, names in sorted(self._ports().items())
        ]
        # Without anybody in it, a rule would let everybody in.
        return {"rules": [rule for rule in rules if rule["from"]] or [_NOBODY]}

    def _peers(self, name: str) -> list[dict[str, Any]]:
        if name == GATEWAY:
            return [{"namespaceSelector": _NO_USERS, "podSelector": _GATEWAY_PODS}]
        if name == SCRAPERS:
            related = self.charm.model.relations.get(self._metrics)
            return [{"namespaceSelector": _NO_USERS}] if related else []
        apps = sorted(relation.app.name for relation in self.charm.model.relations[name])
        return [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": app}}} for app in apps]


_NOBODY = {"from": [{"podSelector": {"matchLabels": {"charmed-kubeflow.io/nobody": "true"}}}]}
