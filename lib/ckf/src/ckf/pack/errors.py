"""What can go wrong while a charm is packed."""

from __future__ import annotations

from ..bundle import InputError


class PackError(InputError):
    """A charm that cannot be packed; the message is one sentence for a person."""
