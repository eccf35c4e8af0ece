# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the ML Metadata server."""

from __future__ import annotations

import dataclasses

from charmkit import config


@dataclasses.dataclass(frozen=True)
class MlmdConfig:
    """The options, parsed."""

    port: int = config.port(text=True)
