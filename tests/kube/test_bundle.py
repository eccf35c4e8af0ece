# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The whole bundle on a real API server: what it accepts, keeps, and gets back."""

from __future__ import annotations

import base64
import json
import pathlib
import random
import re
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from charmkit import _manifests as manifests
from ckf import preview
from jujusim.charm import CharmDir
from jujusim.cluster_backend import InMemory
from jujusim.real.access import USER_AGENT
from jujusim.real.lease import INVENTORY
from jujusim.real.send import Key

from . import bundles
from .bundles import APP, MODEL, REPORTED, Cluster, Object, Run, eventually, is_controllers

RBAC = "/apis/rbac.authorization.k8s.io/v1"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WEBHOOKS = "/apis/admissionregistration.k8s.io/v1"
PROFILES = "/apis/kubeflow.org/v1/profiles"
CONDITION = {
    "type": "example.com/Balanced",
    "status": "True",
    "reason": "Done",
    "message": "",
    "lastTransitionTime": "2025-01-01T00:00:00Z",
}
REPOSITORY = pathlib.Path(__file__).parents[2]
KEPT = ("CustomResourceDefinition", "Namespace", "PersistentVolumeClaim", "Profile")


WHOLE = pytest.mark.xdist_group("whole")
GATE = pytest.mark.xdist_group("gate")


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A cluster that a test may do anything to."""
    with bundles.started(request) as cluster:
        yield cluster


@WHOLE
def test_every_object_is_accepted_and_the_server_warns_of_none(run: Run) -> None:
    made = {obj["metadata"]["labels"][APP] for obj in run.objects().values() if is_charms(obj)}
    assert made >= {"dex-auth", "kubeflow-dashboard", "kubeflow-profiles", "kubeflow-roles"}
    assert not run.server.warnings
    # A list of a kind that was defined a moment ago may be asked to come again, and what a
    # published charm may have left need not be there. A kind that another charm defines is
    # written once that charm has been deployed.
    refused = {(e.verb, e.status) for e in run.server.journal if e.status >= 400}
    assert {verb for verb, _ in refused - {("get", 404), ("patch", 404)}} <= {"list"}


@WHOLE
def test_the_state_is_the_one_in_memory_object_by_object(run: Run) -> None:
    imitation = preview.prepare(run.deployment.request, granted=bundles.GRANTED)
    imitation.settle()
    here = in_memory(imitation)
    there = {path: obj for path, obj in run.objects().items() if not is_controllers(obj)}
    del there[f"/api/v1/namespaces/kubeflow/configmaps/{INVENTORY}"]
    # The cluster's own namespaces and roles are no part of the deployment.
    made = {path for path, obj in here.items() if not is_controllers(obj)}
    assert there.keys() == {path for path in made if "/kubeflow" in path or is_charms(here[path])}
    for path, obj in there.items():
        assert stable(obj) == stable(here[path]), path


@WHOLE
def test_passes_of_any_unit_leave_every_version_as_it_was(run: Run) -> None:
    before, position = run.versions(), run.server.position()
    run.pass_by()
    assert run.versions() == before
    run.elect_others()
    run.pass_by()
    # Whether a pod is ready may have followed the leader.
    assert without_pods(run.versions()) == without_pods(before)
    assert not run.written(position)


@WHOLE
def test_what_controllers_fill_in_is_left_alone(shared: Cluster, run: Run) -> None:
    for path, obj in run.objects().items():
        # Whose webhook has no server here.
        if is_charms(obj) and obj["kind"] != "ClusterServingRuntime":
            shared.merge(path, {"metadata": {"annotations": {"example.com/seen-by": "somebody"}}})
    shared.merge(
        "/api/v1/namespaces/kubeflow/services/dex-auth/status",
        {"status": {"conditions": [CONDITION]}},
    )
    shared.merge(
        f"{CRDS}/profiles.kubeflow.org/status",
        {"status": {"storedVersions": ["v1", "v1beta1"]}},
    )
    aggregated = shared.get(f"{RBAC}/clusterroles/kubeflow-view")
    assert aggregated["rules"], "the controller has filled in nothing"
    before, position = run.versions(), run.server.position()
    run.pass_by()
    assert run.versions() == before
    assert not run.written(position)


def test_a_life(cluster: Cluster) -> None:
    """Deployed with the recorded rights and with faults, disturbed, used and removed."""
    with cluster.deployed(faults=1, seed=4, granted=bundles.GRANTED) as run:
        run.assert_well()
        assert run.model.faults.log
        assert_passes_change_nothing(run)
        uids = make_user(cluster)
        assert_removal_in_any_order_leaves_nothing_else(cluster, run)
        assert not bundles.forbidden(run.server.journal)
    for path, uid in uids.items():
        assert cluster.get(path)["metadata"]["uid"] == uid
    assert nothing_blocks_pods(cluster)
    cluster.http.delete("/api/v1/namespaces/kubeflow").raise_for_status()
    assert eventually(lambda: cluster.http.get("/api/v1/namespaces/kubeflow").status_code == 404)


def assert_passes_change_nothing(run: Run) -> None:
    before = run.versions()
    run.pass_by()
    assert run.versions() == before


def make_user(cluster: Cluster) -> dict[str, str]:
    """A user with a profile, as the profile controller makes it; returns uids by path."""
    labels = {"app.kubernetes.io/part-of": "kubeflow-profile", "gate": "closed"}
    spec = {"owner": {"kind": "User", "name": "alice@example.com"}}
    profile: Object = {"apiVersion": "kubeflow.org/v1", "kind": "Profile", "spec": spec}
    made = [
        (PROFILES, {**profile, "metadata": {"name": "alice"}}),
        ("/api/v1/namespaces", {"metadata": {"name": "alice", "labels": labels}}),
        ("/api/v1/namespaces/alice/configmaps", {"metadata": {"name": "work"}}),
    ]
    uids = {}
    for path, obj in made:
        created = cluster.create(path, obj)
        uids[f"{path}/{created['metadata']['name']}"] = created["metadata"]["uid"]
    eventually(
        lambda: cluster.http.get("/api/v1/namespaces/alice/serviceaccounts/default").is_success
    )
    return uids


def assert_removal_in_any_order_leaves_nothing_else(cluster: Cluster, run: Run) -> None:
    run.pass_by()
    labels = cluster.get("/api/v1/namespaces/alice")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "privileged"
    apps = list(run.model.apps)
    random.Random(1).shuffle(apps)  # noqa: S311
    for app in apps:
        run.model.remove_application(app)
    run.model.settle()
    assert not run.model.apps
    failed = [record for record in run.model.trace if record.failed and not record.injected]
    assert not failed, f"{failed[0]}\n{failed[0].traceback}"
    assert not run.server.warnings
    left = run.objects()
    assert {obj["kind"] for obj in left.values() if is_charms(obj)} <= set(KEPT)
    # What deployments have made goes after them.
    assert eventually(lambda: not going(run))


# Parts of the bundle.


@pytest.fixture(scope="module")
def parts(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A cluster for tests of one charm, one after the other."""
    with bundles.started(request) as cluster:
        yield cluster


@GATE
def test_a_purge_takes_the_users_profiles_and_nothing_else(parts: Cluster, tmp_path: Any) -> None:
    images = {"kfam-image": "example.com/kfam", "profile-image": "example.com/profiles"}
    charm = f"{REPOSITORY}/charms/kubeflow-profiles"
    app = {"charm": charm, "scale": 1, "trust": True, "resources": images}
    with parts.deployed(bundle=bundle_of(tmp_path, "kubeflow-profiles", app)) as run:
        run.assert_well()
        make_user(parts)
        refused = run.model.run_action("kubeflow-profiles/0", "purge", {"confirm": "no"})
        assert refused.status == "failed"
        assert parts.get(f"{PROFILES}/alice")
        done = run.model.run_action("kubeflow-profiles/0", "purge", {"confirm": "kubeflow"})
        assert done.status == "completed"
        assert eventually(
            lambda: parts.http.get(f"{CRDS}/profiles.kubeflow.org").status_code == 404
        )
        assert parts.get("/api/v1/namespaces/alice/configmaps/work")


@GATE
def test_drift_is_repaired(parts: Cluster, tmp_path: pathlib.Path) -> None:
    role = f"{RBAC}/clusterroles/dex-auth"
    with parts.deployed(bundle=alone(tmp_path, "dex-auth"), model="drift") as run:
        run.assert_well()
        wanted = parts.get(role)["rules"]
        parts.merge(role, {"rules": []})
        for name, model in (("left", "drift"), ("others", "another")):
            labels = {APP: "dex-auth", MODEL: model}
            parts.create(f"{RBAC}/clusterroles", {"metadata": {"name": name, "labels": labels}})
        run.pass_by()
        assert parts.get(role)["rules"] == wanted
        assert parts.http.get(f"{RBAC}/clusterroles/left").status_code == 404
        assert parts.http.get(f"{RBAC}/clusterroles/others").status_code == 200


@GATE
def test_what_is_no_longer_wanted_goes(parts: Cluster, tmp_path: pathlib.Path) -> None:
    """The charm's neighbours are missing, which its ConfigMap does not wait for."""
    with parts.deployed(bundle=alone(tmp_path, "kubeflow-dashboard"), model="names") as run:
        maps = "/api/v1/namespaces/names/configmaps"
        assert parts.get(f"{maps}/centraldashboard-config")
        run.model.configure("kubeflow-dashboard", {"dashboard-configmap": "links"})
        run.model.settle()
        assert parts.http.get(f"{maps}/centraldashboard-config").status_code == 404
        assert parts.get(f"{maps}/links")["data"]["links"]


def alone(folder: pathlib.Path, name: str) -> pathlib.Path:
    """A bundle of one of our charms, which Juju trusts."""
    charm = CharmDir.load(REPOSITORY / "charms" / name)
    images = dict.fromkeys(charm.meta["resources"], "example.com/image")
    app = {"charm": str(charm.root), "scale": 1, "trust": True, "resources": images}
    return bundle_of(folder, name, app)


def bundle_of(folder: pathlib.Path, name: str, app: Object) -> pathlib.Path:
    """A bundle of one application, which is related to nothing."""
    path = folder / "bundle.yaml"
    path.write_text(json.dumps({"bundle": "kubernetes", "applications": {name: app}}))
    return path


# Webhooks.


@pytest.fixture(scope="module")
def gate(parts: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A bundle of the charm that has webhooks; the last test removes it."""
    charm = f"{REPOSITORY}/tests/kube/charms/gate"
    app = {"charm": charm, "scale": 2, "trust": True, "resources": {"oci-image": "example.com/x"}}
    bundle = bundle_of(tmp_path_factory.mktemp("gate"), "gate", app)
    with parts.deployed(2, bundle=bundle, model="closed") as run:
        run.assert_well()
        yield run


@GATE
def test_a_webhooks_authority_verifies_what_its_workload_serves(parts: Cluster, gate: Run) -> None:
    own = parts.get(f"{WEBHOOKS}/validatingwebhookconfigurations/gate-own")
    assert not gate.server.warnings
    for unit in gate.model.units.values():
        files = unit.containers["gate"].files()
        assert shakes_hands(own, files["/certs/tls.crt"], files["/certs/tls.key"])
    # What is not that authority's is not trusted.
    stranger = {**own, "webhooks": [{**own["webhooks"][0]}]}
    stranger["webhooks"][0]["clientConfig"] = {
        **own["webhooks"][0]["clientConfig"],
        "caBundle": base64.b64encode(parts.plane.ca.read_bytes()).decode(),
    }
    files = gate.model.unit("gate/0").containers["gate"].files()
    assert not shakes_hands(stranger, files["/certs/tls.crt"], files["/certs/tls.key"])


@GATE
def test_an_authority_that_a_controller_fills_in_is_left_alone(parts: Cluster, gate: Run) -> None:
    path = f"{WEBHOOKS}/mutatingwebhookconfigurations/gate-filled"
    filled = base64.b64encode(parts.plane.ca.read_bytes()).decode()
    operation = {"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": filled}
    headers = {"content-type": "application/json-patch+json"}
    patch = json.dumps([operation])
    parts.http.patch(path, content=patch, headers=headers).raise_for_status()
    before = gate.versions()
    gate.pass_by()
    gate.elect_others()
    gate.pass_by()
    assert without_pods(gate.versions()) == without_pods(before)
    assert parts.get(path)["webhooks"][0]["clientConfig"]["caBundle"] == filled


@GATE
def test_a_webhook_goes_with_its_application_and_blocks_no_pod(parts: Cluster, gate: Run) -> None:
    # The namespace of a user: this one may be there already.
    labels = {"gate": "closed"}
    parts.http.post("/api/v1/namespaces", json={"metadata": {"name": "alice", "labels": labels}})
    account = "/api/v1/namespaces/alice/serviceaccounts/default"
    eventually(lambda: parts.http.get(account).is_success)
    assert not nothing_blocks_pods(parts), "the webhook has no server here, and must block"
    gate.model.remove_application("gate")
    gate.model.settle()
    assert not gate.model.trace.failures()
    assert eventually(lambda: nothing_blocks_pods(parts))
    for kind in ("validating", "mutating"):
        assert not parts.items(f"{WEBHOOKS}/{kind}webhookconfigurations")


# What is looked at.


def is_charms(obj: Object) -> bool:
    return APP in (obj["metadata"].get("labels") or {})


def going(run: Run) -> list[str]:
    """What is to be deleted, and what has lost its owner."""
    return [
        path
        for path, obj in run.objects().items()
        if is_controllers(obj) or "deletionTimestamp" in obj["metadata"]
    ]


def without_pods(versions: dict[str, str]) -> dict[str, str]:
    return {path: version for path, version in versions.items() if "/pods/" not in path}


def in_memory(deployment: preview.Deployment) -> dict[str, Object]:
    backend = deployment.model.backend
    assert isinstance(backend, InMemory)
    found = {}
    for (group, plural), (namespace, name), stored in backend.cluster.store.everything():
        version = stored.obj["apiVersion"].rpartition("/")[2]
        found[Key(group, version, plural, namespace, name).path] = stored.obj
    return found


UID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


NOT_COMPARED = (USER_AGENT, "kube-controller-manager", "clusterrole-aggregation-controller")
"""The last one writes a role's rules only where they differ from what is there."""


def stable(obj: Object) -> Object:
    """An object without what no two clusters have in common."""
    if obj["metadata"]["name"].endswith(".k8s.io"):
        # Kubernetes' own groups: the server says of their definitions whether they are approved.
        kept = {key: value for key, value in obj.items() if key != "status"}
        obj = {**kept, "metadata": {**obj["metadata"], "managedFields": []}}
    metadata = {
        key: value
        for key, value in obj["metadata"].items()
        if key not in ("creationTimestamp", "resourceVersion", "uid")
    }
    owners = [
        {key: value for key, value in owner.items() if key != "time"}
        for owner in metadata.pop("managedFields", ())
        if owner["manager"] not in NOT_COMPARED
    ]
    owners.sort(key=lambda owner: json.dumps(owner, sort_keys=True))
    labels = {
        key: value
        for key, value in metadata.pop("labels", {}).items()
        if key != "charmed-kubeflow.io/preview"
    }
    annotations = metadata.get("annotations", {})
    annotations.pop("deployment.kubernetes.io/revision", None)
    if "webhooks" in obj or "ownerReferences" in metadata:
        # The digest is of a manifest with a certificate that is made anew each time, or with the
        # id of the model's Namespace.
        annotations.pop(manifests.APPLIED_ANNOTATION, None)
    text = json.dumps({**obj, "metadata": {**metadata, "labels": labels}, "owners": owners})
    text = re.sub(UID, "<uid>", text)
    text = re.sub(r'"(10\.\d+\.\d+\.\d+)"', '"<address>"', text)
    text = re.sub(r'"\d{4}-\d\d-\d\dT[\d:]+Z"', '"<time>"', text)
    text = re.sub(r'(?<="caBundle": )"[^"]*"', '"<certificate>"', text)
    text = re.sub(r'"-----BEGIN CERTIFICATE-----[^"]*"', '"<certificate>"', text)
    content: Object = json.loads(re.sub(r'"nodePort": \d+', '"nodePort": "<port>"', text))
    if obj["kind"] in REPORTED:
        content.pop("status", None)
    if obj["kind"] in ("Pod", "PersistentVolumeClaim"):
        # The preview sees to it that nothing is started for them: see jujusim.real.kubelet.
        del content["owners"], content["status"]
        content["spec"] = {
            key: value
            for key, value in content["spec"].items()
            if key not in ("schedulerName", "storageClassName")
        }
    return content


def nothing_blocks_pods(cluster: Cluster) -> bool:
    """Whether a pod may be made in the user's namespace."""
    container = {"name": "main", "image": "nothing"}
    pod = {"metadata": {"name": "any"}, "spec": {"containers": [container]}}
    path = "/api/v1/namespaces/alice/pods"
    answer = cluster.http.post(path, json=pod, params={"dryRun": "All"})
    return answer.is_success


def shakes_hands(configuration: Object, certificate: str | bytes, key: str | bytes) -> bool:
    """Whether a client that trusts what the API server is told to trust accepts the server."""
    (webhook,) = configuration["webhooks"]
    asked = webhook["clientConfig"]
    service = asked["service"]
    trusted = ssl.create_default_context(cadata=base64.b64decode(asked["caBundle"]).decode())
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    load_pair(serving, certificate, key)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    name = f"{service['name']}.{service['namespace']}.svc"
    client = trusted.wrap_bio(to_client, to_server, server_hostname=name)
    server = serving.wrap_bio(to_server, to_client, server_side=True)
    try:
        for _ in range(4):
            for side in (client, server):
                try_step(side)
    except ssl.SSLCertVerificationError:
        return False
    return client.cipher() is not None and client.getpeercert() is not None


def try_step(side: ssl.SSLObject) -> None:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return


def load_pair(context: ssl.SSLContext, certificate: str | bytes, key: str | bytes) -> None:
    """OpenSSL reads a key from a file only."""
    import pathlib
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "pair.pem"
        parts = [part if isinstance(part, bytes) else part.encode() for part in (certificate, key)]
        path.write_bytes(b"".join(parts))
        context.load_cert_chain(path)
