# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Rules and permissions, and how they are compared."""

from __future__ import annotations

import pathlib

import kubefake
import pytest
from ckf import rbac
from ckf.rbac import findings, lists, reference, rules

RULES = [
    {"apiGroups": [""], "resources": ["pods", "secrets"], "verbs": ["get", "list"]},
    {"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["*"]},
    {
        "apiGroups": [""],
        "resources": ["secrets"],
        "resourceNames": ["one", "two"],
        "verbs": ["delete"],
    },
    {"nonResourceURLs": ["/metrics"], "verbs": ["get"]},
]
NOTHING = {"namespace": [], "cluster": []}


def rights(charm=(), workload=(), roles=None) -> rbac.Rights:
    return rbac.Rights(
        {"namespace": [], "cluster": list(charm)},
        {"account": {"namespace": [], "cluster": list(workload)}},
        roles or {},
    )


def rule(verb: str, resource: str = "pods", group: str = "", *names: str):
    named = {"resourceNames": list(names)} if names else {}
    return {"apiGroups": [group], "resources": [resource], **named, "verbs": [verb]}


def test_compacted_rules_give_the_same_permissions():
    asks = set(rules.expand(RULES))
    assert set(rules.expand(rules.compact(asks))) == asks
    assert len(rules.compact(asks)) == len(RULES)


def test_a_rule_for_all_objects_is_not_mixed_with_one_for_some():
    asks = {rbac.Ask("", "pods", "", "get"), rbac.Ask("", "pods", "one", "get")}
    found = rules.compact(asks)
    assert set(rules.expand(found)) == asks
    assert [each.get("resourceNames") for each in found] == [None, ["one"]]


def test_names_that_somebody_chooses_become_all():
    asks = [
        rbac.Ask("", "namespaces", "alice", "patch"),
        rbac.Ask("", "namespaces", "model", "patch"),
        rbac.Ask("", "services", "model", "get"),
    ]
    assert rules.widened(asks, {"lic"}) == {
        rbac.Ask("", "namespaces", "", "patch"),
        rbac.Ask("", "services", "model", "get"),
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (rights(workload=[rule("*")]), ["escalation", "wildcard"]),
        (rights(workload=[rule("get", "*")]), ["wildcard", "secrets"]),
        (rights(workload=[rule("list", "secrets")]), ["secrets"]),
        (rights(workload=[rule("impersonate", "users")]), ["escalation"]),
        (rights(charm=[rule("bind", "clusterroles", rules_group := "x", "own")]), ["escalation"]),
        (
            rights(
                charm=[
                    rule("bind", "clusterroles", rules_group, "own"),
                    rule("escalate", "clusterroles", rules_group, "own"),
                ]
            ),
            [],
        ),
        (rights(charm=[rule("escalate", "clusterroles")]), ["escalation"]),
        (rights(roles={"ClusterRole/x": [rule("list", "secrets")]}), []),
        (rights(workload=[rule("get")]), []),
    ],
)
def test_what_leads_further_is_found(given: rbac.Rights, expected: list[str]):
    assert sorted(line.partition(":")[0] for line in findings.of(given)) == sorted(expected)


def test_growth_and_shrinking_are_told():
    before, after = rights(charm=[rule("get")]), rights(charm=[rule("list", "secrets")])
    assert lists.differences(before, after) == [
        "+ charm, cluster: list secrets",
        "- charm, cluster: get pods",
    ]
    assert not lists.differences(before, before)


def test_reasons_survive_a_new_recording(tmp_path: pathlib.Path):
    found = {"app": rights(workload=[rule("list", "secrets")])}
    (missing,) = lists.write(tmp_path, {**found, "gone": rights()})
    finding = missing.removeprefix("app: ")
    path = tmp_path / "app.yaml"
    reasons = f'reasons: {{"{finding}": because it must}}'
    path.write_text(path.read_text().replace("reasons: {}", reasons))
    assert lists.write(tmp_path, found) == []
    recorded = lists.read(tmp_path)
    assert recorded["app"] == (found["app"], {finding: "because it must"})
    assert recorded.keys() == {"app"}
    page = reference.page(recorded)
    assert f"- `{finding}`: because it must" in page
    assert "| workload account, cluster | `secrets` | `list` |" in page


def entry(verb: str, resource: str, name: str, status: int = 200, *, changed: bool = True):
    group = "rbac.authorization.k8s.io" if "role" in resource else ""
    return kubefake.Entry("me", verb, group, resource, "", name, status, changed, "")


def test_what_calls_take_is_read_from_the_journal():
    binding = {"metadata": {"name": "b"}, "roleRef": {"kind": "ClusterRole", "name": "r"}}
    journal = [
        entry("patch", "clusterroles", "r", 201),
        entry("patch", "clusterrolebindings", "b", 200),
        entry("patch", "clusterroles", "same", 200, changed=False),
        entry("create", "events", "e", 201),
    ]
    found = rbac.asked(journal, "me", "model", [binding])
    assert not found[True]
    assert {(ask.verb, ask.resource, ask.name) for ask in found[False]} == {
        ("patch", "clusterroles", "r"),
        ("create", "clusterroles", ""),
        ("escalate", "clusterroles", "r"),
        ("patch", "clusterrolebindings", "b"),
        ("bind", "clusterroles", "r"),
        ("patch", "clusterroles", "same"),
        ("create", "events", ""),
    }
