# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The dashboards of charms, as their `dashboard.yaml` describes them.

`dashboard.schema.yaml` has the keys; `shared.yaml` has what several of them show.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator, exceptions

from ..bundle import InputError, hint

_HERE = pathlib.Path(__file__).parent
_ROWS = ("status", "rate", "errors", "duration", "saturation", "particular")
_QUANTILES = {"half": 0.5, "99 %": 0.99}


@dataclass(frozen=True)
class Panel:
    """One panel; the attributes are the keys of `dashboard.schema.yaml`."""

    title: str
    description: str
    kind: str = "timeseries"
    unit: str = "short"
    query: str = ""
    legend: str = ""
    queries: Mapping[str, str] = field(default_factory=dict[str, str])
    histogram: str = ""
    thresholds: Mapping[str, float | None] = field(default_factory=lambda: {"green": None})

    def expressions(self) -> Mapping[str, str]:
        """Return what the panel shows, by legend."""
        if self.histogram:
            rates = f"sum by (le) (rate({self.histogram}[$__rate_interval]))"
            return {
                name: f"histogram_quantile({quantile}, {rates})"
                for name, quantile in _QUANTILES.items()
            }
        return self.queries or {self.legend: self.query}


@dataclass(frozen=True)
class Board:
    """The dashboard of one charm; `rows` has the panels by the title of their row."""

    charm: str
    title: str
    description: str
    rows: Mapping[str, list[Panel]]


def read(charms: pathlib.Path) -> Iterator[Board]:
    """Yield the dashboard of each charm in a folder that describes one, by name.

    Raises:
        InputError: A description is no YAML, has a key that it cannot have, or lacks one.
    """
    shared = yaml.safe_load((_HERE / "shared.yaml").read_text())
    schema = yaml.safe_load((_HERE / "dashboard.schema.yaml").read_text())
    for path in sorted(charms.glob("*/dashboard.yaml")):
        yield _Reader(path, shared).board(schema)


@dataclass(frozen=True)
class _Reader:
    """Reads one description."""

    path: pathlib.Path
    shared: Mapping[str, Mapping[str, Any]]

    def board(self, schema: dict[str, Any]) -> Board:
        """Return the dashboard.

        Raises:
            InputError: It is not as the schema says, or refers to what is not shared.
        """
        content = self._content(schema)
        rows = self._named("sets", content["set"], "set") if "set" in content else {}
        rows = rows | content.get("rows", {})
        for name in _ROWS[:-1]:
            if name not in rows:
                raise self._wrong("rows", f"'{name}' is a required property")
        titled = {name.capitalize(): self._row(name, rows[name]) for name in _ROWS if name in rows}
        return Board(self.path.parent.name, content["title"], content["description"], titled)

    def _content(self, schema: dict[str, Any]) -> dict[str, Any]:
        try:
            content = yaml.safe_load(self.path.read_text())
        except yaml.YAMLError as error:
            raise self._wrong("", " ".join(str(error).split())) from error
        # jsonschema's types leave part of an error unknown.
        validator = cast("Any", Draft202012Validator(schema))
        found = cast("Any", exceptions).best_match(validator.iter_errors(content))
        if found:
            one = "one of query, queries and histogram is needed"
            message = one if found.validator == "oneOf" else found.message
            raise self._wrong(found.json_path.removeprefix("$").removeprefix("."), message)
        return content

    def _row(self, name: str, panels: list[Any]) -> list[Panel]:
        return [
            Panel(**self._panel(f"rows.{name}[{position}]", panel))
            for position, panel in enumerate(panels)
        ]

    def _panel(self, key: str, panel: Any) -> dict[str, Any]:
        own: dict[str, Any] = {"panel": panel} if isinstance(panel, str) else dict(panel)
        if name := own.pop("panel", None):
            return self._named("panels", name, key) | own
        return own

    def _named(self, kind: str, name: str, key: str) -> dict[str, Any]:
        known = self.shared[kind]
        if name not in known:
            raise self._wrong(key, f"no shared {kind[:-1]} is called '{name}'{hint(name, known)}")
        return known[name]

    def _wrong(self, key: str, message: str) -> InputError:
        return InputError(f"{self.path}: {key + ': ' if key else ''}{message}")
