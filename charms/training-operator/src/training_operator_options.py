# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the training-operator charm."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from charmkit import config, names, quantities


def _resources() -> Any:
    accepts = "a YAML mapping of requests and limits such as {limits: {memory: 1Gi}}, or nothing"
    return config.custom(
        quantities.parse_resources, accepts, invalid_example="{limits: {memory: much}}"
    )


def _scheduler(raw: str | None) -> str:
    if raw and not names.is_subdomain(raw):
        raise ValueError(raw)
    return raw or ""


@dataclasses.dataclass(frozen=True)
class TrainingOperatorConfig:
    """The options, parsed."""

    training_operator_image: str = config.image()
    pytorch_init_image: str = config.image()
    pytorch_init_tries: int = config.integer(1, 100000)
    pytorch_init_resources: Mapping[str, Mapping[str, str]] = _resources()
    mpi_kubectl_delivery_image: str = config.image()
    gang_scheduler_name: str = config.custom(
        _scheduler, "volcano, the name of another scheduler, or nothing", invalid_example="Not One"
    )
    controller_threads: int = config.integer(1, 100)
    resources: Mapping[str, Mapping[str, str]] = _resources()
