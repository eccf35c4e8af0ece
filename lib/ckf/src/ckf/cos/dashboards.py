# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Dashboards as Grafana takes them, one look for all, and the page on their panels.

Sources: Grafana's dashboard schema, version 41; the variables are those that Grafana's charm adds
where they are missing (cosl, grafana_dashboard library).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from typing import Any

from .boards import Board, Panel

Json = dict[str, Any]
_DATASOURCE = {"type": "prometheus", "uid": "${prometheusds}"}
_TOPOLOGY = ("juju_model", "juju_model_uuid", "juju_application", "juju_unit")
_WIDTH = 24
# Height, and how many stand in one line.
_SHAPES = {"stat": (4, 6), "state-timeline": (6, 1), "timeseries": (8, 3)}
_PAGE = """\
# Dashboards

What each panel is for. Written by `ckf cos` from each charm's `dashboard.yaml`;
[observability](observability.md) says where the metrics come from. Every dashboard begins
with whether the units answer.
"""
_STATES = {"0": {"text": "down", "index": 0}, "1": {"text": "up", "index": 1}}


def render(board: Board) -> str:
    """Return the JSON text of a dashboard; one line is one panel or one variable."""
    head = json.dumps(_head(board), indent=1)[:-2]
    variables = ",\n  ".join(json.dumps(each) for each in _variables())
    panels = ",\n  ".join(json.dumps(each) for each in _panels(board))
    return (
        f'{head},\n "templating": {{"list": [\n  {variables}\n ]}},\n'
        f' "panels": [\n  {panels}\n ]\n}}\n'
    )


def page(boards: Iterable[Board]) -> str:
    """Return the documentation's page on all panels."""
    return _PAGE + "".join(_section(board) for board in boards)


def _section(board: Board) -> str:
    rows = "".join(
        f"| {row} | {panel.title} | {panel.description} |\n"
        for row, panels in board.rows.items()
        for panel in panels
    )
    head = f"\n## {board.charm}\n\n`ckf-{board.charm}`. {board.description}\n"
    return f"{head}\n| Row | Panel | What it shows |\n| --- | --- | --- |\n{rows}"


def _head(board: Board) -> Json:
    return {
        "uid": f"ckf-{board.charm}",
        "title": f"Charmed Kubeflow: {board.title}",
        "description": board.description,
        "tags": ["charmed-kubeflow", board.charm],
        # Grafana's charm keeps the highest of one uid; the first ones had 1.
        "version": 2,
        "schemaVersion": 41,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "annotations": {"list": []},
        "links": [],
    }


def _variables() -> Iterator[Json]:
    title = "Prometheus datasource"
    yield _variable(
        "prometheusds", title, {"type": "datasource", "query": "prometheus", "options": []}
    )
    for position, name in enumerate(_TOPOLOGY):
        matchers = ",".join(f'{above}=~"${above}"' for above in _TOPOLOGY[:position])
        query = f"label_values({f'up{{{matchers}}}' if matchers else 'up'},{name})"
        yield _variable(name, name.replace("_", " ").capitalize(), _choice(query))


def _variable(name: str, title: str, more: Json) -> Json:
    return {
        "name": name,
        "label": title,
        "description": None,
        "error": None,
        "hide": 0,
        "includeAll": True,
        "multi": True,
        "refresh": 1,
        "regex": "",
        "skipUrlSync": False,
        **more,
    }


def _choice(query: str) -> Json:
    """Return a variable that offers what a query finds; older charms of Grafana want every key."""
    return {
        "type": "query",
        "datasource": "${prometheusds}",
        "definition": query,
        "query": {"query": query, "refId": "StandardVariableQuery"},
        "allValue": ".*",
        "sort": 0,
        "tags": [],
        "tagsQuery": "",
        "tagValuesQuery": "",
        "useTags": False,
    }


def _panels(board: Board) -> Iterator[Json]:
    numbers = itertools.count(1)
    top = 0
    for title, panels in board.rows.items():
        yield _row(next(numbers), title, top)
        top += 1
        for kind, group in itertools.groupby(panels, key=lambda panel: panel.kind):
            height, in_line = _SHAPES[kind]
            for line in _lines(list(group), in_line):
                width = _WIDTH // (len(line) if kind == "timeseries" else in_line)
                for position, panel in enumerate(line):
                    place = {"h": height, "w": width, "x": position * width, "y": top}
                    yield {"id": next(numbers), **_panel(board, panel), "gridPos": place}
                top += height


def _lines(panels: list[Panel], in_line: int) -> Iterator[list[Panel]]:
    for start in range(0, len(panels), in_line):
        yield panels[start : start + in_line]


def _row(number: int, title: str, top: int) -> Json:
    place = {"h": 1, "w": _WIDTH, "x": 0, "y": top}
    about: Json = {"type": "row", "title": title, "collapsed": False, "panels": []}
    return {"id": number, **about, "gridPos": place}


def _panel(board: Board, panel: Panel) -> Json:
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": _DATASOURCE,
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _options(panel),
        "targets": [
            {
                "refId": chr(ord("A") + position),
                "datasource": _DATASOURCE,
                "expr": expression(board, query),
                "legendFormat": legend,
                **({"instant": True} if panel.kind == "stat" else {}),
            }
            for position, (legend, query) in enumerate(panel.expressions().items())
        ],
    }


def expression(board: Board, query: str) -> str:
    """Return a query with the matchers of the variables and of the charm."""
    topology = ",".join(f'{name}=~"${name}"' for name in _TOPOLOGY)
    return query.replace("{T", f'{{{topology},juju_charm="{board.charm}"')


def _defaults(panel: Panel) -> Json:
    steps = [{"color": color, "value": value} for color, value in panel.thresholds.items()]
    colors = "palette-classic" if panel.kind == "timeseries" else "thresholds"
    defaults: Json = {
        "unit": panel.unit,
        "color": {"mode": colors},
        "thresholds": {"mode": "absolute", "steps": steps},
    }
    if panel.kind != "stat":
        defaults["custom"] = {"fillOpacity": 10, "lineWidth": 1}
    if panel.kind == "timeseries":
        defaults |= {"min": 0, "custom": {**defaults["custom"], "showPoints": "never"}}
    if panel.kind == "state-timeline":
        defaults["mappings"] = [{"type": "value", "options": _STATES}]
    return defaults


def _options(panel: Panel) -> Json:
    if panel.kind == "stat":
        return {
            "colorMode": "value",
            "graphMode": "none",
            "textMode": "name" if panel.legend else "value",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        }
    legend = {"displayMode": "list", "placement": "bottom", "showLegend": True}
    return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}
