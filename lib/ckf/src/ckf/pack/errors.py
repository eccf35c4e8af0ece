# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Errors in packing a charm."""

from ..bundle import InputError


class PackError(InputError):
    """A charm that cannot be packed; the message is one sentence for a person."""
