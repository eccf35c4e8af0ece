# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How the operator and its webhook run beside each other in one pod.

Both are programs of Knative's shared main: each listens for metrics, for profiling and for probes.
The last is on a port that can't be set; whichever program starts second goes without it. When
they elect the one that works, units are told apart by their host names.

Source: knative.dev/pkg, release 1.16, metrics/config.go,
profiling/server.go, leaderelection/config.go and webhook/env.go.
"""

from __future__ import annotations

import dataclasses

from charmkit import pebble

OPERATOR, WEBHOOK = "knative-operator", "knative-operator-webhook"
"""The containers, and the services in them."""

WEBHOOK_SERVICE = "operator-webhook"
PROBE_PORT = 8080


@dataclasses.dataclass(frozen=True)
class Ports:
    """Where a program listens beside its own work."""

    metrics: int
    profiling: int


PORTS = {OPERATOR: Ports(9090, 8008), WEBHOOK: Ports(9091, 8009)}
TAKEN = {PROBE_PORT, *(port for item in PORTS.values() for port in dataclasses.astuple(item))}
"""Ports that the webhook can't be given."""


def layer(name: str, namespace: str, webhook_port: int) -> pebble.Layer:
    """Return the Pebble layer of a program, which is restarted when it does not listen any more.

    Args:
        name: which of the two.
        namespace: the model's name.
        webhook_port: where the webhook listens.
    """
    command = "/ko-app/operator" if name == OPERATOR else "/ko-app/webhook"
    # The webhook goes on running when it can't listen; each look is a failed handshake in its log.
    port = PORTS[OPERATOR].metrics if name == OPERATOR else webhook_port
    environment = _environment(name, namespace)
    if name == WEBHOOK:
        environment |= {"WEBHOOK_NAME": WEBHOOK_SERVICE, "WEBHOOK_PORT": str(webhook_port)}
    check = pebble.tcp_check(port, threshold=4)
    return pebble.layer(name, command, environment=environment, checks=[check])


def _environment(name: str, namespace: str) -> dict[str, str]:
    return {
        "CONFIG_LOGGING_NAME": "config-logging",
        "CONFIG_OBSERVABILITY_NAME": "config-observability",
        "METRICS_DOMAIN": "knative.dev/operator",
        "METRICS_PROMETHEUS_PORT": str(PORTS[name].metrics),
        "PROFILING_PORT": str(PORTS[name].profiling),
        "SYSTEM_NAMESPACE": namespace,
    }
