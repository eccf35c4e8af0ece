"""`loki_push_api`: where logs go.

Wire format: each unit of the provider writes `endpoint`, JSON `{"url": "http://<host>:3100/..."}`,
into its own databag. The requirer's leader writes `metadata`, its topology, and `alert_rules`,
`{}` where it has none, both JSON, into its application's.

Source: the charm library loki_k8s.v1.loki_push_api.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from .. import interface


@dataclasses.dataclass(frozen=True)
class Target:
    """What each unit of the provider says."""

    endpoint: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Source:
    """What the requirer says."""

    metadata: dict[str, Any]
    alert_rules: dict[str, Any]


INTERFACE = interface.Interface[None, Source]("loki_push_api", provider=None, requirer=Source)
