# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Juju's hook tools, answered from the state of one hook.

Who may read and write what, and the words of each refusal, are Juju's: `internal/worker/uniter`
of github.com/juju/juju, and what ops makes of them.
"""

from . import actions, relations, secrets, storage, unit
from .context import Answer, HookToolContext
from .registry import NAMES, answer

__all__ = [
    "NAMES",
    "Answer",
    "HookToolContext",
    "actions",
    "answer",
    "relations",
    "secrets",
    "storage",
    "unit",
]
