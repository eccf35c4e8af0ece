# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Objects from templates: applied, repaired, pruned, removed, on a cluster in memory."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from typing import Any

import charmkit
import jinja2
import kubefake
import ops
import pytest
from charmkit import _applyset, _manifests, kube
from ops import testing

from .manifest_app import (
    CONFIG_MAP,
    CRD,
    CRD_TEXT,
    ROLE,
    ROLE_TEXT,
    SECRET,
    SETTINGS,
    WEBHOOK,
    WEBHOOK_TEXT,
    App,
)

Writes = Callable[[], list[tuple[str, str, str]]]


def settings(api: kube.Kube, name: str = "app-settings") -> Any:
    return api.get(CONFIG_MAP, name, "ml")


def test_the_leader_applies_the_objects_of_the_templates(app: App, api: kube.Kube) -> None:
    assert app.hook() == ops.ActiveStatus()
    assert settings(api)["data"] == {"colour": "green"}


def test_no_other_unit_applies_anything(
    app: App, writes: Writes, cluster: kubefake.Cluster
) -> None:
    assert app.hook(leader=False) == ops.ActiveStatus()
    assert cluster.journal == []


def test_no_templates_are_no_objects(app: App, cluster: kubefake.Cluster) -> None:
    app.parts = {"main": "src/elsewhere/*.yaml"}
    assert app.hook() == ops.ActiveStatus()
    # What an earlier revision has applied is looked for.
    assert [(entry.verb, entry.resource) for entry in cluster.journal] == [("list", "configmaps")]


def test_objects_carry_the_labels_and_a_hash(app: App, api: kube.Kube) -> None:
    app.template(
        "labelled",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: labelled
          namespace: {{ model }}
          labels: {mine: "yes"}
          annotations: {too: "yes"}
        """,
    )
    app.hook()
    metadata = settings(api, "labelled")["metadata"]
    labels = {_manifests.APP_LABEL: "app", _manifests.MODEL_LABEL: "ml"}
    member = {_applyset.MEMBER_LABEL: _applyset.ApplySet("app", "ml", "main").id}
    assert metadata["labels"] == {"mine": "yes", **labels, **member}
    assert metadata["annotations"]["too"] == "yes"
    assert len(metadata["annotations"][_manifests.APPLIED_ANNOTATION]) == 64
    assert settings(api)["metadata"]["labels"] == {**labels, **member}
    assert app.look(lambda made: made.labels) == labels


@pytest.mark.parametrize("empty", ["labels:", "annotations:"])
def test_labels_or_annotations_may_be_left_empty_by_a_condition(
    app: App, api: kube.Kube, empty: str
) -> None:
    app.template("settings", SETTINGS.replace("metadata:", f"metadata:\n      {empty}"))
    assert app.hook() == ops.ActiveStatus()
    assert settings(api)["metadata"]["labels"][_manifests.APP_LABEL] == "app"


def test_a_second_hook_writes_nothing_and_reads_each_kind_once(
    app: App, writes: Writes, cluster: kubefake.Cluster
) -> None:
    for name, text in (("role", ROLE_TEXT), ("crd", CRD_TEXT), ("webhook", WEBHOOK_TEXT)):
        app.template(name, text)
    app.template("more", SETTINGS.replace("-settings", "-more"))
    app.hook()
    assert len(writes()) == 6  # with the record of the kinds
    before = len(cluster.journal)
    app.hook()
    assert writes() == []
    asked = [(entry.verb, entry.resource) for entry in cluster.journal[before:]]
    assert sorted(asked) == [
        ("get", "namespaces"),
        ("list", "clusterroles"),
        ("list", "configmaps"),
        ("list", "customresourcedefinitions"),
        ("list", "customresourcedefinitions"),  # that have Juju's labels
        ("list", "mutatingwebhookconfigurations"),
    ]


BINDING = """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: {{ app }}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ app }}}
    subjects:
"""
DEEP = BINDING + "      - kind: ServiceAccount\n        name: a\n        namespace: ml\n"
SHALLOW = BINDING + "    - kind: ServiceAccount\n      name: a\n      namespace: ml\n"


def test_a_kind_is_read_once_however_it_is_written(app: App, cluster: kubefake.Cluster) -> None:
    app.template("a", DEEP)
    app.template("b", SHALLOW.replace("  name: {{ app }}", "  name: {{ app }}-b", 1))
    app.hook()
    lists = [entry.resource for entry in cluster.journal if entry.verb == "list"]
    assert sorted(lists) == ["clusterrolebindings", "configmaps"]


def test_a_change_is_applied_and_a_field_that_is_left_out_goes(app: App, api: kube.Kube) -> None:
    app.template("settings", SETTINGS + "      taste: sweet\n")
    app.hook()
    assert settings(api)["data"] == {"colour": "green", "taste": "sweet"}
    app.template("settings", SETTINGS)
    app.variables["colour"] = "red"
    app.hook()
    assert settings(api)["data"] == {"colour": "red"}


@pytest.mark.parametrize(
    "patch",
    [
        {"data": {"colour": "red"}},
        {"data": None},
        {"metadata": {"labels": {_manifests.MODEL_LABEL: "other"}}},
        {"metadata": {"annotations": None}},
    ],
)
def test_what_somebody_changed_is_repaired(
    app: App, api: kube.Kube, patch: dict[str, Any]
) -> None:
    app.hook()
    before = settings(api)
    api.merge(CONFIG_MAP, "app-settings", patch, "ml")
    app.hook()
    after = settings(api)
    assert after["data"] == {"colour": "green"}
    for field in ("labels", "annotations"):
        assert after["metadata"][field] == before["metadata"][field]


def test_what_somebody_deleted_is_made_again(app: App, api: kube.Kube) -> None:
    app.hook()
    api.delete(CONFIG_MAP, "app-settings", "ml")
    app.hook()
    assert settings(api)["data"] == {"colour": "green"}


def test_fields_of_others_are_left_alone(app: App, api: kube.Kube, writes: Writes) -> None:
    app.template("webhook", WEBHOOK_TEXT)
    app.hook()
    api.merge(CONFIG_MAP, "app-settings", {"data": {"theirs": "1"}}, "ml")
    (hook,) = api.get(WEBHOOK, "app")["webhooks"]  # pyright: ignore[reportOptionalSubscript]
    hook["clientConfig"]["caBundle"] = "Zm9v"
    api.merge(WEBHOOK, "app", {"webhooks": [hook]})
    writes()
    app.hook()
    assert writes() == []
    app.variables["colour"] = "red"
    app.hook()
    assert settings(api)["data"] == {"colour": "red", "theirs": "1"}
    (hook,) = api.get(WEBHOOK, "app")["webhooks"]  # pyright: ignore[reportOptionalSubscript]
    assert hook["clientConfig"]["caBundle"] == "Zm9v"


def conditional(text: str) -> str:
    return "{% if more %}\n" + textwrap.dedent(text).lstrip() + "{% endif %}\n"


CONDITIONAL = conditional(SETTINGS.replace("-settings", "-more"))


def test_what_is_no_longer_wanted_is_deleted(app: App, api: kube.Kube) -> None:
    app.template("more", CONDITIONAL)
    app.variables["more"] = True
    app.hook()
    assert settings(api, "app-more") is not None
    app.variables["more"] = False
    app.hook()
    assert settings(api, "app-more") is None
    assert settings(api) is not None


def test_a_kind_that_is_only_in_a_false_condition_is_pruned(app: App, api: kube.Kube) -> None:
    secret = CONDITIONAL.replace("ConfigMap", "Secret").replace("\ndata:", "\nstringData:")
    app.template("more", secret)
    app.variables["more"] = True
    app.hook()
    assert api.get(SECRET, "app-more", "ml") is not None
    app.variables["more"] = False
    app.hook()
    assert api.get(SECRET, "app-more", "ml") is None


def test_objects_of_others_are_not_pruned(app: App, api: kube.Kube) -> None:
    others = {
        "unlabelled": {},
        "other-app": {_manifests.APP_LABEL: "other", _manifests.MODEL_LABEL: "ml"},
        "other-model": {_manifests.APP_LABEL: "app", _manifests.MODEL_LABEL: "other"},
    }
    for name, labels in others.items():
        metadata = {"name": name, "namespace": "ml", "labels": labels}
        api.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    app.hook()
    app.hook("remove", units=0)
    assert all(settings(api, name) for name in others)


def test_removal_deletes_everything_that_holds_no_users_data(app: App, api: kube.Kube) -> None:
    for name, text in (("role", ROLE_TEXT), ("crd", CRD_TEXT), ("webhook", WEBHOOK_TEXT)):
        app.template(name, text)
    app.hook()
    app.hook("remove", units=1)
    assert settings(api) is not None
    app.hook("remove", units=0)
    assert settings(api) is None
    assert api.get(ROLE, "app") is None
    assert api.get(WEBHOOK, "app") is None
    assert api.get(CRD, "boxes.example.com") is not None


def test_removal_needs_no_context_and_tolerates_that_all_is_gone(app: App, api: kube.Kube) -> None:
    app.hook()
    app.variables["colour"] = charmkit.Waiting("waiting for a colour")
    app.hook("remove", units=0)
    assert settings(api) is None
    app.hook("remove", units=0)


def test_a_definition_that_is_no_longer_wanted_is_kept(app: App, api: kube.Kube) -> None:
    app.template("crd", conditional(CRD_TEXT))
    app.variables["more"] = True
    app.hook()
    app.variables["more"] = False
    app.hook()
    assert api.get(CRD, "boxes.example.com") is not None


def test_purge_deletes_what_is_otherwise_kept(app: App, api: kube.Kube) -> None:
    app.template("crd", CRD_TEXT)
    app.hook()
    assert app.look(lambda made: made.purge("CustomResourceDefinition")) == ["boxes.example.com"]
    assert api.get(CRD, "boxes.example.com") is None
    assert settings(api) is not None
    assert app.look(lambda made: made.purge("CustomResourceDefinition")) == []


def test_purge_finds_the_namespace(app: App, api: kube.Kube) -> None:
    claim = kube.Kind("v1", "PersistentVolumeClaim", namespaced=True)
    app.template(
        "claim",
        """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata:
          name: data
          namespace: default
        spec:
          accessModes: [ReadWriteOnce]
          resources: {requests: {storage: 1Gi}}
        """,
    )
    app.hook()
    assert app.look(lambda made: made.purge("PersistentVolumeClaim")) == ["data"]
    found = api.get(claim, "data", "default")
    assert found is None or "deletionTimestamp" in found["metadata"]


def order(writes: Writes, verb: str) -> list[str]:
    return [resource for asked, resource, _ in writes() if asked == verb]


def test_definitions_come_first_and_webhooks_last(app: App, writes: Writes) -> None:
    for name, text in (("a", WEBHOOK_TEXT), ("b", ROLE_TEXT), ("z", CRD_TEXT)):
        app.template(name, text)
    app.template(
        "box",
        """
        apiVersion: example.com/v1
        kind: Box
        metadata:
          name: one
          namespace: {{ model }}
        """,
    )
    app.hook()
    assert order(writes, "patch") == [
        "configmaps",  # the record of the kinds
        "customresourcedefinitions",
        "clusterroles",
        "configmaps",
        "boxes",
        "mutatingwebhookconfigurations",
    ]
    app.hook("remove", units=0)
    assert order(writes, "delete") == [
        "mutatingwebhookconfigurations",
        "boxes",
        "configmaps",
        "clusterroles",
        "configmaps",  # the record of the kinds
    ]


def test_what_is_not_defined_yet_is_a_wait_that_ends(
    context: Any, app: App, cluster: kubefake.Cluster
) -> None:
    cluster.crd_delay = 3
    app.template("crd", CRD_TEXT)
    app.template(
        "box", "apiVersion: example.com/v1\nkind: Box\nmetadata:\n  name: one\n  namespace: ml\n"
    )
    statuses = [app.hook() for _ in range(4)]
    assert isinstance(statuses[0], ops.WaitingStatus)
    assert statuses[-1] == ops.ActiveStatus()


def test_an_object_that_is_being_deleted_is_not_deleted_again(
    app: App, api: kube.Kube, writes: Writes
) -> None:
    app.template("more", CONDITIONAL)
    app.variables["more"] = True
    app.hook()
    api.merge(CONFIG_MAP, "app-more", {"metadata": {"finalizers": ["example.com/held"]}}, "ml")
    app.variables["more"] = False
    app.hook()
    writes()
    app.hook()
    assert writes() == []


def test_a_context_that_is_not_ready_changes_nothing(app: App, api: kube.Kube) -> None:
    app.hook()
    app.variables["colour"] = charmkit.Blocked("choose a colour")
    assert app.hook() == ops.BlockedStatus("choose a colour")
    assert settings(api)["data"] == {"colour": "green"}


def test_a_variable_that_is_not_known_is_a_bug(app: App) -> None:
    del app.variables["colour"]
    with pytest.raises(testing.errors.UncaughtCharmError) as caught:
        app.hook()
    assert isinstance(caught.value.__cause__, jinja2.UndefinedError)


@pytest.mark.parametrize(
    "text",
    [
        "kind: {{ 'Secret' }}\napiVersion: v1\nmetadata:\n  name: a\n  namespace: ml\n",
        "{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: ml}}\n",
    ],
)
def test_a_kind_is_known_however_it_is_written(app: App, api: kube.Kube, text: str) -> None:
    app.template("odd", text)
    app.hook()
    assert api.get(SECRET, "a", "ml")
    app.template("odd", "")
    app.hook()
    assert api.get(SECRET, "a", "ml") is None


def test_filters_make_text(app: App) -> None:
    app.template(
        "settings",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: a
          namespace: {{ model }}
        data:
          json: {{ value | tojson }}
          base64: {{ "a: b" | base64 }}
        """,
    )
    app.variables["value"] = {"a": ["b", 1, None], "c": 'd"\n'}
    (obj,) = app.look(lambda made: made.wanted())
    assert json.loads(obj["data"]["json"]) == app.variables["value"]
    assert obj["data"]["base64"] == "YTogYg=="


def test_the_names_of_app_and_model_are_always_there(app: App) -> None:
    (obj,) = app.look(lambda made: made.wanted())
    assert (obj["metadata"]["name"], obj["metadata"]["namespace"]) == ("app-settings", "ml")


def test_empty_documents_are_no_objects(app: App, api: kube.Kube) -> None:
    app.template("empty", "# nothing\n---\n---\n{% if false %}\nx: y\n{% endif %}\n")
    assert app.hook() == ops.ActiveStatus()


def test_a_missing_right_blocks(app: App, cluster: kubefake.Cluster) -> None:
    cluster.authorize = lambda *_: False
    message = "Kubernetes denied a request, run: juju trust app --scope=cluster"
    assert app.hook() == ops.BlockedStatus(message)


def test_a_field_that_a_controller_changes_is_left_to_it(
    app: App, api: kube.Kube, writes: Writes
) -> None:
    annotation = f'annotations: {{{_manifests.IGNORED_ANNOTATION}: "colour,other"}}'
    app.template("settings", SETTINGS.replace("metadata:", f"metadata:\n      {annotation}"))
    app.hook()
    assert settings(api)["data"] == {"colour": "green"}
    api.merge(CONFIG_MAP, "app-settings", {"data": {"colour": "red"}}, "ml")
    writes()
    app.hook()
    assert writes() == []
    app.template(
        "settings",
        SETTINGS.replace("metadata:", f"metadata:\n      {annotation}") + "      taste: sweet\n",
    )
    app.hook()
    assert settings(api)["data"] == {"colour": "red", "taste": "sweet"}


def test_an_object_of_somebody_else_is_found(app: App, api: kube.Kube) -> None:
    app.more["list_all"] = [CONFIG_MAP]
    metadata = {"name": "theirs", "namespace": "ml"}
    api.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    app.hook()
    assert (
        app.look(lambda made: made.get_live(CONFIG_MAP, "theirs"))["metadata"]["name"] == "theirs"
    )
    assert app.look(lambda made: made.get_live(CONFIG_MAP, "nobodys")) is None
    owned = app.look(lambda made: made.live_owned(CONFIG_MAP))
    assert [obj["metadata"]["name"] for obj in owned] == ["app-settings"]
    app.hook("remove", units=0)
    assert settings(api, "theirs") is not None


def paths(cluster: kubefake.Cluster, verb: str) -> set[str]:
    return {entry.path for entry in cluster.journal if entry.verb == verb}


def test_kinds_of_the_model_are_looked_for_there_only(app: App, cluster: kubefake.Cluster) -> None:
    """So that a charm needs no right to list everybody's Secrets."""
    app.hook()
    assert paths(cluster, "list") == {"/api/v1/namespaces/ml/configmaps"}


def test_kinds_of_other_namespaces_are_looked_for_there_too_and_pruned(
    app: App, api: kube.Kube, cluster: kubefake.Cluster
) -> None:
    app.template("other", SETTINGS.replace("{{ model }}", "default").replace("app }}", "app }}-2"))
    app.hook()
    assert api.get(CONFIG_MAP, "app-2-settings", "default")
    assert paths(cluster, "list") == {
        "/api/v1/namespaces/ml/configmaps",
        "/api/v1/namespaces/default/configmaps",
    }
    app.template("other", "")
    app.hook()
    assert settings(api) is not None
    assert api.get(CONFIG_MAP, "app-2-settings", "default") is None


OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
VERSION = {
    "name": "v1",
    "served": True,
    "storage": True,
    "schema": {"openAPIV3Schema": {**OPEN, "properties": {"spec": {"type": "string"}}}},
}


@pytest.mark.parametrize(
    "patch",
    [
        {"spec": {"versions": [VERSION]}},
        {"spec": {"names": {"shortNames": ["bx"]}}},
        {"spec": {"names": {"listKind": "Boxen"}}},
        {"metadata": {"annotations": None}},
        {"metadata": {"labels": {"model.juju.is/disable-webhook": None}}},
    ],
)
def test_a_definition_that_somebody_changed_is_repaired(
    app: App, api: kube.Kube, patch: dict[str, Any]
) -> None:
    """Hooks read no more than its metadata, which tells whose its fields are."""
    names = "plural: boxes, singular: box, shortNames: [b]"
    app.template("crd", CRD_TEXT.replace("plural: boxes, singular: box", names))
    app.hook()
    before = api.get(CRD, "boxes.example.com")
    assert before
    api.merge(CRD, "boxes.example.com", patch)
    app.hook()
    after = api.get(CRD, "boxes.example.com")
    assert after
    assert after["spec"] == before["spec"]
    for field in ("labels", "annotations"):
        assert after["metadata"][field] == before["metadata"][field]


def test_a_change_of_a_definition_is_applied(app: App, api: kube.Kube) -> None:
    app.template("crd", CRD_TEXT)
    app.hook()
    app.template("crd", CRD_TEXT.replace("singular: box", "singular: box, shortNames: [bx]"))
    app.hook()
    found = api.get(CRD, "boxes.example.com")
    assert found
    assert found["spec"]["names"]["shortNames"] == ["bx"]


def test_a_definition_is_read_without_its_schema(app: App, cluster: kubefake.Cluster) -> None:
    app.template("crd", CRD_TEXT)
    app.hook()
    (found,) = app.look(lambda made: made.live_owned(CRD))
    assert found["metadata"]["name"] == "boxes.example.com"
    assert "spec" not in found


def test_components_share_what_they_read(app: App, cluster: kubefake.Cluster) -> None:
    app.parts = {"one": "src/manifests/settings*.yaml.j2", "two": "src/manifests/more*.yaml.j2"}
    app.template("more", SETTINGS.replace("-settings", "-more"))
    app.hook()
    cluster.journal.clear()
    app.hook()
    assert [(entry.verb, entry.resource) for entry in cluster.journal] == [("list", "configmaps")]
