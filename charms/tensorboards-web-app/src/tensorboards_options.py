# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the page of TensorBoards."""

from __future__ import annotations

import dataclasses

from charmkit import config
from charmkit.kubeflow import web_app


@dataclasses.dataclass(frozen=True)
class WebAppConfig:
    """The options, parsed."""

    network_policy: bool = config.boolean()
    backend_mode: str = web_app.backend_mode()
    secure_cookies: bool = config.boolean()
