# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the kfp-persistence charm."""

from __future__ import annotations

import dataclasses
from typing import Any

from charmkit import config


def _number(lowest: int, highest: int) -> Any:
    def parse(raw: int) -> int:
        if not lowest <= (raw or 0) <= highest:
            raise ValueError(raw)
        return raw

    return config.custom(parse, f"a number from {lowest} to {highest}", invalid_example=lowest - 1)


@dataclasses.dataclass(frozen=True)
class PersistenceConfig:
    """The options, parsed."""

    log_level: str = config.one_of(
        "panic", "fatal", "error", "warn", "warning", "info", "debug", "trace"
    )
    workflow_ttl: int = _number(60, 315360000)
    workers: int = _number(1, 100)
    client_qps: int = _number(1, 10000)
    client_burst: int = _number(1, 10000)
