# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The `ckf` command."""

from .main import main

__all__ = ["main"]
