# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the profile controller and access management."""

from __future__ import annotations

import dataclasses

from charmkit import config

KFAM_PORT = 8081
"""Where the access management API listens; it has no setting for it."""


PROBE_PORT = 9876
"""Where the profile controller answers health probes by default."""


@dataclasses.dataclass(frozen=True)
class ProfilesConfig:
    """The options, parsed."""

    network_policy: bool = config.boolean()
    port: int = config.port()
    manager_port: int = config.port()
    security_policy: str = config.one_of("privileged", "baseline", "restricted")

    def __post_init__(self) -> None:
        if self.manager_port in (self.port, KFAM_PORT, PROBE_PORT):
            accepts = f"a port other than {self.port}, {KFAM_PORT} and {PROBE_PORT}"
            raise config.InvalidConfig("manager-port", accepts)
