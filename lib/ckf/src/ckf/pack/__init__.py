# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pack charms: see docs/how-to/pack.md."""

from .build import Packed, pack
from .target import Target
from .workspace import PackError, Workspace

__all__ = ["PackError", "Packed", "Target", "Workspace", "pack"]
