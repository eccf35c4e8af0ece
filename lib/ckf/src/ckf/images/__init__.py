# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Every image that a deployment can pull: where it is named, and what moves it to a registry."""

from .catalogue import Image, of
from .move import Move, moved, overlay

__all__ = ["Image", "Move", "moved", "of", "overlay"]
