"""The options of the jupyter-controller charm."""

from __future__ import annotations

import dataclasses
from typing import Any

from charmkit import config, names

MAX_MINUTES = 52560000
"""A hundred years. The controller counts nanoseconds in 64 bits: about three times as many minutes
would overflow, and all notebooks would be idle at once."""


def _minutes() -> Any:
    def parse(raw: int) -> int:
        if not 1 <= raw <= MAX_MINUTES:
            raise ValueError(raw)
        return raw

    return config.custom(parse, f"minutes, from 1 to {MAX_MINUTES}", invalid_example=0)


def _domain(raw: str) -> str:
    if not names.is_subdomain(raw):
        raise ValueError(raw)
    return raw


@dataclasses.dataclass(frozen=True)
class JupyterControllerConfig:
    """The options, parsed."""

    cluster_domain: str = config.custom(_domain, "a DNS domain", invalid_example=".local")
    cull_idle_time: int = _minutes()
    enable_culling: bool = config.boolean()
    idleness_check_period: int = _minutes()
    leader_election: bool = config.boolean()
    use_istio: bool = config.boolean()
