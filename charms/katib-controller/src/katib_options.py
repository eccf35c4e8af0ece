# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the katib-controller charm."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import katib_config
import katib_images
import katib_resources
import katib_trial_templates
from charmkit import InvalidConfig, config
from katib_resources import Named, Resources

_TAKEN = (katib_config.WEBHOOK_PORT, katib_config.HEALTH_PORT)


def _resources(*known: str) -> Any:
    def parse(raw: str | None) -> Named:
        return katib_resources.parse(raw, known)

    accepts = "a YAML mapping of names to requests and limits"
    return config.custom(parse, accepts, invalid_example="{default: {limits: {memory: much}}}")


@dataclasses.dataclass(frozen=True)
class KatibControllerConfig:
    """The options, parsed."""

    webhook_port: int = config.integer(1, 65535, of="a port")
    metrics_port: int = config.port()
    custom_images: Mapping[str, str] = config.custom(
        katib_images.parse,
        f"a YAML mapping of {', '.join(katib_images.DEFAULTS)} to images",
        invalid_example="suggestion__none: none",
        name="custom_images",
    )
    suggestion_resources: Mapping[str, Resources] = _resources(
        *katib_config.ALGORITHMS, *katib_config.EARLY_STOPPING
    )
    metrics_collector_resources: Mapping[str, Resources] = _resources(*katib_config.COLLECTORS)
    trial_templates: Mapping[str, str] = config.custom(
        katib_trial_templates.parse,
        "a YAML mapping of names to manifests",
        invalid_example="{one: two}",
    )
    pod_webhook_failure_policy: str = config.one_of("Ignore", "Fail")

    def __post_init__(self) -> None:
        if self.metrics_port in (*_TAKEN, self.webhook_port):
            others = ", ".join(str(port) for port in (*_TAKEN, self.webhook_port))
            raise InvalidConfig("metrics-port", f"a port other than {others}")
