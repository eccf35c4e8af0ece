# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the kfp-schedwf charm."""

from __future__ import annotations

import dataclasses
import re

from charmkit import config

_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")


def _timezone(raw: str) -> str:
    if not _ZONE.fullmatch(raw or ""):
        raise ValueError(raw)
    return raw


@dataclasses.dataclass(frozen=True)
class ScheduledWorkflowsConfig:
    """The options, parsed."""

    timezone: str = config.custom(
        _timezone, "a time zone such as Europe/Berlin", invalid_example="+01:00"
    )
    log_level: str = config.one_of(
        "panic", "fatal", "error", "warn", "warning", "info", "debug", "trace"
    )
