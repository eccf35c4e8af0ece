"""Every alert fires when it should, and only then; promtool decides.

`alert_cases.yaml` has a firing and a quiet case of each alert; they differ as little as can be.
A series has one value each minute for eight hours, written as promtool does.
"""

from __future__ import annotations

import pathlib

import pytest
import yaml

from . import promtool, shipped
from .promtool import Tool

CASES: dict[str, dict[str, dict[str, promtool.Series]]] = yaml.safe_load(
    (pathlib.Path(__file__).parent / "alert_cases.yaml").read_text()
)
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
