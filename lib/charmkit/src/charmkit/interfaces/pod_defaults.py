"""`pod-defaults`: nothing goes over it; a relation only says that two applications belong together.

Source: the published admission-webhook declares the endpoint, and no code of its reads or writes it.
"""

from __future__ import annotations

from .. import interface

INTERFACE = interface.Interface[None, None]("pod-defaults", provider=None, requirer=None)
