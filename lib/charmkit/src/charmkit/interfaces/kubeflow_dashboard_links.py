# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`kubeflow_dashboard_links`: links that the central dashboard shows.

Wire format (application databag of the requirer): `dashboard_links`, a JSON list of objects with
exactly `text`, `link`, `location`, `icon`, `type` and `desc`; the last three are optional. A
requirer that says nothing has no links.

Source: the charm library kubeflow_dashboard.v0.kubeflow_dashboard_links.
"""

from __future__ import annotations

import dataclasses

from .. import relations, wire
from .._interface import Interface

LOCATIONS = ("menu", "external", "quick", "documentation")


@dataclasses.dataclass(frozen=True)
class Link:
    """A link.

    Args:
        text: what is shown.
        link: where it leads: a path for `menu` and `quick`, a URL for the others.
        location: one of `LOCATIONS`.
        icon: its name in the dashboard's icon set.
        type: the kind of entry; the dashboard knows `item`.
        desc: a line that is shown below, in `documentation`.

    Raises:
        ValueError: if the location is none of these.
    """

    text: str
    link: str
    location: str
    icon: str = wire.field(default="icons:link")
    type: str = wire.field(default="item")
    desc: str = wire.field(default="")

    def __post_init__(self) -> None:
        if self.location not in LOCATIONS:
            raise ValueError(f"location is {self.location}, not one of {', '.join(LOCATIONS)}")


@dataclasses.dataclass(frozen=True)
class Links:
    """What the requirer sends."""

    dashboard_links: tuple[Link, ...] = wire.field(default=())


def menu(text: str, link: str, icon: str) -> Link:
    """Return a link in the menu; see `Link`."""
    return Link(text, link, "menu", icon=icon)


def documentation(about: str, link: str) -> Link:
    """Return a link to the documentation of something."""
    return Link(f"{about} Documentation", link, "documentation", desc=f"Documentation for {about}")


INTERFACE = Interface[None, Links](
    "kubeflow_dashboard_links",
    endpoint="dashboard-links",
    requirer=Links,
    examples=(
        Links(
            tuple(
                Link(f"{name} {location}", f"/{name}/", location)
                for location in LOCATIONS
                for name in ("beta", "alpha")
            )
        ),
    ),
)


class Provider(relations.Provider[None, Links]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[Links, None]):
    """The requiring end."""

    interface = INTERFACE
