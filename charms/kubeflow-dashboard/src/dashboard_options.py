# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the kubeflow-dashboard charm."""

from __future__ import annotations

import dataclasses
from typing import Any

from charmkit import config, shapes, wire
from charmkit.interfaces import kubeflow_dashboard_links as links


def _links(location: str) -> Any:
    def item(entry: Any) -> links.Link:
        if not isinstance(entry, dict):
            raise ValueError("not a mapping")
        unknown = set(entry) - set(wire.keys(links.Link))
        if unknown:
            raise ValueError(f"{min(unknown)} is not known")
        return wire.from_mapping(links.Link, {**entry, "location": location})

    of = "links, each with text and link, and at most icon, type and desc"
    return config.yaml_list(item, of, invalid_example="[{text: no link}]")


def _order() -> Any:
    return config.yaml_list(shapes.TEXT, "the texts of links", invalid_example="[1]")


@dataclasses.dataclass(frozen=True)
class DashboardConfig:
    """The options, parsed."""

    network_policy: bool = config.boolean()
    port: int = config.port()
    registration_flow: bool = config.boolean()
    dashboard_configmap: str = config.object_name("ConfigMap")
    additional_menu_links: tuple[links.Link, ...] = _links("menu")
    additional_external_links: tuple[links.Link, ...] = _links("external")
    additional_quick_links: tuple[links.Link, ...] = _links("quick")
    additional_documentation_links: tuple[links.Link, ...] = _links("documentation")
    menu_link_order: tuple[str, ...] = _order()
    external_link_order: tuple[str, ...] = _order()
    quick_link_order: tuple[str, ...] = _order()
    documentation_link_order: tuple[str, ...] = _order()

    def additional(self, location: str) -> tuple[links.Link, ...]:
        """The links that the options add at a location."""
        return getattr(self, f"additional_{location}_links")

    def order(self, location: str) -> tuple[str, ...]:
        """The texts of the links that come first at a location."""
        return getattr(self, f"{location}_link_order")
