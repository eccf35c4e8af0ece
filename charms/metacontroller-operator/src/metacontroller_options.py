# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the metacontroller-operator charm, and the arguments that they become."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from charmkit import config


@dataclasses.dataclass(frozen=True)
class MetacontrollerConfig:
    """The options, parsed."""

    metacontroller_image: str = config.image()
    replicas: int = config.integer(1, 10)
    client_qps: int = config.integer(1, 10000)
    client_burst: int = config.integer(1, 10000)
    workers: int = config.integer(1, 1000)
    discovery_interval: int = config.integer(1, 3600)
    log_level: int = config.integer(0, 5)
    resources: Mapping[str, Any] = config.resources()
    roles_escalation: bool = config.boolean()

    def arguments(self, model: str) -> list[str]:
        """Return Metacontroller's arguments. Source: v4.11.22, pkg/cmd/metacontroller/main.go."""
        election = ["--leader-election", f"--leader-election-namespace={model}"]
        return [
            f"--zap-log-level={self.log_level}",
            f"--discovery-interval={self.discovery_interval}s",
            f"--client-go-qps={self.client_qps}",
            f"--client-go-burst={self.client_burst}",
            f"--workers={self.workers}",
            *(election if self.replicas > 1 else []),
        ]
