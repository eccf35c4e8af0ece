# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`loki_push_api`: where logs go.

Wire format: each unit of the provider writes `endpoint`, JSON `{"url": "http://<host>:3100/..."}`,
into its own databag. The requirer's leader writes `metadata`, its topology, and `alert_rules`,
`{}` where it has none, both JSON, into its application's.

Source: the charm library loki_k8s.v1.loki_push_api.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from .. import relations
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class Target:
    """What each unit of the provider sends."""

    endpoint: dict[str, Any]

    @property
    def url(self) -> str:
        """Where logs are pushed; empty if the unit does not say."""
        return str(self.endpoint.get("url") or "")


@dataclasses.dataclass(frozen=True)
class Source:
    """What the requirer sends."""

    metadata: dict[str, Any]
    alert_rules: dict[str, Any]


INTERFACE = Interface[None, Source](
    "loki_push_api",
    endpoint="logging",
    requirer=Source,
    provider_unit=Target,
    examples=(Target({"url": "http://10.1.0.9:3100/loki/api/v1/push"}),),
)


class Provider(relations.Provider[None, Source]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[Source, None]):
    """The requiring end."""

    interface = INTERFACE
