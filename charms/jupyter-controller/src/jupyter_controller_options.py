# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the jupyter-controller charm."""

from __future__ import annotations

import dataclasses
from typing import Any

from charmkit import config

MAX_MINUTES = 52560000
"""A hundred years. The controller counts nanoseconds in 64 bits: about three times as many minutes
would overflow, and all notebooks would be idle at once."""


def _minutes() -> Any:
    return config.integer(1, MAX_MINUTES, of="minutes")


@dataclasses.dataclass(frozen=True)
class JupyterControllerConfig:
    """The options, parsed."""

    cluster_domain: str = config.host(required=True)
    cull_idle_time: int = _minutes()
    enable_culling: bool = config.boolean()
    idleness_check_period: int = _minutes()
    leader_election: bool = config.boolean()
    use_istio: bool = config.boolean()
