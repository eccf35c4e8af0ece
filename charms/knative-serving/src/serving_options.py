# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the knative-serving charm."""

from __future__ import annotations

import dataclasses
import re

import serving_resource
from charmkit import config, knative_release, names, proxy
from charmkit.knative_release import Images

DEFAULT_DOMAIN = "10.64.140.43.nip.io"
DEFAULT_GATEWAY = "knative-gateway"
"""The defaults of the published charm, which stand for nothing being set."""

_ALIASES = {"docker.io": "index.docker.io"}
"""Registries that Knative knows under another name than images.

Source: github.com/google/go-containerregistry, pkg/name/registry.go."""

_DURATION = re.compile(r"(\d+(\.\d+)?(ms|s|m|h))+")


def _duration(raw: str) -> str:
    if not _DURATION.fullmatch(raw):
        raise ValueError(raw)
    return raw


def _domain(raw: str) -> str:
    if not names.is_subdomain(raw):
        raise ValueError(raw)
    return "" if raw == DEFAULT_DOMAIN else raw


def _gateway(raw: str) -> str:
    if not names.is_subdomain(raw):
        raise ValueError(raw)
    return "" if raw == DEFAULT_GATEWAY else raw


def _optional_name(raw: str | None) -> str:
    if raw and not names.is_subdomain(raw):
        raise ValueError(raw)
    return raw or ""


def _optional_image(raw: str | None) -> str:
    if raw and not names.is_image(raw):
        raise ValueError(raw)
    return raw or ""


def _registries(raw: str | None) -> tuple[str, ...]:
    named = [item.strip() for item in (raw or "").split(",")]
    return tuple(_ALIASES.get(item, item) for item in named if item)


@dataclasses.dataclass(frozen=True)
class ServingConfig:
    """The options, parsed. What stands at its default and may follow a relation is empty."""

    ca_certificates: str = config.ca_bundle()
    custom_images: Images = config.custom(
        knative_release.parse_images,
        "YAML, images by container",
        invalid_example="[",
        name="custom_images",
    )
    domain: str = config.custom(_domain, "a DNS domain", invalid_example=".", name="domain.name")
    gateway_name: str = config.custom(
        _gateway, "the name of a Gateway", invalid_example="A gateway", name="istio.gateway.name"
    )
    gateway_namespace: str = config.custom(
        _optional_name,
        "a namespace, or nothing",
        invalid_example="A b",
        name="istio.gateway.namespace",
    )
    http_proxy: str = config.url()
    https_proxy: str = config.url()
    namespace: str = config.one_of("", serving_resource.NAMESPACE)
    no_proxy: str = config.text()
    progress_deadline: str = config.custom(
        _duration, "a duration such as 600s or 10m", invalid_example="soon"
    )
    queue_sidecar_image: str = config.custom(
        _optional_image,
        "an image, or nothing",
        invalid_example="no image",
        name="queue_sidecar_image",
    )
    registries: tuple[str, ...] = config.custom(
        _registries, "registries", name="registries-skipping-tag-resolving"
    )
    step_images: dict[str, Images] = config.custom(
        knative_release.parse_steps,
        "YAML, images by release",
        invalid_example="[",
        name="step_images",
    )
    version: str = config.custom(
        knative_release.parse_version, "a version of Knative", invalid_example="1.9.0"
    )

    default_domain = DEFAULT_DOMAIN
    default_gateway = DEFAULT_GATEWAY

    def controller_proxy(self) -> dict[str, str]:
        """Return the environment by which the controller reaches registries."""
        return proxy.environment(
            self.http_proxy, self.https_proxy, self.no_proxy, [proxy.KUBERNETES]
        )

    @property
    def skipped_registries(self) -> tuple[str, ...]:
        """The registries that are not asked for digests, those of the images among them."""
        images = {**self.custom_images, "": self.queue_sidecar_image}
        return tuple(dict.fromkeys([*self.registries, *knative_release.registries(images)]))
