# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Alert rules, judged by Prometheus' own promtool."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from charmkit import _alert_rules as alert_rules
from ckf import workloads

from . import shipped

TOPOLOGY = {"juju_model": "ml", "juju_application": "app"}
_MATCHERS = ",".join(f'{label}="{value}"' for label, value in TOPOLOGY.items())

Series = Mapping[str, str]
"""Values over time, one each minute, as promtool writes them, by metric and labels."""


def rules(charm: str) -> dict[str, dict[str, Any]]:
    """Return a charm's alerts by name, as Prometheus gets them."""
    return {
        rule["alert"]: {
            **rule,
            "expr": rule["expr"].replace(alert_rules.MATCHERS_TOKEN, _MATCHERS),
        }
        for rule in shipped.alerts(charm)
    }


def with_topology(series: Series) -> list[dict[str, str]]:
    """Return series of the first unit of the application."""
    place = f'{_MATCHERS},juju_unit="app/0"'
    made: list[dict[str, str]] = []
    for name, values in series.items():
        metric, _, labels = name.rstrip("}").partition("{")
        place_and_labels = ",".join(filter(None, (place, labels)))
        made.append({"series": f"{metric}{{{place_and_labels}}}", "values": values})
    return made


def fired(
    tool: Tool, charm: str, cases: Mapping[str, Series], at: Iterable[str], every: str
) -> set[str]:
    """Return which alerts fire.

    Args:
        tool: Who decides.
        charm: Whose alerts.
        cases: What Prometheus has scraped, by the alert that is looked at.
        at: When they are looked at, from the beginning.
        every: How often rules are evaluated: seldom is fast.
    """
    known = rules(charm)
    times = list(at)
    for alert, series in cases.items():
        group = {"name": "group", "interval": every, "rules": [known[alert]]}
        _write(tool.folder / f"{alert}.rules", {"groups": [group]})
        looked_at = [{"eval_time": time, "alertname": alert, "exp_alerts": []} for time in times]
        test = {
            "interval": "1m",
            "input_series": with_topology(series),
            "alert_rule_test": looked_at,
        }
        text = {"rule_files": [f"{alert}.rules"], "evaluation_interval": every, "tests": [test]}
        _write(tool.folder / f"{alert}.yaml", text)
    done = tool.run("test", "rules", *(f"{alert}.yaml" for alert in cases))
    said = (done.stdout + done.stderr).splitlines()
    found = {line.partition("alertname: ")[2].partition(",")[0] for line in said} - {""}
    assert bool(found) == bool(done.returncode), "\n".join(said)
    return found


def tools() -> dict[str, str]:
    """Return by origin each promtool that there is; the distribution's may be of Prometheus 2."""
    found = {"distribution": shutil.which("promtool"), "built": workloads.find("promtool")}
    return {origin: str(path) for origin, path in found.items() if path}


@dataclass(frozen=True)
class Tool:
    """A promtool.

    Attributes:
        path: Where it is.
        folder: A folder for files.
    """

    path: str
    folder: pathlib.Path

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run it in the folder."""
        return subprocess.run(
            [self.path, *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def _write(path: pathlib.Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content))
