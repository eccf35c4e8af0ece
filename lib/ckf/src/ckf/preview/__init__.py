# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Deploy a bundle in the simulator.

model = preview.deploy("bundle.yaml", scale={"minio": 3}, seed=7)
assert not model.status().inactive, preview.replay_command(model)
"""

from .deployment import Deployment, Watch, deploy, prepare
from .request import Request, replay_command

__all__ = ["Deployment", "Request", "Watch", "deploy", "prepare", "replay_command"]
