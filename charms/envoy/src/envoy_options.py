# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of Envoy."""

from __future__ import annotations

import dataclasses

from charmkit import config

LOG_LEVELS = ("trace", "debug", "info", "warning", "error", "critical", "off")


@dataclasses.dataclass(frozen=True)
class EnvoyConfig:
    """The options, parsed."""

    admin_port: int = config.port(text=True)
    http_port: int = config.port(text=True)
    log_level: str = config.one_of(*LOG_LEVELS)

    def __post_init__(self) -> None:
        if self.admin_port == self.http_port:
            raise config.InvalidConfig("admin-port", "another port than http-port has")
