# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the viewer controller."""

from __future__ import annotations

import dataclasses

from charmkit import config


def _viewers(raw: int) -> int:
    if (raw or 0) < 1:
        raise ValueError(raw)
    return raw


@dataclasses.dataclass(frozen=True)
class ViewerConfig:
    """The options, parsed."""

    max_num_viewers: int = config.custom(_viewers, "a number from 1", invalid_example=0)
