# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the page of volumes."""

from __future__ import annotations

import dataclasses

from charmkit import config
from charmkit.kubeflow import web_app


@dataclasses.dataclass(frozen=True)
class VolumesConfig:
    """The options, parsed."""

    network_policy: bool = config.boolean()
    port: int = config.port()
    backend_mode: str = web_app.backend_mode()
    secure_cookies: bool = config.boolean()
    volume_viewer_image: str = config.image()
