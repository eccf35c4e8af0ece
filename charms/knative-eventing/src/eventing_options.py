# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the knative-eventing charm."""

from __future__ import annotations

import dataclasses

import eventing_resource
from charmkit import config, knative_release
from charmkit.knative_release import Images


@dataclasses.dataclass(frozen=True)
class EventingConfig:
    """The options, parsed."""

    custom_images: Images = config.custom(
        knative_release.parse_images,
        "YAML, images by deployment and container",
        invalid_example="[",
        name="custom_images",
    )
    namespace: str = config.one_of("", eventing_resource.NAMESPACE)
    step_images: dict[str, Images] = config.custom(
        knative_release.parse_steps,
        "YAML, images by release",
        invalid_example="[",
        name="step_images",
    )
    version: str = config.custom(
        knative_release.parse_version, "a version of Knative", invalid_example="1.9.0"
    )
