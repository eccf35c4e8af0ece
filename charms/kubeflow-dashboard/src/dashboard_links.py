# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The links of the dashboard, from its relations and its options, in the order asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from charmkit import wire
from charmkit.interfaces import kubeflow_dashboard_links as links
from dashboard_options import DashboardConfig

_KEYS = {
    "menu": "menuLinks",
    "external": "externalLinks",
    "quick": "quickLinks",
    "documentation": "documentationItems",
}
"""Under which key of the dashboard's settings the links of each location stand."""


def settings(config: DashboardConfig, related: Iterable[links.Link]) -> dict[str, Any]:
    """The links as the dashboard reads them.

    Args:
        config: which links are added, and which come first.
        related: the links of the related applications.
    """
    related = list(related)
    return {
        key: [wire.to_mapping(link) for link in _at(location, config, related)]
        for location, key in _KEYS.items()
    }


def ordered(unordered: Iterable[links.Link], first: Sequence[str]) -> list[links.Link]:
    """The links with those texts first, in their order, then the others by the alphabet."""
    rank = {text: index for index, text in enumerate(first)}
    return sorted(
        unordered,
        key=lambda link: (rank.get(link.text, len(rank)), "" if link.text in rank else link.text),
    )


def _at(location: str, config: DashboardConfig, related: Iterable[links.Link]) -> list[links.Link]:
    here = [link for link in related if link.location == location]
    return ordered([*here, *config.additional(location)], config.order(location))
