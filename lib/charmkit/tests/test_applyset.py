# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Which objects belong to which component: marked, recorded, and found again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import charmkit
import kubefake
import ops
import pytest
from charmkit import _applyset, _manifests, kube

from .manifest_app import CONFIG_MAP, CRD, CRD_TEXT, ROLE, ROLE_TEXT, SECRET, SETTINGS, App

Writes = Callable[[], list[tuple[str, str, str]]]
SECRET_TEXT = SETTINGS.replace("ConfigMap", "Secret").replace("\n    data:", "\n    stringData:")
LABELS = {_manifests.APP_LABEL: "app", _manifests.MODEL_LABEL: "ml"}


def parent(api: kube.Kube, name: str = "main") -> Any:
    return api.get(_applyset.PARENT, f"app.{name}.applyset", "ml")


def names(api: kube.Kube) -> set[str]:
    """The ConfigMaps of the application, without the records."""
    found = {obj["metadata"]["name"] for obj in api.list(CONFIG_MAP, LABELS)}
    return {name for name in found if not name.endswith(".applyset")}


def test_the_parent_has_the_form_of_the_enhancement_proposal(app: App, api: kube.Kube) -> None:
    app.template("role", ROLE_TEXT)
    app.template("there", SETTINGS.replace("{{ model }}", "default"))
    app.hook()
    metadata = parent(api)["metadata"]
    set_id = metadata["labels"]["applyset.kubernetes.io/id"]
    assert set_id == _applyset.ApplySet("app", "ml", "main").id
    assert set_id.startswith("applyset-")
    assert set_id.endswith("-v1")
    assert len(set_id) <= 63
    kinds = "ClusterRole.rbac.authorization.k8s.io,ConfigMap"
    assert metadata["annotations"]["applyset.kubernetes.io/contains-group-kinds"] == kinds
    assert metadata["annotations"]["applyset.kubernetes.io/additional-namespaces"] == "default"
    assert metadata["annotations"]["applyset.kubernetes.io/tooling"] == "charmkit/v1"
    for obj in (api.get(CONFIG_MAP, "app-settings", "default"), api.get(ROLE, "app")):
        assert obj
        assert obj["metadata"]["labels"]["applyset.kubernetes.io/part-of"] == set_id


def test_each_component_of_each_application_and_model_has_an_id_of_its_own() -> None:
    ids = {
        _applyset.ApplySet(app, model, name).id
        for app in ("a", "b")
        for model in ("a", "b")
        for name in ("main", "more")
    }
    assert len(ids) == 8


@pytest.mark.parametrize(
    "recorded",
    [
        _applyset.Recorded.of([], []),
        _applyset.Recorded.of([SECRET], []),
        _applyset.Recorded.of([ROLE, CONFIG_MAP, ROLE], ["b", "a", "b"]),
    ],
)
def test_what_is_recorded_is_read_again(recorded: _applyset.Recorded) -> None:
    manifest = _applyset.ApplySet("app", "ml", "main").manifest(recorded, LABELS)
    assert _applyset.read(manifest) == recorded


def test_kinds_are_recorded_before_their_objects_are_applied(app: App, writes: Writes) -> None:
    app.hook()
    assert writes() == [
        ("patch", "configmaps", "app.main.applyset"),
        ("patch", "configmaps", "app-settings"),
    ]


@pytest.fixture
def two(app: App) -> App:
    """An application whose two components have templates of the same kind."""
    app.parts = {"one": "src/manifests/one*.yaml.j2", "two": "src/manifests/two*.yaml.j2"}
    app.template("one", SETTINGS.replace("-settings", "-one"))
    app.template("two", SETTINGS.replace("-settings", "-two"))
    app.hook()
    return app


def test_two_components_may_share_a_kind(two: App, api: kube.Kube, writes: Writes) -> None:
    assert names(api) == {"app-one", "app-two"}
    writes()
    assert two.hook() == ops.ActiveStatus()
    assert writes() == []


def test_one_component_prunes_nothing_of_another(two: App, api: kube.Kube) -> None:
    two.template("one", "")
    two.hook()
    assert names(api) == {"app-two"}
    assert parent(api, "two")
    two.template("two", "")
    two.hook()
    assert names(api) == set()


def test_one_component_withdraws_nothing_of_another(two: App, api: kube.Kube) -> None:
    two.look(lambda made: made.withdraw())
    assert names(api) == {"app-two"}


def test_one_component_owns_nothing_of_another(two: App) -> None:
    owned = two.look(lambda made: made.live_owned(CONFIG_MAP))
    assert [obj["metadata"]["name"] for obj in owned] == ["app-one"]


def test_one_component_purges_nothing_of_another(two: App, api: kube.Kube) -> None:
    for name in ("one", "two"):
        two.template(f"{name}-crd", CRD_TEXT.replace("boxes", f"{name}s").replace("box", name))
    two.hook()
    assert two.look(lambda made: made.purge("CustomResourceDefinition")) == ["ones.example.com"]
    assert api.get(CRD, "twos.example.com")


def test_removal_deletes_all_components_and_their_records(two: App, api: kube.Kube) -> None:
    two.hook("remove", units=0)
    assert api.list(CONFIG_MAP, LABELS) == []


def test_a_kind_that_has_vanished_from_all_templates_is_pruned(app: App, api: kube.Kube) -> None:
    app.template("more", SECRET_TEXT)
    app.template("role", ROLE_TEXT)
    app.hook()
    app.template("more", "")
    app.template("role", "")
    app.hook()
    assert api.get(SECRET, "app-settings", "ml") is None
    assert api.get(ROLE, "app") is None
    assert names(api) == {"app-settings"}
    groups = parent(api)["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"]
    assert groups == "ConfigMap"


def test_a_kind_that_has_vanished_is_pruned_even_if_the_hook_before_died(
    app: App, api: kube.Kube, cluster: kubefake.Cluster
) -> None:
    """The record loses a kind only once its objects are gone."""
    app.template("more", SECRET_TEXT)
    app.hook()
    app.template("more", "")
    refused = kubefake.Response(403, [("content-type", "text/plain")], b"no")
    cluster.faults = lambda request: refused if request.method == "DELETE" else None
    assert app.hook().name == "blocked"
    cluster.faults = None
    assert app.hook() == ops.ActiveStatus()
    assert api.get(SECRET, "app-settings", "ml") is None


def test_kinds_are_found_at_removal_although_the_context_is_not_ready(
    app: App, api: kube.Kube
) -> None:
    app.template("more", SECRET_TEXT)
    app.template("role", ROLE_TEXT)
    app.template("there", SETTINGS.replace("{{ model }}", "default"))
    app.hook()
    app.variables["colour"] = charmkit.Waiting("waiting for a colour")
    app.hook("remove", units=0)
    assert api.get(SECRET, "app-settings", "ml") is None
    assert api.get(ROLE, "app") is None
    assert api.list(CONFIG_MAP, LABELS) == []


def test_kinds_are_found_by_withdraw_although_the_context_is_not_ready(
    app: App, api: kube.Kube
) -> None:
    app.template("more", SECRET_TEXT)
    app.hook()
    app.variables["colour"] = charmkit.Waiting("waiting for a colour")
    app.look(lambda made: made.withdraw())
    assert api.get(SECRET, "app-settings", "ml") is None
    assert names(api) == set()


def test_a_definition_is_purged_although_the_context_is_not_ready(
    app: App, api: kube.Kube
) -> None:
    app.template("crd", CRD_TEXT)
    app.hook()
    app.variables["colour"] = charmkit.Waiting("waiting for a colour")
    assert app.look(lambda made: made.purge("CustomResourceDefinition")) == ["boxes.example.com"]
    assert api.get(CRD, "boxes.example.com") is None


def earlier(api: kube.Kube, name: str, **labels: str) -> None:
    """An object that an earlier revision of the charm has applied, which marked no component."""
    metadata = {"name": name, "namespace": "ml", "labels": {**LABELS, **labels}}
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"colour": "x"}}
    api.apply(obj)


def test_an_object_of_an_earlier_revision_becomes_the_components(app: App, api: kube.Kube) -> None:
    earlier(api, "app-settings")
    uid = (api.get(CONFIG_MAP, "app-settings", "ml") or {})["metadata"]["uid"]
    assert app.hook() == ops.ActiveStatus()
    found = api.get(CONFIG_MAP, "app-settings", "ml")
    assert found
    assert found["metadata"]["uid"] == uid
    assert found["data"] == {"colour": "green"}
    assert _applyset.MEMBER_LABEL in found["metadata"]["labels"]


def test_an_object_of_an_earlier_revision_that_is_not_wanted_is_pruned(
    app: App, api: kube.Kube
) -> None:
    earlier(api, "old")
    app.hook()
    assert names(api) == {"app-settings"}


def test_an_object_of_an_earlier_revision_goes_with_the_application(
    app: App, api: kube.Kube
) -> None:
    earlier(api, "old")
    app.hook("remove", units=0)
    assert names(api) == set()


def test_an_object_of_another_applyset_is_none_of_ours(app: App, api: kube.Kube) -> None:
    earlier(api, "other", **{_applyset.MEMBER_LABEL: "applyset-other-v1"})
    app.hook()
    app.hook("remove", units=0)
    assert names(api) == {"other"}
