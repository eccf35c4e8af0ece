# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the tensorboard-controller charm."""

from __future__ import annotations

import dataclasses

from charmkit import config


@dataclasses.dataclass(frozen=True)
class TensorboardControllerConfig:
    """The options, parsed."""

    leader_election: bool = config.boolean()
    tensorboard_image: str = config.image()
