# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`pod-defaults`: a relation that only says that two applications belong together.

Wire format: none, nothing is written into any databag.

Source: the published admission-webhook, whose metadata.yaml declares it; no code of its reads it.
"""

from __future__ import annotations

from .. import relations
from .._interface import Interface

INTERFACE = Interface[None, None]("pod-defaults")


class Provider(relations.Provider[None, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, None]):
    """The requiring end."""

    interface = INTERFACE
