"""The options of the knative-eventing charm."""

from __future__ import annotations

import dataclasses

import eventing_resource
from charmkit import knative_release, options
from charmkit.knative_release import Images


@dataclasses.dataclass(frozen=True)
class EventingOptions:
    """The options, parsed."""

    custom_images: Images = options.custom(
        knative_release.parse_images,
        "YAML, images by deployment and container",
        bad="[",
        name="custom_images",
    )
    namespace: str = options.one_of("", eventing_resource.NAMESPACE)
    step_images: dict[str, Images] = options.custom(
        knative_release.parse_steps, "YAML, images by release", bad="[", name="step_images"
    )
    version: str = options.custom(
        knative_release.parse_version, "a version of Knative", bad="1.9.0"
    )
