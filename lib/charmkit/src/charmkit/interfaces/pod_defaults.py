"""`pod-defaults`: a relation that only says that two applications belong together.

Wire format: none, nothing is written into any databag.

Source: the published admission-webhook, whose metadata.yaml declares it; no code of its reads it.
"""

from __future__ import annotations

from .. import interface

INTERFACE = interface.Interface[None, None]("pod-defaults", provider=None, requirer=None)
