# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The panels that dashboards are described with.

An expression has `{T}` or `{T,...}` for the matchers of the dashboard's variables; the key of each
is its legend, in which `{{label}}` is a label's value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Queries = Mapping[str, str]
"""Expressions by legend."""


@dataclass(frozen=True)
class Panel:
    """One panel.

    Attributes:
        kind: Grafana's name of its kind.
        title: Its title.
        about: What it shows, as a sentence.
        unit: Grafana's id of the unit.
        queries: What it shows.
        steps: The colour from each value on; the first one has no value.
        name: Whether the legend is shown in place of the value.
    """

    kind: str
    title: str
    about: str
    unit: str
    queries: Queries
    steps: tuple[tuple[str, float | None], ...] = (("green", None),)
    name: bool = False


def graph(title: str, about: str, unit: str, queries: Queries) -> Panel:
    """Return lines over time."""
    return Panel("timeseries", title, about, unit, queries)


def up_to(orange: float, red: float) -> tuple[tuple[str, float | None], ...]:
    """Return colours for a number that should be low."""
    return ("green", None), ("orange", orange), ("red", red)


def from_on(orange: float, green: float) -> tuple[tuple[str, float | None], ...]:
    """Return colours for a number that should be high."""
    return ("red", None), ("orange", orange), ("green", green)


AT_LEAST_ONE: tuple[tuple[str, float | None], ...] = ("red", None), ("green", 1)


def number(
    title: str,
    about: str,
    unit: str,
    query: str,
    steps: tuple[tuple[str, float | None], ...] = (("green", None),),
) -> Panel:
    """Return one number, as it is now."""
    return Panel("stat", title, about, unit, {"": query}, steps)


def label(title: str, about: str, name: str, query: str) -> Panel:
    """Return the value of a label, as it is now."""
    return Panel("stat", title, about, "none", {f"{{{{{name}}}}}": query}, name=True)


def states(title: str, about: str, queries: Queries) -> Panel:
    """Return what was up and what was down over time."""
    return Panel("state-timeline", title, about, "short", queries)


@dataclass(frozen=True)
class Board:
    """The dashboard of one charm.

    Attributes:
        charm: The charm's name.
        title: What the charm runs.
        about: What the dashboard is for, as a sentence.
        status: Panels on whether it is up.
        rate: Panels on what is asked of it.
        errors: Panels on what fails.
        duration: Panels on how long it takes.
        saturation: Panels on what it uses of what it has.
        special: Panels on what only this charm has.
    """

    charm: str
    title: str
    about: str
    status: tuple[Panel, ...]
    rate: tuple[Panel, ...]
    errors: tuple[Panel, ...]
    duration: tuple[Panel, ...]
    saturation: tuple[Panel, ...]
    special: tuple[Panel, ...] = ()

    @property
    def rows(self) -> dict[str, tuple[Panel, ...]]:
        """The panels by the title of their row."""
        special = {"Particular": self.special} if self.special else {}
        return {
            "Status": self.status,
            "Rate": self.rate,
            "Errors": self.errors,
            "Duration": self.duration,
            "Saturation": self.saturation,
            **special,
        }
