# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A deployment as one page that needs nothing else: no network, no script, no other file."""

from .page import render

__all__ = ["render"]
