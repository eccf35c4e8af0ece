# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Every alert fires when it should, and only then; promtool decides.

`alert_cases.yaml` has a firing and a quiet case of each alert; they differ as little as can be.
A series has one value each minute for eight hours, written as promtool does.
"""

from __future__ import annotations

import pathlib
import re
from typing import Any

import pytest
import yaml

from . import promtool, shipped
from .promtool import Tool

CASES: dict[str, dict[str, dict[str, promtool.Series]]] = yaml.safe_load(
    (pathlib.Path(__file__).parent / "alert_cases.yaml").read_text()
)
PAGE = pathlib.Path(__file__).parents[2] / "docs/reference/observability.md"
LATE = "7h50m"
DOWN = {"KubeflowServiceDown", "KubeflowServiceIsNotStable"}


@pytest.fixture(params=shipped.SCRAPED)
def scraped(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=promtool.tools() or ["none"])
def tool(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Tool:
    path = promtool.tools().get(request.param)
    if not path:
        pytest.skip("there is no promtool; install it with: apt-get install prometheus")
    return Tool(path, tmp_path)


def test_promtool_takes_the_rules(scraped: str, tool: Tool) -> None:
    group = {"name": "group", "rules": list(promtool.rules(scraped).values())}
    (tool.folder / "app.rules").write_text(yaml.safe_dump({"groups": [group]}))
    done = tool.run("check", "rules", "app.rules")
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_has_a_firing_and_a_quiet_case(scraped: str) -> None:
    assert sorted(CASES[scraped]) == sorted(promtool.rules(scraped))
    for alert, cases in CASES[scraped].items():
        assert set(cases) == {"fires", "quiet"}, alert


def test_each_alert_is_quiet_in_its_quiet_case(scraped: str, tool: Tool) -> None:
    cases = {alert: each["quiet"] for alert, each in CASES[scraped].items()}
    assert not promtool.fired(tool, scraped, cases, [LATE], every="5m")


def test_each_alert_fires_in_its_firing_case(scraped: str, tool: Tool) -> None:
    cases = {alert: each["fires"] for alert, each in CASES[scraped].items()}
    assert promtool.fired(tool, scraped, cases, [LATE], every="5m") == set(cases)


def test_a_fresh_deployment_is_quiet(scraped: str, tool: Tool) -> None:
    cases = {alert: {"up": "0 0 1"} for alert in promtool.rules(scraped)}
    assert not promtool.fired(tool, scraped, cases, ["1m", "2m", "3m"], every="1m")


def test_two_minutes_of_silence_are_quiet(scraped: str, tool: Tool) -> None:
    cases = {alert: {"up": "1x20 0 0 1x20"} for alert in DOWN & set(promtool.rules(scraped))}
    assert not promtool.fired(tool, scraped, cases, ["22m", "23m", "30m"], every="1m")


def test_a_target_that_is_gone_is_down(scraped: str, tool: Tool) -> None:
    cases = {"KubeflowServiceDown": {"up": "1x20 stale"}}
    assert promtool.fired(tool, scraped, cases, ["28m"], every="1m") == set(cases)


def documented() -> dict[str, dict[str, Any]]:
    """The rules that docs/reference/observability.md gives to be copied, by alert."""
    blocks = re.findall(r"^```yaml\n(groups:.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    groups = [group for block in blocks for group in yaml.safe_load(block)["groups"]]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


@pytest.mark.parametrize(("days", "expected"), [(22, 0), (20, 1), (6, 2)])
def test_the_rules_for_a_probe_tell_how_near_the_end_is(
    tool: Tool, days: int, expected: int
) -> None:
    """Time begins at 0 here, and the certificate ends so many days later."""
    rules = list(documented().values())
    group = {"name": "group", "interval": "5m", "rules": rules}
    (tool.folder / "probe.rules").write_text(yaml.safe_dump({"groups": [group]}))
    assert len(rules) == 2
    series = {"series": "probe_ssl_earliest_cert_expiry", "values": f"{days * 86400}x480"}
    looked_at = [
        {"eval_time": "2h", "alertname": rule["alert"], "exp_alerts": []} for rule in rules
    ]
    test = {"interval": "1m", "input_series": [series], "alert_rule_test": looked_at}
    text = {"rule_files": ["probe.rules"], "evaluation_interval": "5m", "tests": [test]}
    (tool.folder / "probe.yaml").write_text(yaml.safe_dump(text))
    done = tool.run("test", "rules", "probe.yaml")
    assert (done.stdout + done.stderr).count("got:[") == expected, done.stdout + done.stderr
