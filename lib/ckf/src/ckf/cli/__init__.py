# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The `ckf` command.

The module of each verb has `configure`, which adds its arguments to a parser, and `run`, which
returns the exit status, 0 where nothing else is said, or raises an InputError.
"""

from .main import main

__all__ = ["main"]
