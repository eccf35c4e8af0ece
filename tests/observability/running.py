# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Metrics and labels of a running program, compared with what is recorded of it."""

from __future__ import annotations

import re

from . import exposition

_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="(?:[^"\\]|\\.)*"')


def labels(scraped: str) -> dict[str, set[str]]:
    """Return the labels that samples of each metric have, in Prometheus' text format."""
    found: dict[str, set[str]] = {}
    for name, text in _SAMPLE.findall(scraped):
        found.setdefault(name, set()).update(_LABEL.findall(text))
    return found


def recorded(charm: str) -> dict[str, set[str]]:
    """Return the labels of each metric that is recorded of a charm's program."""
    samples = exposition.of(charm).samples
    found = {name: {label for each in samples[name] for label in each} for name in samples}
    return {name: found[name] for name in found.keys() - exposition.MADE_BY_PROMETHEUS}


def mislabelled(charm: str, scraped: str) -> dict[str, set[str]]:
    """Return by metric the labels that either its record or the running program has, not both."""
    there, here = labels(scraped), recorded(charm)
    both = here.keys() & there.keys()
    return {name: here[name] ^ there[name] for name in both if here[name] ^ there[name]}
