"""The options of the tensorboard-controller charm."""

from __future__ import annotations

import dataclasses

from charmkit import options


@dataclasses.dataclass(frozen=True)
class TensorboardControllerOptions:
    """The options, parsed."""

    leader_election: bool = options.boolean()
    tensorboard_image: str = options.image()
