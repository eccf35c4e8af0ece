# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Juju's hook tools, answered from the state of one hook.

Who may read and write what, and the words of each refusal, are Juju's: `internal/worker/uniter`
of github.com/juju/juju, and what ops makes of them.
"""

from . import relations, secrets, unit
from .registry import Answer, HookToolContext, answer, names

__all__ = ["Answer", "HookToolContext", "answer", "names", "relations", "secrets", "unit"]
