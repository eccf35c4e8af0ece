# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Metrics, alerts, dashboards and logs, as the Observability Stack reads them."""

from __future__ import annotations

import base64
import dataclasses
import json
import lzma
import pathlib
from typing import Any

import charmkit
import ops
import pytest
from charmkit import observability
from ops import testing

UUID = "6d1f8ab6-6a0d-4d1e-8a0a-0d9b4a1ef0c2"
MODEL = testing.Model("ml", uuid=UUID)
PLACE = {
    "model": "ml",
    "model_uuid": UUID,
    "application": "app",
    "unit": "app/0",
    "charm_name": "app",
}
META: dict[str, Any] = {
    "containers": {"box": {}, "crate": {}},
    "provides": {
        "metrics-endpoint": {"interface": "prometheus_scrape"},
        "grafana-dashboard": {"interface": "grafana_dashboard"},
    },
    "requires": {"logging": {"interface": "loki_push_api"}},
}


def run(ctx: testing.Context[Any], *relations: testing.Relation, **more: Any) -> testing.State:
    state = testing.State(**{"leader": True, "model": MODEL, "relations": relations, **more})
    return ctx.run(ctx.on.update_status(), state)


def sent(state: testing.State) -> dict[str, Any]:
    """The application databag of the only relation, decoded."""
    (relation,) = state.relations
    return {name: json.loads(text) for name, text in relation.local_app_data.items()}


# Metrics

METRICS = testing.Relation("metrics-endpoint", "prometheus_scrape")


def metrics(context: Any, jobs: Any, root: pathlib.Path | None = None) -> testing.Context[Any]:
    def wanted() -> list[observability.Job]:
        if isinstance(jobs, Exception):
            raise jobs
        return jobs

    return context(
        lambda charm: [observability.MetricsEndpoint(charm, jobs=wanted)],
        meta=META,
        charm_root=root,
    )


def test_a_job_is_for_one_port_of_every_unit() -> None:
    assert observability.job(8080) == {
        "metrics_path": "/metrics",
        "static_configs": [{"targets": ["*:8080"]}],
    }
    assert observability.job(80, "/stats", scrape_interval="5s") == {
        "metrics_path": "/stats",
        "static_configs": [{"targets": ["*:80"]}],
        "scrape_interval": "5s",
    }
    job = observability.job(80, host="metrics.ml.svc")
    assert job["static_configs"] == [{"targets": ["metrics.ml.svc:80"]}]


def test_a_port_stands_for_its_job(context: Any, tmp_path: pathlib.Path) -> None:
    by_port, by_job = (
        run(metrics(context, [item], tmp_path), METRICS)
        for item in (8080, observability.job(8080))
    )
    assert sent(by_port) == sent(by_job)


def test_only_endpoints_that_the_charm_has_are_looked_after(context: Any) -> None:
    meta = {"name": "app", "provides": {"grafana-dashboard": {"interface": "grafana_dashboard"}}}
    made = context(lambda charm: [charmkit.Observability(charm, jobs=lambda: [80])], meta=meta)
    with made(made.on.update_status(), testing.State(leader=True)) as manager:
        added = manager.charm.reconciler.components
    assert [type(item) for item in added] == [
        observability.GrafanaDashboards,
        charmkit.Observability,
    ]


def test_the_leader_tells_what_to_scrape(context: Any, tmp_path: pathlib.Path) -> None:
    state = run(metrics(context, [observability.job(8080)], tmp_path), METRICS)
    assert sent(state) == {
        "scrape_metadata": PLACE,
        "scrape_jobs": [observability.job(8080)],
        "alert_rules": {},
    }


def test_alert_rules_carry_the_topology(context: Any, tmp_path: pathlib.Path) -> None:
    rules = tmp_path / "src/prometheus_alert_rules"
    rules.mkdir(parents=True)
    (rules / "a.rules").write_text(
        "groups: [{name: a, rules: [{alert: A, expr: 'up{%%juju_topology%%} < 1'}]}]"
    )
    state = run(metrics(context, [], tmp_path), METRICS)
    (group,) = sent(state)["alert_rules"]["groups"]
    (rule,) = group["rules"]
    assert f'juju_model_uuid="{UUID}"' in rule["expr"]
    assert rule["labels"]["juju_application"] == "app"


@pytest.mark.parametrize("leader", [True, False])
def test_every_unit_tells_its_address(context: Any, leader: bool) -> None:
    address = testing.Network(
        "metrics-endpoint", [testing.BindAddress([testing.Address("10.1.2.3")])]
    )
    state = run(metrics(context, []), METRICS, leader=leader, networks=[address])
    (relation,) = state.relations
    mine = relation.local_unit_data
    assert mine["prometheus_scrape_unit_address"] == "10.1.2.3"
    assert mine["prometheus_scrape_unit_name"] == "app/0"
    assert mine.get("prometheus_scrape_unit_path", "") == ""
    assert bool(relation.local_app_data) is leader


def test_a_unit_without_an_address_waits(context: Any) -> None:
    nowhere = testing.Network("metrics-endpoint", [])
    state = run(metrics(context, []), METRICS, networks=[nowhere])
    message = "relation metrics-endpoint: waiting for this unit's address"
    assert state.unit_status == ops.WaitingStatus(message)


def test_jobs_that_are_not_known_leave_what_was_sent(context: Any) -> None:
    before = run(metrics(context, [observability.job(8080)]), METRICS)
    ctx = metrics(context, charmkit.Blocked("option port"))
    after = ctx.run(ctx.on.update_status(), before)
    assert sent(after) == sent(before)
    assert after.unit_status == ops.BlockedStatus("option port")


def test_without_a_relation_metrics_are_active(context: Any) -> None:
    assert run(metrics(context, [])).unit_status == ops.ActiveStatus()


# Dashboards

DASHBOARDS = testing.Relation("grafana-dashboard", "grafana_dashboard")


def dashboards(context: Any, root: pathlib.Path) -> testing.Context[Any]:
    return context(
        lambda charm: [observability.GrafanaDashboards(charm)], meta=META, charm_root=root
    )


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    directory = tmp_path / "src/grafana_dashboards"
    directory.mkdir(parents=True)
    (directory / "two.json.tmpl").write_text('{"title": "Two"}')
    (directory / "one.json").write_text('{"title": "One"}')
    (directory / "README.md").write_text("not a dashboard")
    return tmp_path


def test_dashboards_are_compressed(context: Any, root: pathlib.Path) -> None:
    data = sent(run(dashboards(context, root), DASHBOARDS))["dashboards"]
    assert list(data["templates"]) == ["file:one", "file:two.json"]
    template = data["templates"]["file:one"]
    # Each hook compresses anew: within this limit that costs a millisecond, by default forty.
    text = lzma.decompress(base64.b64decode(template["content"]), memlimit=2**20)
    assert json.loads(text) == {"title": "One"}
    assert template["charm"] == "app"
    assert template["inject_dropdowns"] is True
    place = {name: value for name, value in PLACE.items() if name != "charm_name"}
    assert template["juju_topology"] == place


def test_dashboards_have_ids_of_their_own_that_stay(context: Any, root: pathlib.Path) -> None:
    first = sent(run(dashboards(context, root), DASHBOARDS))["dashboards"]
    again = sent(run(dashboards(context, root), DASHBOARDS))["dashboards"]
    assert first == again
    ids = {template["dashboard_alt_uid"] for template in first["templates"].values()}
    assert {len(each) for each in ids} == {16}
    assert len(ids) == 2


def test_another_dashboard_is_another_id(context: Any, root: pathlib.Path) -> None:
    before = sent(run(dashboards(context, root), DASHBOARDS))["dashboards"]
    (root / "src/grafana_dashboards/three.json").write_text("{}")
    after = sent(run(dashboards(context, root), DASHBOARDS))["dashboards"]
    assert after["uuid"] != before["uuid"]


def test_a_charm_without_dashboards_sends_none(context: Any, tmp_path: pathlib.Path) -> None:
    assert sent(run(dashboards(context, tmp_path), DASHBOARDS))["dashboards"]["templates"] == {}


# Logs

URL = "http://10.0.0.9:3100/loki/api/v1/push"
BOX = testing.Container("box", can_connect=True)
CRATE = testing.Container("crate", can_connect=True)


def loki(*urls: str | None, app: str = "loki") -> testing.Relation:
    units = {
        number: {"endpoint": json.dumps({"url": url})} if url else {}
        for number, url in enumerate(urls)
    }
    return testing.Relation(
        "logging", "loki_push_api", remote_app_name=app, remote_units_data=units
    )


@pytest.fixture
def logs(context: Any) -> testing.Context[Any]:
    return context(lambda charm: [observability.LogForwarding(charm)], meta=META)


def targets(state: testing.State, container: str = "box") -> dict[str, Any]:
    return state.get_container(container).plan.to_dict().get("log-targets", {})


def urls(state: testing.State) -> dict[str, str]:
    """Where logs go at present, by the name of the target."""
    found = targets(state).items()
    return {name: item["location"] for name, item in found if item["services"] == ["all"]}


def test_every_container_forwards_its_logs(logs: testing.Context[Any]) -> None:
    state = run(logs, loki(URL), containers=[BOX, CRATE])
    assert targets(state) == {
        "loki/0": {
            "override": "replace",
            "type": "loki",
            "location": URL,
            "services": ["all"],
            "labels": {
                "product": "Juju",
                "charm": "app",
                "juju_model": "ml",
                "juju_model_uuid": UUID,
                "juju_application": "app",
                "juju_unit": "app/0",
            },
        }
    }
    assert targets(state, "crate") == targets(state)
    assert sent(state) == {"metadata": PLACE, "alert_rules": {}}
    assert state.unit_status == ops.ActiveStatus()


def test_every_unit_forwards_and_only_the_leader_tells(logs: testing.Context[Any]) -> None:
    state = run(logs, loki(URL), containers=[BOX, CRATE], leader=False)
    assert urls(state) == {"loki/0": URL}
    assert sent(state) == {}


def test_every_unit_of_every_collector_gets_them(logs: testing.Context[Any]) -> None:
    relations = [loki(f"{URL}/0", f"{URL}/1"), loki(f"{URL}/other", app="other")]
    state = run(logs, *relations, containers=[BOX, CRATE])
    assert urls(state) == {
        "loki/0": f"{URL}/0",
        "loki/1": f"{URL}/1",
        "other/0": f"{URL}/other",
    }


@pytest.mark.parametrize("url", [None, ""])
def test_a_unit_that_has_said_nothing_gets_none(
    logs: testing.Context[Any], url: str | None
) -> None:
    state = run(logs, loki(url, URL), containers=[BOX, CRATE])
    assert urls(state) == {"loki/1": URL}
    assert state.unit_status == ops.ActiveStatus()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "JSON"),
        ("[]", "a mapping"),
        ('"url"', "a mapping"),
        ("null", "a mapping"),
        ("1", "a mapping"),
    ],
)
def test_a_malformed_endpoint_is_named_and_stalls_no_other(
    logs: testing.Context[Any], text: str, problem: str
) -> None:
    relation = loki(URL, URL)
    relation.remote_units_data[0]["endpoint"] = text  # pyright: ignore[reportIndexIssue]
    state = run(logs, relation, containers=[BOX, CRATE])
    message = f"relation logging: bad data from loki/0: endpoint is not {problem}"
    assert state.unit_status == ops.BlockedStatus(message)
    assert urls(state) == {"loki/1": URL}


def test_a_null_url_is_none(logs: testing.Context[Any]) -> None:
    relation = loki(URL)
    relation.remote_units_data[0]["endpoint"] = '{"url": null}'  # pyright: ignore[reportIndexIssue]
    assert urls(run(logs, relation, containers=[BOX, CRATE])) == {}


def test_a_collector_that_goes_gets_no_more(logs: testing.Context[Any]) -> None:
    relation = loki(URL)
    before = run(logs, relation, containers=[BOX, CRATE])
    state = logs.run(logs.on.relation_broken(before.get_relation(relation.id)), before)
    assert urls(state) == {}
    assert targets(state)["loki/0"]["services"] == ["-all"]
    gone = dataclasses.replace(state, relations=[])
    after = logs.run(logs.on.update_status(), gone)
    assert targets(after) == targets(state)
    assert urls(run(logs, relation, containers=after.containers)) == {"loki/0": URL}


def test_logs_go_to_an_address_that_has_changed(logs: testing.Context[Any]) -> None:
    before = run(logs, loki(URL), containers=[BOX, CRATE])
    state = run(logs, loki("http://elsewhere"), containers=before.containers)
    assert urls(state) == {"loki/0": "http://elsewhere"}


def test_a_second_hook_adds_no_layer(
    logs: testing.Context[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run(logs, loki(URL), containers=[BOX, CRATE])

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a layer is added")

    monkeypatch.setattr(ops.Container, "add_layer", refuse)
    after = logs.run(logs.on.update_status(), before)
    assert targets(after) == targets(before)


def test_a_container_that_starts_forwards_its_logs(logs: testing.Context[Any]) -> None:
    state = testing.State(model=MODEL, relations=[loki(URL)], containers=[BOX, CRATE])
    assert urls(logs.run(logs.on.pebble_ready(BOX), state)) == {"loki/0": URL}


def test_a_container_that_has_not_started_stalls_no_other(logs: testing.Context[Any]) -> None:
    crate = testing.Container("crate", can_connect=False)
    state = run(logs, loki(URL), containers=[BOX, crate])
    assert urls(state) == {"loki/0": URL}
    assert targets(state, "crate") == {}


def test_a_container_may_restart_at_any_moment(
    logs: testing.Context[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any) -> None:
        raise ops.pebble.ConnectionError("gone")

    monkeypatch.setattr(ops.Container, "get_plan", gone)
    state = run(logs, loki(URL), containers=[BOX, CRATE])
    assert state.unit_status == ops.WaitingStatus("waiting for container box to restart")


def test_it_leaves_the_services_alone(logs: testing.Context[Any]) -> None:
    service: Any = {"override": "replace", "command": "serve", "startup": "enabled"}
    layer = ops.pebble.Layer({"services": {"web": service}})
    box = testing.Container("box", can_connect=True, layers={"box": layer})
    state = run(logs, loki(URL), containers=[box, CRATE])
    assert state.get_container("box").plan.to_dict().get("services") == {"web": service}
