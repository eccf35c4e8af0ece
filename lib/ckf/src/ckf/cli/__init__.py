"""The `ckf` command."""

from __future__ import annotations

from ckf.cli.main import main

__all__ = ["main"]
