"""Pack charms: see docs/how-to/pack.md."""

from __future__ import annotations

from ckf.pack.build import Packed, pack
from ckf.pack.errors import PackError
from ckf.pack.target import Target
from ckf.pack.workspace import Workspace

__all__ = ["PackError", "Packed", "Target", "Workspace", "pack"]
