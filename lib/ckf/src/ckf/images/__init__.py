# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Every image that a deployment can pull: where it is named, and what moves it to a registry."""

from .catalogue import HEADERS, Image, of, row
from .move import moved, overlay

__all__ = ["HEADERS", "Image", "moved", "of", "overlay", "row"]
