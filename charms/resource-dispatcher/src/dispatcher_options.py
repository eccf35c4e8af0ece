# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the sync server."""

from __future__ import annotations

import dataclasses

from charmkit import config, names


def _label(raw: str | None) -> str:
    if not names.is_qualified(raw or ""):
        raise ValueError(raw)
    return raw or ""


@dataclasses.dataclass(frozen=True)
class DispatcherConfig:
    """The options, parsed."""

    target_namespace_label: str = config.custom(
        _label, "the name of a label", invalid_example="no label", name="target_namespace_label"
    )
    roles_escalation: bool = config.boolean()
    resync_period: int = config.integer(60, 86400)
