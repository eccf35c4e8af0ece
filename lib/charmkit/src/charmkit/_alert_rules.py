# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Alert rules from a charm's files, tied to its place in Juju's topology."""

from __future__ import annotations

import functools
import pathlib
from typing import Any

import ops

from . import _topology, yaml_text

MATCHERS_TOKEN = "%%juju_topology%%"  # noqa: S105
"""Stands in an expression for the label matchers of the application."""

RUNBOOKS = "https://github.com/canonical/charmed-kubeflow/blob/main/docs/how-to/runbooks"
"""Where the repository's pages on what to do about an alert are read, one for each charm."""


def load(charm: ops.CharmBase, directory: str) -> dict[str, Any]:
    """Read all `*.rules` files of a directory.

    Args:
        charm: whose topology the rules are tied to: as labels of each alert, and as matchers in
            the place of `%%juju_topology%%` in each expression.
        directory: relative to the charm's.

    Each alert is given the `runbook_url` of its section in the charm's runbook, unless it has one.

    Returns:
        `{"groups": [...]}` as Prometheus has it, or `{}` if there are no rules.
    """
    paths = sorted((pathlib.Path(charm.charm_dir) / directory).glob("*.rules"))
    groups = [group for path in paths for group in _groups(path)]
    return {"groups": [_tied(charm, group) for group in groups]} if groups else {}


@functools.cache
def _groups(path: pathlib.Path) -> list[dict[str, Any]]:
    return yaml_text.load(path.read_text())["groups"]


def _tied(charm: ops.CharmBase, group: dict[str, Any]) -> dict[str, Any]:
    name = f"{_topology.identifier(charm)}_{group['name']}_alerts"
    return {**group, "name": name, "rules": [_tied_rule(charm, rule) for rule in group["rules"]]}


def _tied_rule(charm: ops.CharmBase, rule: dict[str, Any]) -> dict[str, Any]:
    labels = _topology.labels(charm)
    matchers = ",".join(f'{name}="{value}"' for name, value in labels.items())
    expression = str(rule["expr"]).replace(MATCHERS_TOKEN, matchers)
    tied = {**rule, "expr": expression, "labels": {**rule.get("labels", {}), **labels}}
    if "alert" not in rule:  # what is recorded has no annotations
        return tied
    runbook = f"{RUNBOOKS}/{charm.meta.name}.md#{rule['alert'].lower()}"
    return {**tied, "annotations": {"runbook_url": runbook, **rule.get("annotations", {})}}
