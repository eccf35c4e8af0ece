# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A model over HTTP: the same requests as on a real API server, answered by the one in memory."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import jujusim
import kubefake
import lightkube
import pytest
from jujusim import real
from jujusim.real.lease import INVENTORY, LABEL
from jujusim.real.send import Transport
from jujusim.rights import CONTROLLER
from kubefake import rbac, transport
from lightkube import codecs, generic_resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap
from lightkube.resources.rbac_authorization_v1 import ClusterRole

KEEPER = "system:serviceaccount:ml:keeper"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles"


@pytest.fixture
def cluster() -> kubefake.Cluster:
    cluster = kubefake.Cluster()
    cluster.authorize = rbac.Authorizer(cluster)
    return cluster


@pytest.fixture
def http(cluster: kubefake.Cluster):
    carrier = transport.Transport(cluster)
    with httpx2.Client(base_url=transport.URL, transport=carrier) as client:
        yield client


def allow(cluster: kubefake.Cluster) -> None:
    """Let the account do everything, as Juju does with --trust."""
    role = {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": "cluster-admin",
    }
    subject = {"kind": "ServiceAccount", "name": "keeper", "namespace": "ml"}
    binding = {"kind": "ClusterRoleBinding", "roleRef": role, "subjects": [subject]}
    version = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "keeper"}}
    cluster.create({**version, **binding})


@pytest.fixture
def server(cluster: kubefake.Cluster, http: httpx2.Client):
    allow(cluster)
    claim = real.NamespaceLease(http, "ml", consent=True)
    with claim as server:
        # Nobody makes pods here.
        server.kubelet.timeout = 0
        yield server


def config(name: str = "one", namespace: str = "ml") -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace), data={"key": "value"})


def role(name: str) -> ClusterRole:
    return ClusterRole(metadata=ObjectMeta(name=name), rules=[])


def client(server: real.Server, user: str = KEEPER) -> lightkube.Client:
    with server.connected(user, "ml"):
        return lightkube.Client(field_manager="keeper")


def test_a_user_is_impersonated(server: real.Server):
    with server.connected("system:serviceaccount:ml:stranger", "ml"):
        stranger = lightkube.Client()
    with pytest.raises(lightkube.ApiError, match=r'"system:serviceaccount:ml:stranger" cannot'):
        stranger.get(ConfigMap, INVENTORY)
    assert client(server).get(ConfigMap, INVENTORY).data == {"outside": "[]"}


def test_only_what_changes_something_is_a_write(server: real.Server):
    charm = client(server)
    for _ in range(2):
        charm.apply(config())
    charm.list(ConfigMap)
    charm.delete(ConfigMap, "one")
    with pytest.raises(lightkube.ApiError):
        charm.delete(ConfigMap, "one")
    about = {"resource": "configmaps", "namespace": "ml", "name": "one"}
    assert server.writes(0, KEEPER) == [{"verb": "patch", **about}, {"verb": "delete", **about}]
    assert server.writes(server.position(), KEEPER) == []
    assert [entry.status for entry in server.journal if entry.verb == "delete"] == [200, 404]


def named(version: str, kind: str, name: str, spec: object, namespace: str = "") -> Any:
    where = {"namespace": namespace} if namespace else {}
    metadata = {"name": name, **where}
    return codecs.from_dict(
        {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}
    )


def test_warnings_are_kept_with_their_request(server: real.Server):
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [], "unknown": 1}}
    carrier = Transport(server.answer, CONTROLLER)
    with httpx2.Client(base_url=transport.URL, transport=carrier) as raw:
        raw.post("/api/v1/namespaces/ml/pods", json=pod, params={"fieldValidation": "Warn"})
    (warned,) = server.warnings
    assert (warned.entry.resource, warned.entry.name) == ("pods", "p")
    assert 'unknown field "spec.unknown"' in warned.text


def test_nothing_that_juju_makes_is_started(server: real.Server):
    controller = client(server, CONTROLLER)
    pod = {"containers": [{"name": "a", "image": "b"}]}
    made = controller.create(named("v1", "Pod", "p", pod, "ml"))
    assert made.spec.schedulerName == "ckf-preview"
    size = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    bound = controller.create(named("v1", "PersistentVolumeClaim", "c", size, "ml"))
    assert bound.spec.storageClassName == "ckf-preview"


def test_nothing_that_a_charm_makes_is_started(server: real.Server):
    charm = client(server)
    labels = {"app": "a"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "a", "image": "b"}]},
    }
    spec = {"selector": {"matchLabels": labels}, "template": template}
    made = charm.create(named("apps/v1", "Deployment", "d", spec, "ml"))
    assert made.spec.template.spec.schedulerName == "ckf-preview"
    once = {**template, "spec": {**template["spec"], "restartPolicy": "Never"}}
    job = {"schedule": "@daily", "jobTemplate": {"spec": {"template": once}}}
    made = charm.create(named("batch/v1", "CronJob", "c", job, "ml"))
    assert made.spec.jobTemplate.spec.template.spec.schedulerName == "ckf-preview"
    size = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claims = [{"metadata": {"name": "data"}, "spec": size}]
    spec = {**spec, "serviceName": "s", "volumeClaimTemplates": claims}
    made = charm.create(named("apps/v1", "StatefulSet", "s", spec, "ml"))
    assert made.spec.volumeClaimTemplates[0].spec.storageClassName == "ckf-preview"


def test_faults_are_injected_before_the_server(server: real.Server):
    wrong: list[int | Exception | None] = [429, httpx2.ReadTimeout("no answer"), None]
    server.interrupt(lambda user, _: wrong.pop(0) if user == KEEPER else None)
    charm = client(server)
    with pytest.raises(lightkube.ApiError) as refused:
        charm.get(ConfigMap, INVENTORY)
    assert refused.value.status.code == 429
    with pytest.raises(httpx2.ReadTimeout):
        charm.get(ConfigMap, INVENTORY)
    assert charm.get(ConfigMap, INVENTORY)


def test_definitions_may_be_late(server: real.Server, cluster: kubefake.Cluster):
    server.delay_definitions(2)
    schema = {"openAPIV3Schema": {"type": "object"}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    names = {"plural": "things", "kind": "Thing"}
    spec = {"group": "x.io", "scope": "Cluster", "names": names, "versions": [version]}
    kind = generic_resource.create_global_resource("x.io", "v1", "Thing", "things")
    charm = client(server)
    charm.create(named("apiextensions.k8s.io/v1", "CustomResourceDefinition", "things.x.io", spec))
    statuses = []
    for _ in range(3):
        try:
            list(charm.list(kind))
            statuses.append(200)
        except lightkube.ApiError as error:
            statuses.append(error.status.code)
    assert statuses == [404, 404, 200]


# What is not the preview's.


def test_what_is_there_already_is_never_changed(server: real.Server, cluster: kubefake.Cluster):
    kind = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
    before = cluster.create({**kind, "metadata": {"name": "others"}, "rules": []})
    charm = client(server)
    changed = role("others")
    changed.metadata.labels = {"mine": "now"}  # type: ignore[union-attr]
    for deed in (
        lambda: charm.apply(changed, force=True),
        lambda: charm.delete(ClusterRole, "others"),
        lambda: charm.deletecollection(ClusterRole),
    ):
        with pytest.raises(lightkube.ApiError, match="not sent to the cluster"):
            deed()
    assert cluster.object("ClusterRole", "others") == before
    charm.apply(role("own"))
    charm.apply(role("own"))
    charm.delete(ClusterRole, "own")
    assert not server.created


def test_without_consent_only_the_namespace_is_written(
    cluster: kubefake.Cluster, http: httpx2.Client
):
    allow(cluster)
    with real.NamespaceLease(http, "ml", consent=False) as server:
        client(server).apply(config())
        with pytest.raises(lightkube.ApiError, match="outside the namespace ml"):
            client(server).apply(role("own"))
        # Juju's own are checked and not made.
        client(server, CONTROLLER).apply(role("juju"))
        names = {each["metadata"]["name"] for each in cluster.objects("ClusterRole")}
        assert not names & {"own", "juju"}


def test_a_claim_gives_back_what_it_took(cluster: kubefake.Cluster, http: httpx2.Client):
    allow(cluster)
    before = {(obj["kind"], obj["metadata"]["name"]) for obj in cluster.objects()}

    def interrupted() -> None:
        with real.NamespaceLease(http, "ml", consent=True) as server:
            client(server).apply(config())
            client(server).apply(role("own"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert {(obj["kind"], obj["metadata"]["name"]) for obj in cluster.objects()} == before


def test_a_list_of_what_was_made_outlives_the_preview(
    cluster: kubefake.Cluster, http: httpx2.Client
):
    allow(cluster)
    with real.NamespaceLease(http, "ml", consent=True, keep=True) as server:
        client(server).apply(role("own"))
    kept = cluster.object("ConfigMap", INVENTORY, "ml")
    assert json.loads(kept["data"]["outside"]) == [f"{ROLES}/own"]
    again = real.NamespaceLease(http, "ml", consent=True)
    key = real.Key.parse(f"{ROLES}/own")
    assert again.conflicts([key, real.Key.parse(f"{ROLES}/view")]) == [
        real.Key.parse(f"{ROLES}/view")
    ]
    with again:
        assert not [each for each in cluster.objects("ClusterRole") if _name(each) == "own"]
    assert "ml" not in {_name(each) for each in cluster.objects("Namespace")}


def _name(obj) -> str:
    return obj["metadata"]["name"]


def test_what_is_older_than_the_namespace_is_not_removed(
    cluster: kubefake.Cluster, http: httpx2.Client
):
    kind = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
    cluster.create({**kind, "metadata": {"name": "older"}, "rules": []})
    with real.NamespaceLease(http, "ml", consent=True, keep=True):
        paths = json.dumps([f"{ROLES}/older"])
        headers = {"content-type": "application/merge-patch+json"}
        path = f"/api/v1/namespaces/ml/configmaps/{INVENTORY}"
        patch = json.dumps({"data": {"outside": paths}})
        http.patch(path, content=patch, headers=headers).raise_for_status()
    with real.NamespaceLease(http, "ml", consent=True):
        assert cluster.object("ClusterRole", "older")


def test_a_namespace_of_somebody_is_not_taken(cluster: kubefake.Cluster, http: httpx2.Client):
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ml"}})
    claim = real.NamespaceLease(http, "ml", consent=True)
    with pytest.raises(real.ClusterError, match="no preview has made it"), claim:
        pass
    assert LABEL not in cluster.object("Namespace", "ml")["metadata"].get("labels", {})


def test_a_model_runs_on_it(server: real.Server, cluster: kubefake.Cluster, charm):
    model = jujusim.Model("ml", cluster=server)
    model.deploy(charm("keeper"), "keeper", trust=True)
    model.settle()
    assert not model.trace.failures()
    assert {key.path for key, _ in server.everything()} >= {
        "/api/v1/namespaces/ml/pods/keeper-0",
        "/api/v1/namespaces/ml/serviceaccounts/keeper",
        f"{ROLES}/ml-keeper",
    }
    rules = cluster.object("ClusterRole", "ml-keeper")["rules"]
    assert rules == [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
