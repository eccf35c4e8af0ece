# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Metrics and labels of a running program, compared with what is recorded of it."""

from __future__ import annotations

import itertools

from . import exposition


def labels(scraped: str) -> dict[str, set[str]]:
    """Return the labels that samples of each metric have, in Prometheus' text format."""
    return _names(exposition.parse(scraped))


def recorded(charm: str) -> dict[str, set[str]]:
    """Return the labels of each metric that is recorded of a charm's program."""
    found = _names(exposition.of(charm))
    return {name: found[name] for name in found.keys() - exposition.MADE_BY_PROMETHEUS}


def _names(found: exposition.Exposition) -> dict[str, set[str]]:
    return {metric: {*itertools.chain(*each)} for metric, each in found.samples.items()}


def mislabelled(charm: str, scraped: str) -> dict[str, set[str]]:
    """Return by metric the labels that either its record or the running program has, not both."""
    there, here = labels(scraped), recorded(charm)
    both = here.keys() & there.keys()
    return {name: here[name] ^ there[name] for name in both if here[name] ^ there[name]}
