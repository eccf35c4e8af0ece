# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the kfp-profile-controller charm."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import profile_objects
from charmkit import config, names, yaml_text

IMAGES = {
    "visualization_server": "docker.io/charmedkubeflow/visualization-server:2.15.0-e63a3fc",
    "frontend": "docker.io/charmedkubeflow/frontend:2.15.0-890e0cc",
}
"""The images in users' namespaces, by their names in `custom_images`."""

PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_ROOT = re.compile(r"(minio|s3|gs)://\S+")
_PRINCIPAL = re.compile(r"[^/\s]+/ns/[^/\s]+/sa/[^/\s]+")


def _images(raw: str | None) -> dict[str, str]:
    """Parse the images; raises ValueError naming the one that is none, or that nobody uses."""
    loaded = yaml_text.load(raw or "")
    given = {} if loaded is None else loaded
    if not isinstance(given, dict):
        raise ValueError("not a mapping")
    for name, image in given.items():
        if name not in IMAGES:
            raise ValueError(f"{name} is neither {' nor '.join(IMAGES)}")
        if image and not (isinstance(image, str) and names.is_image(image)):
            raise ValueError(f"{name} is not a container image")
    return IMAGES | {name: image for name, image in given.items() if image}


def _matching(pattern: re.Pattern[str]) -> Any:
    def parse(raw: str | None) -> str:
        if raw and not pattern.fullmatch(raw):
            raise ValueError(raw)
        return raw or ""

    return parse


@dataclasses.dataclass(frozen=True)
class ProfileConfig:
    """The options, parsed."""

    custom_images: Mapping[str, str] = config.custom(
        _images,
        "a YAML mapping of images",
        invalid_example="{other: image}",
        name="custom_images",
    )
    default_pipeline_root: str = config.custom(
        _matching(_ROOT),
        "minio://, s3:// or gs:// with a bucket, or nothing",
        invalid_example="http://bucket",
        name="default_pipeline_root",
    )
    kfp_api_service_account_name: str = config.object_name(
        "ServiceAccount", required=False, name="kfp_api_service_account_name"
    )
    kfp_api_principal: str = config.custom(
        _matching(_PRINCIPAL),
        "<trust domain>/ns/<namespace>/sa/<account>, or nothing",
        invalid_example="x",
    )
    bucket: str = config.bucket()
    artifact_proxy: bool = config.boolean()
    artifact_readers: str = config.one_of("owner", "users")
    visualization_server: bool = config.boolean()
    artifact_proxy_resources: Mapping[str, Any] = config.resources()
    visualization_server_resources: Mapping[str, Any] = config.resources()
    image_pull_policy: str = config.one_of(*PULL_POLICIES)
    resync_period: int = config.integer(60, 86400)

    def __post_init__(self) -> None:
        if self.kfp_api_principal and self.kfp_api_service_account_name:
            accepts = "nothing while kfp_api_service_account_name is set"
            raise config.InvalidConfig("kfp-api-principal", accepts)

    def api_principal(self, model: str) -> str:
        """Return the Istio principal of the pipelines API."""
        account = f"cluster.local/ns/{model}/sa/{self.kfp_api_service_account_name}"
        return self.kfp_api_principal or account

    def manifests(
        self, store: profile_objects.Store, bucket: str, model: str, activator: str = ""
    ) -> list[Any]:
        """Return what each profile's namespace has; see `owner_policy` about `activator`."""
        root = self.default_pipeline_root or f"minio://{bucket}/v2/artifacts"
        made = [
            profile_objects.keys(store),
            profile_objects.launcher(store, root),
            profile_objects.metadata_server(f"metadata-grpc-service.{model}", 8080),
            profile_objects.pod_default(),
            profile_objects.owner_policy(activator),
            profile_objects.viewer_policy(),
        ]
        if store.ca:
            made.append(profile_objects.store_ca(store))
        if self.artifact_proxy:
            pod = self._pod("frontend", self.artifact_proxy_resources)
            made += profile_objects.artifact_proxy(store, pod)
            made.append(profile_objects.artifact_policy(self.artifact_readers))
        if self.visualization_server:
            pod = self._pod("visualization_server", self.visualization_server_resources)
            made += profile_objects.visualization_server(pod)
            made.append(profile_objects.visualization_policy(self.api_principal(model)))
        return made

    def _pod(self, image: str, resources: Mapping[str, Any]) -> profile_objects.Pod:
        return profile_objects.Pod(
            self.custom_images[image], self.image_pull_policy, dict(resources)
        )
