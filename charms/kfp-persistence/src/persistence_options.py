# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the kfp-persistence charm."""

from __future__ import annotations

import dataclasses

from charmkit import config


@dataclasses.dataclass(frozen=True)
class PersistenceConfig:
    """The options, parsed."""

    log_level: str = config.one_of(
        "panic", "fatal", "error", "warn", "warning", "info", "debug", "trace"
    )
    workflow_ttl: int = config.integer(60, 315360000)
    workers: int = config.integer(1, 100)
    client_qps: int = config.integer(1, 10000)
    client_burst: int = config.integer(1, 10000)
