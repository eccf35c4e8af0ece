# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the visualization server."""

from __future__ import annotations

import dataclasses

from charmkit import config


@dataclasses.dataclass(frozen=True)
class VizConfig:
    """The options, parsed."""

    http_port: int = config.port(text=True)
    kernel_timeout: int = config.integer(1, of="a number of seconds")
