# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the kfp-ui charm."""

from __future__ import annotations

import dataclasses

from charmkit import config, names


def _name_of_image(raw: str) -> str:
    """Accept an image without tag and digest; a registry may have a port."""
    if not names.is_image(raw or "") or ":" in raw.rpartition("/")[2]:
        raise ValueError(raw)
    return raw


@dataclasses.dataclass(frozen=True)
class KfpUiConfig:
    """The options, parsed."""

    http_port: int = config.port(text=True)
    allow_custom_visualizations: bool = config.boolean()
    argo_archive_logs: bool = config.boolean()
    disable_gke_metadata: bool = config.boolean()
    hide_sidenav: bool = config.boolean()
    artifact_proxy: bool = config.boolean()
    bucket: str = config.bucket()
    key_format: str = config.text(required=True)
    tensorboard_image: str = config.custom(
        _name_of_image, "a container image without a tag", invalid_example="tensorflow:2"
    )

    @property
    def reads_store(self) -> bool:
        """Whether this server reads from the object store itself: archived logs, or artifacts."""
        return self.argo_archive_logs or not self.artifact_proxy
