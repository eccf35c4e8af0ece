# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Webhooks of our charms on a real API server that can't reach them: whom they stop."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator

import httpx2
import pytest
import yaml

from . import bundles, test_bundle
from .bundles import Cluster, Object, Run, eventually

pytestmark = pytest.mark.xdist_group("webhooks")
ROOT = pathlib.Path(__file__).parents[2]
WEBHOOKS = "/apis/admissionregistration.k8s.io/v1"
PROFILE = {"app.kubernetes.io/part-of": "kubeflow-profile"}
MODEL = "platform"
PAIRS = {
    "admission-webhook": ("/etc/webhook/certs/cert.pem", "/etc/webhook/certs/key.pem"),
    "pvcviewer-operator": (
        "/tmp/k8s-webhook-server/serving-certs/tls.crt",
        "/tmp/k8s-webhook-server/serving-certs/tls.key",
    ),
}
"""Certificate and key of each charm's webhook, in the container of its own name."""

POD_DEFAULTS = "/apis/kubeflow.org/v1alpha1/namespaces/alice/poddefaults"
SPEC: Object = {
    "selector": {"matchLabels": {"gpu": "true"}},
    "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
    "sidecars": [{"name": "s", "image": "i", "resources": {"limits": {"cpu": "1"}}}],
}
POD: Object = {
    "metadata": {"name": "any", "labels": {"any": "true"}},
    "spec": {"containers": [{"name": "main", "image": "nothing"}]},
}


@pytest.fixture(scope="module")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    with bundles.started(request) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def run(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The two charms with two units each, and namespaces of users and of others."""
    path = tmp_path_factory.mktemp("webhooks") / "bundle.yaml"
    apps = {name: _application(name) for name in PAIRS}
    path.write_text(json.dumps({"bundle": "kubernetes", "applications": apps}))
    with cluster.deployed(2, bundle=path, model=MODEL) as run:
        run.assert_well()
        for name, labels in {"alice": PROFILE, "others": {"app": "x"}}.items():
            cluster.create("/api/v1/namespaces", {"metadata": {"name": name, "labels": labels}})
            account = f"/api/v1/namespaces/{name}/serviceaccounts/default"
            eventually(lambda account=account: cluster.http.get(account).is_success)
        yield run


def _application(name: str) -> Object:
    directory = ROOT / "charms" / name
    meta = yaml.safe_load((directory / "charmcraft.yaml").read_text())
    images = {key: item["upstream-source"] for key, item in meta["resources"].items()}
    return {"charm": str(directory), "scale": 1, "trust": True, "resources": images}


def make_pod(cluster: Cluster, namespace: str) -> httpx2.Response:
    path = f"/api/v1/namespaces/{namespace}/pods"
    return cluster.http.post(path, json=POD, params={"dryRun": "All"})


def test_the_server_takes_everything_without_a_warning(run: Run) -> None:
    assert not run.server.warnings
    assert not [e for e in run.server.journal if e.status >= 400 and e.verb not in ("get", "list")]


def test_only_users_pods_wait(cluster: Cluster, run: Run) -> None:
    assert run.model.name == MODEL
    refused = make_pod(cluster, "alice")
    assert "failed calling webhook" in refused.text
    assert "admission-webhook.kubeflow.org" in refused.text
    for namespace in ("default", "kube-system", "others", MODEL):
        assert make_pod(cluster, namespace).is_success, namespace


def test_its_own_pods_never_wait(cluster: Cluster, run: Run) -> None:
    """Not even if somebody labels the model's namespace as a user's."""
    path = f"/api/v1/namespaces/{run.model.name}"
    cluster.merge(path, {"metadata": {"labels": PROFILE}})
    assert make_pod(cluster, run.model.name).is_success
    cluster.merge(path, {"metadata": {"labels": dict.fromkeys(PROFILE)}})


def test_pvcviewers_wait_and_can_be_deleted(cluster: Cluster, run: Run) -> None:
    """While nobody serves none can be made; what there is can go, with its namespace."""
    path = "/apis/kubeflow.org/v1alpha1/namespaces/alice/pvcviewers"
    viewer = {
        "apiVersion": "kubeflow.org/v1alpha1",
        "kind": "PVCViewer",
        "metadata": {"name": "one"},
        "spec": {"pvc": "work"},
    }
    refused = cluster.http.post(path, json=viewer)
    assert "failed calling webhook" in refused.text
    assert "mpvcviewer.kb.io" in refused.text
    for kind in ("mutating", "validating"):
        name = f"pvcviewer-{kind}-webhook-configuration"
        cluster.http.delete(f"{WEBHOOKS}/{kind}webhookconfigurations/{name}").raise_for_status()
    eventually(lambda: cluster.http.post(path, json=viewer).is_success)
    run.pass_by()
    eventually(lambda: "failed calling webhook" in cluster.http.post(path, json=viewer).text)
    cluster.http.delete(f"{path}/one").raise_for_status()
    assert cluster.http.get(f"{path}/one").status_code == 404


def make_pod_default(cluster: Cluster, name: str) -> httpx2.Response:
    body = {
        "apiVersion": "kubeflow.org/v1alpha1",
        "kind": "PodDefault",
        "metadata": {"name": name},
        "spec": SPEC,
    }
    return cluster.http.post(POD_DEFAULTS, json=body, params={"fieldValidation": "Strict"})


def test_pod_defaults_need_no_webhook(cluster: Cluster, run: Run) -> None:
    made = make_pod_default(cluster, "gpu")
    assert made.raise_for_status().json()["spec"] == SPEC


def test_the_configurations_trust_what_every_unit_serves(cluster: Cluster, run: Run) -> None:
    found = [
        *cluster.items(f"{WEBHOOKS}/mutatingwebhookconfigurations"),
        *cluster.items(f"{WEBHOOKS}/validatingwebhookconfigurations"),
    ]
    assert len(found) == 3
    for configuration in found:
        app = configuration["webhooks"][0]["clientConfig"]["service"]["name"]
        for unit in run.model.app(app).units.values():
            files = unit.containers[app].files()
            certificate, key = (files[path] for path in PAIRS[app])
            assert test_bundle.shakes_hands(configuration, certificate, key), unit.name


def test_removal_stops_nobody(cluster: Cluster, run: Run) -> None:
    make_pod_default(cluster, "kept").raise_for_status()
    for app in PAIRS:
        run.model.remove_application(app)
    run.model.settle()
    assert not run.model.trace.failures()
    assert eventually(lambda: make_pod(cluster, "alice").is_success)
    assert cluster.http.get(f"{POD_DEFAULTS}/kept").is_success
