# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the visualization server."""

from __future__ import annotations

import dataclasses

from charmkit import config


def _seconds(raw: int) -> int:
    if (raw or 0) < 1:
        raise ValueError(raw)
    return raw


@dataclasses.dataclass(frozen=True)
class VizConfig:
    """The options, parsed."""

    http_port: int = config.port(text=True)
    kernel_timeout: int = config.custom(_seconds, "a number of seconds from 1", invalid_example=0)
