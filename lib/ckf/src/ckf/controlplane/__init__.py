# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A real Kubernetes control plane on loopback: built once per machine, started in seconds.

assets = controlplane.assets()
with controlplane.ControlPlane.start(assets) as plane:
    client = lightkube.Client(plane.lightkube_config())
"""

from .build import assets
from .plane import ControlPlane
from .source import DEFAULT_RELEASE, ControlPlaneError

__all__ = ["DEFAULT_RELEASE", "ControlPlane", "ControlPlaneError", "assets"]
