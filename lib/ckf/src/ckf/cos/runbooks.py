# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Runbooks: what to do about each alert, from the alert rules themselves."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator
from typing import Any

import yaml

_HEAD = """\
# Runbook: {charm}

What each alert of {charm} means, and what to look at. Written by `ckf cos` from the charm's alert
rules; in an expression `%%juju_topology%%` stands for the labels of the application.
"""
_LABEL = re.compile(r"\{\{\s*\$labels\.(\w+)\s*\}\}")
_VALUE = re.compile(r"\{\{\s*\$value[^}]*\}\}")
_PLACE = re.compile(r"\s*\([^()]*\$labels\.juju_model[^()]*\)$")


def pages(charms: pathlib.Path) -> Iterator[tuple[str, str]]:
    """Yield the name of each charm with alert rules, and the text of its runbook."""
    for folder in sorted(charms.glob("*/src/prometheus_alert_rules")):
        charm = folder.parent.parent.name
        texts = [yaml.safe_load(path.read_text()) for path in sorted(folder.glob("*.rules"))]
        rules = [rule for text in texts for group in text["groups"] for rule in group["rules"]]
        yield charm, _HEAD.format(charm=charm) + "".join(_section(rule) for rule in rules)


def _section(rule: dict[str, Any]) -> str:
    annotations = rule["annotations"]
    summary = _words(_PLACE.sub("", annotations["summary"]))
    wait = "at once" if rule["for"] == "0m" else f"after {rule['for']}"
    return (
        f"\n## {rule['alert']}\n\n"
        f"**{summary}.** Severity {rule['labels']['severity']}; fires {wait}.\n\n"
        f"{_words(annotations['description']).strip()}\n\n"
        f"```\n{rule['expr'].strip()}\n```\n"
    )


def _words(text: str) -> str:
    """Return a text in which a value is N, and a label is its name in brackets."""
    return _LABEL.sub(r"[\1]", _VALUE.sub("N", text))
