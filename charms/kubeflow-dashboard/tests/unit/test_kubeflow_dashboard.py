# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The dashboard: its links, their order, and what becomes of a malformed one."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm, Result
from ops import testing

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
KEYS = {
    "menu": "menuLinks",
    "external": "externalLinks",
    "quick": "quickLinks",
    "documentation": "documentationItems",
}


def link(text: str, location: str = "menu", **more: str) -> dict[str, str]:
    return {"text": text, "link": f"/{text}/", "location": location, **more}


def state(apps: dict[str, Any], **config: Any) -> testing.State:
    """A state in which these applications have sent this as their links."""
    options = {name.replace("_", "-"): value for name, value in config.items()}
    bare = CHARM.state(config=options, without=["links"])
    relations = [
        testing.Relation(
            "links",
            id=number,
            remote_app_name=app,
            remote_app_data={
                "dashboard_links": sent if isinstance(sent, str) else json.dumps(sent)
            },
        )
        for number, (app, sent) in enumerate(apps.items(), start=100)
    ]
    return dataclasses.replace(bare, relations=[*bare.relations, *relations])


def run(apps: dict[str, Any], **config: Any) -> Result:
    return CHARM.run(state(apps, **config), "config_changed")


def links(
    result: Result, location: str = "menu", configmap: str = "centraldashboard-config"
) -> Any:
    data = result.seen["objects"][f"ConfigMap/kubeflow/{configmap}"]["data"]
    return json.loads(data["links"])[KEYS[location]]


def texts(result: Result, location: str = "menu") -> list[str]:
    return [item["text"] for item in links(result, location)]


def test_order_by_default():
    """The well-known ones first, the others by the alphabet."""
    sent = [link(text) for text in ("Zebra", "Runs", "Ant", "Notebooks", "Volumes")]
    assert texts(run({"app": sent})) == ["Notebooks", "Volumes", "Runs", "Ant", "Zebra"]


@pytest.mark.parametrize("location", KEYS)
def test_order_from_config(location: str):
    sent = [link(text, location) for text in ("a", "b", "c", "d")]
    option = {f"{location}_link_order": "[c, missing, a]"}
    additional = {f"additional_{location}_links": "[]"}
    assert texts(run({"app": sent}, **option, **additional), location) == ["c", "a", "b", "d"]


def test_order_does_not_depend_on_who_came_first():
    one, other = [link("b"), link("d")], [link("a"), link("c")]
    ascending = texts(run({"one": one, "other": other}))
    assert ascending == texts(run({"other": other, "one": one})) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("location", KEYS)
def test_each_location_has_its_own(location: str):
    sent = [link(each, each) for each in KEYS]
    additional = {"additional_documentation_links": "[]"}
    assert texts(run({"app": sent}, **additional), location) == [location]


@pytest.mark.parametrize("location", KEYS)
def test_additional_links(location: str):
    text = "[{text: More, link: /more/, icon: book, desc: a line}]"
    result = run({"app": [link("Other", location)]}, **{f"additional_{location}_links": text})
    assert texts(result, location) == ["More", "Other"]
    assert links(result, location)[0] == {
        "text": "More",
        "link": "/more/",
        "location": location,
        "icon": "book",
        "type": "item",
        "desc": "a line",
    }


def test_documentation_by_default():
    assert texts(run({}), "documentation") == [
        "Getting started with Charmed Kubeflow",
        "Microk8s for Kubeflow",
        "Requirements for Kubeflow",
    ]


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("one", "not a mapping"),
        ("{link: /a/}", "text is missing"),
        ("{text: A}", "link is missing"),
        ("{text: 1, link: /a/}", "text is not text"),
        ("{text: A, link: /a/, colour: red}", "colour is not known"),
    ],
)
def test_malformed_additional_link_is_named(entry: str, what: str):
    good = "{text: Good, link: /good/}"
    status, message = run({}, additional_menu_links=f"[{good}, {entry}]").status
    assert status == "blocked"
    assert message.startswith("option additional-menu-links accepts a YAML list of links")
    assert f"entry 1: {what}" in message


@pytest.mark.parametrize(
    ("sent", "what"),
    [
        ([link("Good"), {"text": "A", "location": "menu"}], "dashboard_links[1]: link is missing"),
        ([link("A", "nowhere")], "dashboard_links[0]: location is nowhere, not one of menu"),
        ([{**link("A"), "text": 1}], "dashboard_links[0]: text is not text"),
        (["A"], "dashboard_links[0] is not a mapping"),
        ({"text": "A"}, "dashboard_links is not a list"),
        ("[", "dashboard_links is not JSON"),
    ],
)
def test_malformed_relation_is_named_and_others_show(sent: Any, what: str):
    result = run({"good": [link("Good")], "bad": sent})
    status, message = result.status
    assert status == "blocked"
    assert f"relation links: bad data from bad: {what}" in message
    assert texts(result) == ["Good"]
    assert result.seen["services"]["kubeflow-dashboard"] == {"kubeflow-dashboard": "active"}


def test_application_without_links():
    silent = state({"one": [link("One")], "two": "[]"})
    assert texts(CHARM.run(silent, "config_changed")) == ["One"]


def test_links_go_with_the_relation():
    before = run({"one": [link("One")], "two": [link("Two")]})
    leaving = next(item for item in before.state.relations if item.id == 101)
    after = CHARM.run(before.state, "relation_broken", leaving, cluster=before.cluster)
    assert texts(after) == ["One"]


def test_unknown_fields_of_a_relation_do_not_reach_the_page():
    assert "colour" not in links(run({"app": [link("A", colour="red")]}))[0]


def test_configmap_of_another_name():
    before = run({"app": [link("A")]})
    state_ = dataclasses.replace(before.state, config={"dashboard-configmap": "other"})
    after = CHARM.run(state_, "config_changed", cluster=before.cluster)
    assert links(after, configmap="other")[0]["text"] == "A"
    assert "ConfigMap/kubeflow/centraldashboard-config" not in after.seen["objects"]
    environment = after.seen["plans"]["kubeflow-dashboard"]["services"]["kubeflow-dashboard"]
    assert environment["environment"]["DASHBOARD_CONFIGMAP"] == "other"
    role = after.seen["objects"]["Role/kubeflow/kubeflow-dashboard-settings"]
    assert [rule["resourceNames"] for rule in role["rules"] if "resourceNames" in rule] == [
        ["other"]
    ]


def test_markup_stays_text():
    """Links go through YAML, JSON, and JSON in YAML."""
    text = 'a "quoted" {{ brace }} \\ back: slash #hash'
    assert texts(run({"app": [link(text)]})) == [text]


def test_access_management_is_where_the_relation_says():
    service = run({}).seen["plans"]["kubeflow-dashboard"]["services"]["kubeflow-dashboard"]
    environment = service["environment"]
    assert environment["PROFILES_KFAM_SERVICE_HOST"] == "kubeflow-profiles.kubeflow"
    assert environment["PROFILES_KFAM_SERVICE_PORT"] == "8081"
