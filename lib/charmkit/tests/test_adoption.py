# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What a published charm of the same name has left: taken over, cleared away, or left alone."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable
from typing import Any

import charmkit
import kubefake
import ops
import pytest
import yaml
from charmkit import _adoption, _manifests, kube
from ops import testing

SETTINGS = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: {{ model }}
data: {mode: ours}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: zone
  namespace: {{ model }}
data: {name: here}
"""
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: server
  namespace: {{ model }}
spec:
  selector: {matchLabels: {app: server}}
  template:
    metadata: {labels: {app: server}}
    spec:
      containers:
        - name: server
          image: server:2
          env:
            - {name: MODE, value: ours}
"""
WEBHOOK = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: validator
  annotations: {charmed-kubeflow.io/ignore-differences: failurePolicy}
webhooks:
  - name: one.example.com
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Ignore
    clientConfig: {service: {name: server, namespace: ml, path: /, port: 443}}
"""
MAPS = "/api/v1/namespaces/{}/configmaps/{}"
DEPLOYMENTS = "/apis/apps/v1/namespaces/{}/deployments/{}"
WEBHOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{1}"
KRH = {
    _adoption.INSTANCE_LABEL: "app-ml",
    _adoption.SCOPE_LABEL: "all",
}


class Api:
    """The cluster, as the published charm and its neighbours use it."""

    def __init__(self, cluster: kubefake.Cluster) -> None:
        self.cluster = cluster

    def apply(self, path: str, obj: dict[str, Any], manager: str = "lightkube") -> dict[str, Any]:
        return self._send("PATCH", path, obj, manager, "application/apply-patch+yaml")

    def merge(self, path: str, obj: dict[str, Any], manager: str) -> dict[str, Any]:
        return self._send("PATCH", path, obj, manager, "application/merge-patch+json")

    def map(self, name: str, manager: str = "lightkube", **metadata: Any) -> dict[str, Any]:
        namespace = metadata.get("namespace", "ml")
        metadata = {"name": name, "namespace": namespace, **metadata}
        obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "b"}}
        return self.apply(MAPS.format(namespace, name), obj, manager)

    def get(self, path: str) -> dict[str, Any] | None:
        answer = self.cluster.request(kubefake.Request("GET", path, {}, {}, b"", "user"))
        return json.loads(answer.body) if answer.status == 200 else None

    def maps(self, namespace: str = "ml") -> set[str]:
        keys = [key for key, _ in self.cluster.store.rows(("", "configmaps"))]
        mine = {name for where, name in keys if where == namespace}
        return mine - {"kube-root-ca.crt", "app.main.applyset"}

    def _send(
        self, verb: str, path: str, obj: dict[str, Any], manager: str, media: str
    ) -> dict[str, Any]:
        query = {"fieldManager": manager} | ({"force": "true"} if "apply" in media else {})
        body, headers = json.dumps(obj).encode(), {"content-type": media}
        answer = self.cluster.request(kubefake.Request(verb, path, query, headers, body, "them"))
        assert answer.status in (200, 201), answer.body
        return json.loads(answer.body)


@pytest.fixture
def api(cluster: kubefake.Cluster) -> Api:
    return Api(cluster)


Hook = Callable[..., ops.StatusBase]


@pytest.fixture
def hook(context: Any, cluster: kubefake.Cluster, tmp_path: pathlib.Path) -> Hook:
    """Run a hook of a charm with these templates."""

    def run(template: str, event: str = "update_status", **more: Any) -> ops.StatusBase:
        (tmp_path / "it.yaml.j2").write_text(template.lstrip())

        def components(charm: ops.CharmBase) -> list[charmkit.Component]:
            return [charmkit.Manifests(charm, files="*.yaml.j2", **more)]

        ctx = context(components, charm_root=tmp_path)
        units = 0 if event == "remove" else 1
        model = testing.Model("ml", type="kubernetes")
        state = testing.State(leader=True, model=model, planned_units=units)
        after = ctx.run(getattr(ctx.on, event)(), state)
        return ops.StatusBase.from_name(after.unit_status.name, after.unit_status.message)

    return run


def managers(obj: dict[str, Any]) -> set[tuple[str, str]]:
    entries = obj["metadata"]["managedFields"]
    return {
        (item["manager"], item["operation"]) for item in entries if not item.get("subresource")
    }


def listed(*names: str, managers: tuple[str, ...] = ()) -> charmkit.Legacy:
    return charmkit.Legacy(
        managers=managers, objects=tuple(("v1", "ConfigMap", name) for name in names)
    )


# What nobody needs any more.


def test_a_listed_object_goes(hook: Hook, api: Api) -> None:
    api.map("old-app")
    hook(SETTINGS, legacy=listed("{model}/old-{app}"))
    assert api.maps() == {"settings", "zone"}


@pytest.mark.parametrize("name", ["{model}/mine", "elsewhere/mine", "{model}/other"])
def test_a_listed_object_of_somebody_elses_stays(hook: Hook, api: Api, name: str) -> None:
    api.cluster.install("", "namespaces", {"metadata": {"name": "elsewhere"}})
    api.map("mine", manager="kubectl")
    api.map("mine", manager="kubectl", namespace="elsewhere")
    hook(SETTINGS, legacy=listed(name, managers=("istio-operator",)))
    assert api.maps() == {"settings", "zone", "mine"}
    assert api.maps("elsewhere") == {"mine"}


def test_a_listed_object_that_the_charm_has_now_stays(hook: Hook, api: Api) -> None:
    uid = api.map("settings")["metadata"]["uid"]
    hook(SETTINGS, legacy=listed("{model}/settings"))
    found = api.get(MAPS.format("ml", "settings"))
    assert found
    assert found["metadata"]["uid"] == uid
    assert found["data"] == {"mode": "ours"}


def test_an_object_of_another_of_our_applications_stays(hook: Hook, api: Api) -> None:
    api.map("mine", labels={_manifests.APP_LABEL: "other", **KRH})
    hook(SETTINGS, legacy=charmkit.Legacy(("x",), ("all",), (("v1", "ConfigMap", "ml/mine"),)))
    assert "mine" in api.maps()


def test_an_object_of_jujus_stays(hook: Hook, api: Api) -> None:
    """Some published charms apply the account of their pods once more, labels and all."""
    api.map("mine", labels={**KRH, "app.kubernetes.io/managed-by": "juju"})
    legacy = charmkit.Legacy(scopes=("all",), objects=(("v1", "ConfigMap", "{model}/mine"),))
    hook(SETTINGS, legacy=legacy)
    hook(SETTINGS, "remove", legacy=legacy)
    assert api.maps() == {"mine"}


def test_labelled_objects_go(hook: Hook, api: Api) -> None:
    api.map("settings", labels=KRH)
    api.map("old", labels=KRH)
    hook(SETTINGS, legacy=charmkit.Legacy(scopes=("all",)))
    assert api.maps() == {"settings", "zone"}
    found = api.get(MAPS.format("ml", "settings"))
    assert found
    assert not KRH.keys() & found["metadata"]["labels"].keys()


@pytest.mark.parametrize(
    "labels",
    [
        KRH | {_adoption.SCOPE_LABEL: "another"},
        KRH | {_adoption.INSTANCE_LABEL: "app2-ml"},
        {_adoption.INSTANCE_LABEL: "app-ml"},
    ],
)
def test_objects_with_other_labels_stay(hook: Hook, api: Api, labels: dict[str, str]) -> None:
    api.map("mine", labels=labels)
    hook(SETTINGS, legacy=charmkit.Legacy(scopes=("all",)))
    hook(SETTINGS, "remove", legacy=charmkit.Legacy(scopes=("all",)))
    assert api.maps() == {"mine"}


def test_labelled_objects_of_another_namespace_stay(hook: Hook, api: Api) -> None:
    """Application `app` of model `ml-x` and `app-ml` of model `x` have one label."""
    api.cluster.install("", "namespaces", {"metadata": {"name": "elsewhere"}})
    api.map("mine", labels=KRH, namespace="elsewhere")
    hook(SETTINGS, legacy=charmkit.Legacy(scopes=("all",)))
    assert api.maps("elsewhere") == {"mine"}


def test_users_data_stays(hook: Hook, api: Api) -> None:
    meta = {"name": "data", "namespace": "ml", "labels": KRH}
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": meta,
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    path = "/api/v1/namespaces/ml/persistentvolumeclaims/data"
    api.apply(path, claim)
    legacy = charmkit.Legacy(
        scopes=("all",), objects=(("v1", "PersistentVolumeClaim", "ml/data"),)
    )
    hook(SETTINGS, legacy=legacy)
    hook(SETTINGS, "remove", legacy=legacy)
    assert api.get(path)


def test_removal_leaves_nothing_behind(hook: Hook, api: Api) -> None:
    """Also where the charm has never come so far as to apply something."""
    api.map("old", labels=KRH)
    api.map("listed")
    legacy = charmkit.Legacy(scopes=("all",), objects=(("v1", "ConfigMap", "{model}/listed"),))
    hook(SETTINGS, "remove", legacy=legacy)
    assert api.maps() == set()


def test_of_a_kind_that_is_read_as_a_whole_all_is_seen(
    hook: Hook, api: Api, writes: Callable[[], list[tuple[str, str, str]]]
) -> None:
    """Without anything that differs, and with nothing wanted at all."""
    legacy = charmkit.Legacy(scopes=("all",))
    nothing = SETTINGS.replace("apiVersion", "{% if False %}\napiVersion", 1) + "{% endif %}\n"
    hook(nothing, legacy=legacy, list_all=(kube.Kind("v1", "ConfigMap", namespaced=True),))
    api.map("old", labels=KRH)
    api.map("theirs")
    writes()
    hook(nothing, legacy=legacy, list_all=(kube.Kind("v1", "ConfigMap", namespaced=True),))
    assert writes() == [("delete", "configmaps", "old")]


# What other managers have set.


def deployment(**more: Any) -> dict[str, Any]:
    obj = yaml.safe_load(DEPLOYMENT.replace("{{ model }}", "ml"))
    obj["metadata"]["labels"] = {"release": "istio"}
    (container,) = obj["spec"]["template"]["spec"]["containers"]
    container["image"] = "server:1"
    container["env"] = [{"name": "MODE", "value": "theirs"}, {"name": "OLD", "value": "1"}]
    container["args"] = ["--old"]
    return obj | more


ISTIOCTL = charmkit.Legacy(managers=("istio-operator",))


def test_fields_of_a_declared_manager_become_ours(hook: Hook, api: Api) -> None:
    path = DEPLOYMENTS.format("ml", "server")
    uid = api.apply(path, deployment(), "istio-operator")["metadata"]["uid"]
    hook(DEPLOYMENT, legacy=ISTIOCTL)
    found = api.get(path)
    assert found
    assert managers(found) == {("lightkube", "Apply")}
    assert found["metadata"]["uid"] == uid
    assert "release" not in found["metadata"]["labels"]
    (container,) = found["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "MODE", "value": "ours"}]
    assert container["image"] == "server:2"
    assert "args" not in container


def test_fields_written_without_apply_become_ours_too(hook: Hook, api: Api) -> None:
    path = MAPS.format("ml", "settings")
    api.map("settings", manager="someone")
    change = {"metadata": {"labels": {"old": "1"}}, "data": {"a": None, "b": "1"}}
    api.merge(path, change, "python-httpx")
    hook(SETTINGS, legacy=charmkit.Legacy(managers=("python-httpx",)))
    found = api.get(path)
    assert found
    assert found["data"] == {"mode": "ours"}
    assert "old" not in found["metadata"]["labels"]
    assert managers(found) == {("lightkube", "Apply")}


def test_fields_of_others_stay_theirs(hook: Hook, api: Api) -> None:
    path = DEPLOYMENTS.format("ml", "server")
    api.apply(path, deployment(), "istio-operator")
    api.merge(path, {"metadata": {"annotations": {"note": "mine"}}}, "kubectl")
    api.merge(path, {"spec": {"replicas": 3}}, "kubectl")
    hook(DEPLOYMENT, legacy=ISTIOCTL)
    found = api.get(path)
    assert found
    assert found["spec"]["replicas"] == 3
    assert found["metadata"]["annotations"]["note"] == "mine"
    assert managers(found) == {("lightkube", "Apply"), ("kubectl", "Update")}


def test_a_field_that_a_controller_has_changed_is_left_to_it(hook: Hook, api: Api) -> None:
    obj = yaml.safe_load(WEBHOOK)
    path = WEBHOOKS.format("", "validator")
    api.apply(path, obj, "istio-operator")
    body = [{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Fail"}]
    headers = {"content-type": "application/json-patch+json"}
    request = kubefake.Request(
        "PATCH", path, {"fieldManager": "pilot"}, headers, json.dumps(body).encode(), "pilot"
    )
    assert api.cluster.request(request).status == 200
    hook(WEBHOOK, legacy=ISTIOCTL)
    found = api.get(path)
    assert found
    assert found["webhooks"][0]["failurePolicy"] == "Fail"


def test_the_second_hook_writes_nothing_and_reads_each_kind_once(
    hook: Hook, api: Api, cluster: kubefake.Cluster
) -> None:
    api.apply(DEPLOYMENTS.format("ml", "server"), deployment(), "istio-operator")
    api.map("old", labels=KRH)
    api.map("listed", manager="istio-operator")
    legacy = charmkit.Legacy(
        ("istio-operator",), ("all",), (("v1", "ConfigMap", "{model}/listed"),)
    )
    templates = f"{SETTINGS}---{DEPLOYMENT}"
    hook(templates, legacy=legacy)
    assert api.maps() == {"settings", "zone"}
    seen = len(cluster.journal)
    hook(templates, legacy=legacy)
    asked = [(entry.verb, entry.resource) for entry in cluster.journal[seen:]]
    assert sorted(asked) == [("list", "configmaps"), ("list", "deployments")]


@pytest.mark.parametrize("dies_at", range(12))
def test_a_hook_that_dies_on_the_way_is_made_good(
    hook: Hook, api: Api, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    """After any request: the next hook ends where one that had lived would have."""
    api.apply(DEPLOYMENTS.format("ml", "server"), deployment(), "istio-operator")
    api.map("settings", labels=KRH)
    api.map("old", labels=KRH)
    api.map("listed", manager="istio-operator")
    legacy = charmkit.Legacy(
        ("istio-operator",), ("all",), (("v1", "ConfigMap", "{model}/listed"),)
    )
    templates = f"{SETTINGS}---{DEPLOYMENT}"
    with monkeypatch.context() as patch:
        calls, call = iter(range(99)), kube.Kube._call

        def dying(self: kube.Kube, *args: Any, **more: Any) -> Any:
            answer = call(self, *args, **more)
            if next(calls) == dies_at:
                raise charmkit.Blocked("it has died")
            return answer

        patch.setattr(kube.Kube, "_call", dying)
        assert hook(templates, legacy=legacy).message == "it has died"
    assert hook(templates, legacy=legacy).name == "active"
    assert api.maps() == {"settings", "zone"}
    found = api.get(DEPLOYMENTS.format("ml", "server"))
    assert found
    assert managers(found) == {("lightkube", "Apply")}
    assert "args" not in found["spec"]["template"]["spec"]["containers"][0]
