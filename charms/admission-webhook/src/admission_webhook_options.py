# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the webhook for PodDefaults."""

from __future__ import annotations

import dataclasses

from charmkit import config


@dataclasses.dataclass(frozen=True)
class WebhookConfig:
    """The options, parsed."""

    port: int = config.port()
