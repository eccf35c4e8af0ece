# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What programs expose, from `tests/exposition`: metrics with their labels.

The files are in Prometheus' text format. A comment `# LAZY name` marks what a program has only
after the first event of its kind.
"""

from __future__ import annotations

import functools
import pathlib
import re
from dataclasses import dataclass, field

FOLDER = pathlib.Path(__file__).parents[1] / "exposition"
TOPOLOGY = {"juju_model", "juju_model_uuid", "juju_application", "juju_unit", "juju_charm"}
"""Labels that every target has once Prometheus' charm has scraped it."""

MADE_BY_PROMETHEUS = {"up", "scrape_duration_seconds"}


@dataclass
class Exposition:
    """What one workload exposes.

    Attributes:
        samples: The labels of each sample, by metric.
        lazy: Families that are not there from the beginning.
    """

    samples: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    lazy: set[str] = field(default_factory=set)

    def is_lazy(self, metric: str) -> bool:
        """Tell whether a metric, or the histogram that it belongs to, appears late."""
        return re.sub("_(bucket|sum|count)$", "", metric) in self.lazy or metric in self.lazy


_SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? \S+")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@functools.cache
def of(charm: str) -> Exposition:
    """Return what the workload of a charm exposes."""
    made = parse((FOLDER / f"{charm}.txt").read_text())
    made.samples |= {metric: [{}] for metric in MADE_BY_PROMETHEUS}
    return made


def parse(text: str) -> Exposition:
    """Read Prometheus' text format."""
    made = Exposition()
    for line in filter(None, text.splitlines()):
        if line.startswith("# LAZY "):
            made.lazy.add(line.split()[2])
        elif not line.startswith("#"):
            sample = _SAMPLE.fullmatch(line)
            assert sample, line
            labels = dict(_LABEL.findall(sample["labels"] or ""))
            made.samples.setdefault(sample["name"], []).append(labels)
    return made
