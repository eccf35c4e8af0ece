# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the viewer controller."""

from __future__ import annotations

import dataclasses

from charmkit import config


@dataclasses.dataclass(frozen=True)
class ViewerConfig:
    """The options, parsed."""

    max_num_viewers: int = config.integer(1)
