"""The options of the katib-controller charm."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import katib_config
import katib_images
import katib_resources
import katib_trial_templates
from charmkit import options
from katib_resources import Named, Resources

_TAKEN = (katib_config.WEBHOOK_PORT, katib_config.HEALTH_PORT)


def _service_port() -> Any:
    def parse(raw: int) -> int:
        if not 1 <= raw <= 65535:
            raise ValueError(raw)
        return raw

    return options.custom(parse, "a port from 1 to 65535", bad=0)


def _resources(*known: str) -> Any:
    def parse(raw: str | None) -> Named:
        return katib_resources.parse(raw, known)

    accepts = "a YAML mapping of names to requests and limits"
    return options.custom(parse, accepts, bad="{default: {limits: {memory: much}}}")


@dataclasses.dataclass(frozen=True)
class KatibControllerOptions:
    """The options, parsed."""

    webhook_port: int = _service_port()
    metrics_port: int = options.port()
    custom_images: Mapping[str, str] = options.custom(
        katib_images.parse,
        f"a YAML mapping of {', '.join(katib_images.DEFAULTS)} to images",
        bad="suggestion__none: none",
        name="custom_images",
    )
    suggestion_resources: Mapping[str, Resources] = _resources(
        *katib_config.ALGORITHMS, *katib_config.EARLY_STOPPING
    )
    metrics_collector_resources: Mapping[str, Resources] = _resources(*katib_config.COLLECTORS)
    trial_templates: Mapping[str, str] = options.custom(
        katib_trial_templates.parse, "a YAML mapping of names to manifests", bad="{one: two}"
    )
    pod_webhook_failure_policy: str = options.one_of("Ignore", "Fail")

    def __post_init__(self) -> None:
        if self.metrics_port in (*_TAKEN, self.webhook_port):
            others = ", ".join(str(port) for port in (*_TAKEN, self.webhook_port))
            raise options.BadOption("metrics-port", f"a port other than {others}")
