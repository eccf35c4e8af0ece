# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Alert rules and dashboards: whole, tied to Juju's topology, and documented."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import charmkit
import ops
import pytest
from charmkit import _alert_rules as alert_rules
from ops import testing

from . import expressions, shipped

ROOT = shipped.ROOT
DOCUMENT = ROOT / "docs/reference/observability.md"

PUBLISHED: dict[str, set[str]] = {
    "argo-controller": {
        "ArgoTooManyRequests",
        "ArgoWorkflowOperationPanic",
        "ArgoWorkflowPodsMissing",
        "KubeflowServiceDown",
        "KubeflowServiceIsNotStable",
    },
    "envoy": {"KubeflowServiceDown", "KubeflowServiceIsNotStable"},
    "kfp-profile-controller": set(),
    "metacontroller-operator": {"KubeflowServiceDown", "KubeflowServiceIsNotStable"},
    "resource-dispatcher": set(),
    "dex-auth": {"KubeflowServiceDown", "KubeflowServiceIsNotStable"},
    "kfp-api": {
        "KFP_File_Descriptors_Exhausted_Prediction",
        "KFP_Too_Many_Open_File_Descriptors",
        "KubeflowServiceDown",
        "KubeflowServiceIsNotStable",
    },
    "kubeflow-dashboard": {
        "HighErrorRequestRate",
        "HighRequestRate",
        "NodejsNotRunning",
        "SlowResponseTimeAtRootPath",
    },
    "kubeflow-profiles": {
        "KfamDown",
        "KubeflowServiceDown",
        "KubeflowServiceIsNotStable",
        "ProfilesDown",
    },
    "istio-gateway": {
        "HTTP5xxRateHigh",
        "IngressLatencyP99High",
        "IngressTrafficMissing",
        "IstioMetricsMissing",
        "KubeflowServiceDown",
        "KubeflowServiceIsNotStable",
        "WorkloadLatencyP99High",
    },
    "istio-pilot": {
        "IstioPilotAvailabilityDrop",
        "IstioPilotDuplicateEntry",
        "KubeflowServiceDown",
        "KubeflowServiceIsNotStable",
    },
    "jupyter-ui": set(),
    "kubeflow-volumes": set(),
    "katib-controller": {"KubeflowServiceDown", "KubeflowServiceIsNotStable"},
    "knative-operator": {"KubeflowServiceDown", "KubeflowServiceIsNotStable"},
    "kserve-controller": {"KubeflowServiceDown", "KubeflowServiceIsNotStable"},
    "minio": {
        "KubeflowServiceDown",
        "KubeflowServiceIsNotStable",
        "MinIO_Disk_Space_Filling_Up",
        "MinIO_Low_Disk_Space",
        "MinIO_S3_Request_Auth_Failures",
        "MinIO_S3_Request_Errors",
        "MinIO_S3_Request_Invalid",
        "MinIO_Too_Many_Open_File_Descriptors",
        "MinIO_Too_Many_Open_File_Descriptors_Rate",
    },
    "jupyter-controller": {
        "FileDescriptorsExhausted",
        "FileDescriptorsSoonToBeExhausted",
        "KubeflowServiceDown",
        "KubeflowServiceIsNotStable",
        "UnfinishedWorkQueueAlert",
    },
    "pvcviewer-operator": {"KubeflowServiceDown", "KubeflowServiceIsNotStable"},
    "tensorboard-controller": {"KubeflowServiceDown", "KubeflowServiceIsNotStable"},
    "tensorboards-web-app": set(),
    "training-operator": {"KubeflowServiceDown", "KubeflowServiceIsNotStable"},
}
"""The alerts of the published charms: people route on their names."""

ROWS = ["Status", "Rate", "Errors", "Duration", "Saturation"]
TOPOLOGY = ["juju_model", "juju_model_uuid", "juju_application", "juju_unit"]
DATASOURCE = {"type": "prometheus", "uid": "${prometheusds}"}


def _metrics(charm: str) -> set[str]:
    found = [expressions.selectors(text) for text in shipped.expressions(charm)]
    return {selector.metric for selectors in found for selector in selectors}


def _section(charm: str) -> str:
    """What the reference says of a charm."""
    pattern = re.compile(rf"^## {charm}\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    found = pattern.search(DOCUMENT.read_text())
    assert found, f"{DOCUMENT.name} has no section {charm}"
    return found[1]


def _named(text: str) -> set[str]:
    return set(re.findall(r"`([\w:]+)`", text))


@pytest.fixture(params=shipped.SCRAPED)
def scraped(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=shipped.SHOWN)
def shown(request: pytest.FixtureRequest) -> str:
    return request.param


def test_charms_with_an_endpoint_have_files_and_no_others() -> None:
    everything = [path.name for path in ROOT.glob("charms/*")]
    rules = [charm for charm in everything if shipped.files(charm, "prometheus_alert_rules/*")]
    dashboards = [charm for charm in everything if shipped.files(charm, "grafana_dashboards/*")]
    assert sorted(rules) == shipped.SCRAPED
    assert sorted(dashboards) == shipped.SHOWN


# --- alert rules ---


def test_names_of_alerts_and_groups_are_unique(scraped: str) -> None:
    for names in (
        [group["name"] for group in shipped.groups(scraped)],
        [rule["alert"] for rule in shipped.alerts(scraped)],
    ):
        assert len(names) == len(set(names))


def test_published_alerts_keep_their_names(scraped: str) -> None:
    assert PUBLISHED[scraped] <= {rule["alert"] for rule in shipped.alerts(scraped)}


def test_alerts_are_whole(scraped: str) -> None:
    for rule in shipped.alerts(scraped):
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert re.fullmatch(r"\d+[smhd]", rule["for"]), rule["alert"]
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}, rule["alert"]
        assert set(rule["annotations"]) == {"summary", "description"}, rule["alert"]
        assert all(text.strip() for text in rule["annotations"].values()), rule["alert"]


def test_expressions_of_alerts_are_tied_to_the_application(scraped: str) -> None:
    for rule in shipped.alerts(scraped):
        selectors = expressions.selectors(rule["expr"])
        assert selectors, rule["alert"]
        for selector in selectors:
            assert selector.matchers[0] == ("juju_application", "=", "app"), rule["alert"]


def test_annotations_use_only_labels_that_the_result_has(scraped: str) -> None:
    for rule in shipped.alerts(scraped):
        used = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
        tied = {"juju_model_uuid", "juju_charm"}  # what the charm adds to each alert
        labels = expressions.kept(expressions.parse(_tied(rule["expr"])))
        assert labels is None or used <= labels | tied, rule["alert"]


def _tied(expression: str) -> str:
    """The expression as Prometheus gets it, with all labels of the application."""
    labels = ("juju_model", "juju_model_uuid", "juju_application", "juju_charm")
    matchers = ",".join(f'{label}="x"' for label in labels)
    return expression.replace(alert_rules.MATCHERS_TOKEN, matchers)


def test_what_prometheus_gets_names_the_application(scraped: str) -> None:
    sent = _sent_rules(scraped)
    rules = [rule for group in sent["groups"] for rule in group["rules"]]
    assert [rule["alert"] for rule in rules] == [rule["alert"] for rule in shipped.alerts(scraped)]
    for rule in rules:
        assert "%%" not in rule["expr"]
        for selector in expressions.selectors(rule["expr"]):
            assert ("juju_application", "=", scraped) in selector.matchers
        assert rule["labels"]["juju_application"] == scraped
        page, _, anchor = rule["annotations"]["runbook_url"].rpartition("#")
        assert page.endswith(f"/docs/how-to/runbooks/{scraped}.md")
        assert anchor == rule["alert"].lower()


class _Scraped(ops.CharmBase):
    """Only the endpoint; the files are those of the charm in whose directory it runs."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        charmkit.Reconciler(self).add(charmkit.Observability(self))


def _sent_rules(charm: str) -> dict[str, Any]:
    endpoints = {"metrics-endpoint": {"interface": "prometheus_scrape"}}
    context = testing.Context(
        _Scraped,
        meta={"name": charm, "provides": endpoints},
        charm_root=ROOT / "charms" / charm,
    )
    relation = testing.Relation("metrics-endpoint")
    before = testing.State(leader=True, relations=[relation])
    after = context.run(context.on.relation_created(relation), before)
    return json.loads(after.get_relation(relation.id).local_app_data["alert_rules"])


# --- dashboards ---


def test_dashboards_look_alike(shown: str) -> None:
    (dashboard,) = shipped.dashboards(shown)
    rows = [panel["title"] for panel in dashboard["panels"] if panel["type"] == "row"]
    assert rows in (ROWS, [*ROWS, "Particular"])
    assert dashboard["tags"] == ["charmed-kubeflow", shown]
    assert dashboard["uid"] == f"ckf-{shown}"
    assert dashboard["schemaVersion"] == 41
    assert isinstance(dashboard["version"], int)  # Grafana's charm keeps the highest of one uid
    shared = ("annotations", "graphTooltip", "links", "refresh", "time", "timezone")
    (first,) = shipped.dashboards(shipped.SHOWN[0])
    assert {key: dashboard[key] for key in shared} == {key: first[key] for key in shared}


def test_variables_are_those_that_grafana_would_add(shown: str) -> None:
    """Older versions of Grafana's charm add each of theirs that is not there in every detail."""
    (dashboard,) = shipped.dashboards(shown)
    assert dashboard["templating"]["list"] == [_datasource_variable(), *_topology_variables()]


def _variable(name: str, label: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "description": None,
        "error": None,
        "hide": 0,
        "includeAll": True,
        "multi": True,
        "refresh": 1,
        "regex": "",
        "skipUrlSync": False,
        **more,
    }


def _datasource_variable() -> dict[str, Any]:
    title = "Prometheus datasource"
    return _variable("prometheusds", title, type="datasource", query="prometheus", options=[])


def _topology_variables() -> Iterator[dict[str, Any]]:
    """Each offers the values that are left by those before it."""
    for position, name in enumerate(TOPOLOGY):
        matchers = ",".join(f'{above}=~"${above}"' for above in TOPOLOGY[:position])
        metric = f"up{{{matchers}}}" if matchers else "up"
        query = f"label_values({metric},{name})"
        yield _variable(
            name,
            name.replace("_", " ").capitalize(),
            type="query",
            datasource="${prometheusds}",
            definition=query,
            query={"query": query, "refId": "StandardVariableQuery"},
            allValue=".*",
            sort=0,
            tags=[],
            tagsQuery="",
            tagValuesQuery="",
            useTags=False,
        )


def test_panels_are_whole(shown: str) -> None:
    for panel in shipped.panels(shown):
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["datasource"] == DATASOURCE, panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        references = [target["refId"] for target in panel["targets"]]
        assert references, panel["title"]
        assert len(references) == len(set(references)), panel["title"]


def test_ids_and_titles_are_unique(shown: str) -> None:
    (dashboard,) = shipped.dashboards(shown)
    for key in ("id", "title"):
        values = [panel[key] for panel in dashboard["panels"]]
        assert len(values) == len(set(values)), key


def test_panels_do_not_overlap(shown: str) -> None:
    (dashboard,) = shipped.dashboards(shown)
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
    for one, other in itertools.combinations(dashboard["panels"], 2):
        shared = _cells(one["gridPos"]) & _cells(other["gridPos"])
        assert not shared, f"{one['title']} and {other['title']}"


def _cells(place: dict[str, int]) -> set[tuple[int, int]]:
    columns = range(place["x"], place["x"] + place["w"])
    lines = range(place["y"], place["y"] + place["h"])
    return set(itertools.product(columns, lines))


def test_expressions_of_panels_follow_the_variables(shown: str) -> None:
    wanted = [*((name, "=~", f"${name}") for name in TOPOLOGY), ("juju_charm", "=", shown)]
    for panel in shipped.panels(shown):
        for target in panel["targets"]:
            selectors = expressions.selectors(target["expr"])
            assert selectors, panel["title"]
            for selector in selectors:
                assert list(selector.matchers[: len(wanted)]) == wanted, panel["title"]


def test_panels_of_one_title_have_one_unit() -> None:
    panels = [panel for charm in shipped.SHOWN for panel in shipped.panels(charm)]
    units: dict[str, set[str]] = {}
    for panel in panels:
        units.setdefault(panel["title"], set()).add(panel["fieldConfig"]["defaults"]["unit"])
    assert not {title for title, used in units.items() if len(used) > 1}


def test_a_dashboard_refers_to_no_datasource_of_its_own(shown: str) -> None:
    (path,) = shipped.files(shown, "grafana_dashboards/*.json")
    found = set(re.findall(r'"uid": "([^"]*)"', path.read_text()))
    assert found == {f"ckf-{shown}", DATASOURCE["uid"]}


# --- the reference ---


def test_reference_names_every_alert(scraped: str) -> None:
    _assert_named(scraped, [rule["alert"] for rule in shipped.alerts(scraped)])


def test_reference_names_every_metric(scraped: str) -> None:
    _assert_named(scraped, _metrics(scraped) - {"up", "scrape_duration_seconds"})


def _assert_named(charm: str, names: Iterable[str]) -> None:
    missing = set(names) - _named(_section(charm))
    assert not missing, f"{DOCUMENT.name}, section {charm}, lacks {sorted(missing)}"


# --- the checks' own teeth ---


@pytest.mark.parametrize("expression", ["rate(up{a='1'}[5m]", "sum(up{}))", "rat(up[5m])", "up{"])
def test_what_is_no_expression_is_found(expression: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the parser's message is its own
        expressions.parse(expression)


def test_selectors_are_found_with_the_labels_that_are_named_around_them() -> None:
    found = expressions.selectors('sum by (le) (rate(a{x="{}",y!~"1|2"}[5m])) / on (z) absent(c)')
    assert found == [
        expressions.Selector(
            "a", (("x", "=", "{}"), ("y", "!~", "1|2")), frozenset({"le", "z"}), absent=False
        ),
        expressions.Selector("c", (), frozenset({"z"}), absent=True),
    ]
