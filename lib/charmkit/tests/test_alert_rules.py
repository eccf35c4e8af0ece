# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Alert rules from files, tied to the application that has them."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
import yaml
from charmkit import _alert_rules
from ops import testing

UUID = "6d1f8ab6-6a0d-4d1e-8a0a-0d9b4a1ef0c2"
MATCHERS = f'juju_model="ml",juju_model_uuid="{UUID}",juju_application="app",juju_charm="app"'
LABELS = {
    "juju_model": "ml",
    "juju_model_uuid": UUID,
    "juju_application": "app",
    "juju_charm": "app",
}


def runbook(alert: str) -> dict[str, str]:
    return {"runbook_url": f"{_alert_rules.RUNBOOKS}/app.md#{alert.lower()}"}


def loaded(context: Any, root: pathlib.Path) -> dict[str, Any]:
    ctx = context(lambda _: [], charm_root=root)
    state = testing.State(model=testing.Model("ml", uuid=UUID))
    with ctx(ctx.on.update_status(), state) as manager:
        return _alert_rules.load(manager.charm, "rules")


def write(root: pathlib.Path, name: str, **rule: Any) -> None:
    (root / "rules").mkdir(exist_ok=True)
    group = {"name": pathlib.Path(name).stem, "rules": [rule]}
    (root / "rules" / name).write_text(yaml.safe_dump({"groups": [group]}))


def test_no_directory_and_no_files_are_no_rules(context: Any, tmp_path: pathlib.Path) -> None:
    assert loaded(context, tmp_path) == {}
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "README.md").write_text("not rules")
    assert loaded(context, tmp_path) == {}


def test_a_rule_is_tied_to_the_application(context: Any, tmp_path: pathlib.Path) -> None:
    write(
        tmp_path,
        "down.rules",
        alert="Down",
        expr="up{%%juju_topology%%} < 1",
        labels={"severity": "critical"},
        annotations={"summary": "It is down."},
        **{"for": "5m"},
    )
    assert loaded(context, tmp_path) == {
        "groups": [
            {
                "name": f"ml_{UUID}_app_down_alerts",
                "rules": [
                    {
                        "alert": "Down",
                        "expr": f"up{{{MATCHERS}}} < 1",
                        "for": "5m",
                        "labels": {"severity": "critical", **LABELS},
                        "annotations": {**runbook("Down"), "summary": "It is down."},
                    }
                ],
            }
        ]
    }


@pytest.mark.parametrize(
    ("written", "tied"),
    [
        ("vector(1)", "vector(1)"),
        (1, "1"),
        (
            'a{%%juju_topology%%} / b{x="y",%%juju_topology%%}',
            f'a{{{MATCHERS}}} / b{{x="y",{MATCHERS}}}',
        ),
    ],
)
def test_every_selector_is_tied(
    context: Any, tmp_path: pathlib.Path, written: Any, tied: str
) -> None:
    write(tmp_path, "a.rules", alert="A", expr=written)
    (group,) = loaded(context, tmp_path)["groups"]
    (rule,) = group["rules"]
    assert (rule["expr"], rule["labels"]) == (tied, LABELS)


def test_an_alerts_own_runbook_stays(context: Any, tmp_path: pathlib.Path) -> None:
    own = {"runbook_url": "https://example.com/a"}
    write(tmp_path, "a.rules", alert="A", expr="1", annotations=own)
    (group,) = loaded(context, tmp_path)["groups"]
    assert group["rules"][0]["annotations"] == own


def test_what_is_recorded_has_no_runbook(context: Any, tmp_path: pathlib.Path) -> None:
    write(tmp_path, "a.rules", record="a:b", expr="1")
    (group,) = loaded(context, tmp_path)["groups"]
    assert "annotations" not in group["rules"][0]


def test_files_are_read_in_the_order_of_their_names(context: Any, tmp_path: pathlib.Path) -> None:
    for name in ("b.rules", "a.rules", "c.rules"):
        write(tmp_path, name, alert="A", expr="1")
    names = [group["name"] for group in loaded(context, tmp_path)["groups"]]
    assert names == [f"ml_{UUID}_app_{name}_alerts" for name in ("a", "b", "c")]
