# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the knative-operator charm."""

from __future__ import annotations

import dataclasses
from typing import Any

import operator_programs
from charmkit import config


def _webhook_port() -> Any:
    taken = ", ".join(str(port) for port in sorted(operator_programs.TAKEN))

    def parse(raw: int) -> int:
        if not 1024 <= raw <= 65535 or raw in operator_programs.TAKEN:
            raise ValueError(raw)
        return raw

    return config.custom(
        parse, f"a port from 1024 to 65535, none of {taken}", invalid_example=8080
    )


@dataclasses.dataclass(frozen=True)
class OperatorConfig:
    """The options, parsed."""

    otel_collector_image: str = config.image()
    webhook_port: int = _webhook_port()
