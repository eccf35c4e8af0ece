# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Katib and the training operator on a real API server that can't reach them."""

from __future__ import annotations

import json
import pathlib
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import yaml

from . import bundles, test_bundle
from .bundles import Cluster, Object, Run, eventually

pytestmark = pytest.mark.xdist_group("katib and training")
"""One deployment, of which the later tests take parts away."""

ROOT = pathlib.Path(__file__).parents[2]
MODEL = "platform"
PROFILE = {"katib.kubeflow.org/metrics-collector-injection": "enabled"}
EXPERIMENTS = "/apis/kubeflow.org/v1beta1/namespaces/alice/experiments"
JOBS = "/apis/kubeflow.org/v1/namespaces/alice/pytorchjobs"
LABELS: dict[str, Object] = {
    "a notebook": {"statefulset": "one", "notebook-name": "one"},
    "a step of a pipeline": {"workflows.argoproj.io/workflow": "one"},
    "a model server": {"serving.kserve.io/inferenceservice": "one"},
    "a pod of nobody": {},
}
"""What Kubeflow's controllers put on pods that are no trials."""

TRIALS: dict[str, Object] = {
    "a pod of a Job": {"batch.kubernetes.io/job-name": "one"},
    "a pod of a training job": {"training.kubeflow.org/job-name": "one"},
}
POD = {"spec": {"containers": [{"name": "main", "image": "nothing"}]}}
EXPERIMENT = {"apiVersion": "kubeflow.org/v1beta1", "kind": "Experiment", "spec": {}}
JOB = {
    "apiVersion": "kubeflow.org/v1",
    "kind": "PyTorchJob",
    "spec": {"pytorchReplicaSpecs": {"Master": {"template": POD}}},
}


@pytest.fixture(scope="module")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    with bundles.started(request) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def run(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The charms with two units each, and the namespace of a user."""
    path = tmp_path_factory.mktemp("katib") / "bundle.yaml"
    path.write_text(json.dumps(_bundle()))
    with cluster.deployed(2, bundle=path, model=MODEL) as run:
        run.assert_well()
        metadata = {"name": "alice", "labels": PROFILE}
        cluster.create("/api/v1/namespaces", {"metadata": metadata})
        account = "/api/v1/namespaces/alice/serviceaccounts/default"
        eventually(lambda: cluster.http.get(account).is_success)
        yield run


def _bundle() -> Object:
    """What the bundle has of Katib and training."""
    whole = yaml.safe_load((ROOT / "bundle.yaml").read_text())
    names = {name for name in whole["applications"] if name.startswith(("katib", "training"))}
    apps = {name: whole["applications"][name] for name in names - {"katib-ui"}}
    for app in apps.values():
        name = pathlib.Path(app["charm"]).stem
        app["charm"] = str(ROOT / "charms" / name) if "/" in app["charm"] else app["charm"]
    ends = [[end.partition(":")[0] for end in pair] for pair in whole["relations"]]
    pairs = zip(whole["relations"], ends, strict=True)
    return {
        "bundle": "kubernetes",
        "applications": apps,
        "relations": [pair for pair, end in pairs if set(end) <= set(apps)],
    }


def make_pod(cluster: Cluster, labels: Object) -> httpx2.Response:
    body = {**POD, "metadata": {"generateName": "any-", "labels": labels}}
    return cluster.http.post("/api/v1/namespaces/alice/pods", json=body, params={"dryRun": "All"})


def make(cluster: Cluster, path: str, obj: Object, **spec: Any) -> httpx2.Response:
    body = {**obj, "metadata": {"generateName": "any-"}, "spec": {**obj["spec"], **spec}}
    query = {"dryRun": "All", "fieldValidation": "Strict"}
    return cluster.http.post(path, json=body, params=query)


def test_the_server_takes_everything_without_a_warning(run: Run) -> None:
    assert not run.server.warnings


@pytest.mark.parametrize("labels", [*LABELS.values(), *TRIALS.values()], ids=[*LABELS, *TRIALS])
def test_pods_start_at_once_while_katib_is_down(
    cluster: Cluster, run: Run, labels: Object
) -> None:
    before = time.monotonic()
    assert make_pod(cluster, labels).is_success
    assert time.monotonic() - before < 10


def test_webhooks_trust_what_every_unit_serves(cluster: Cluster, run: Run) -> None:
    found = [
        configuration
        for kind in ("mutating", "validating")
        for configuration in cluster.items(
            f"/apis/admissionregistration.k8s.io/v1/{kind}webhookconfigurations"
        )
        if configuration["metadata"]["name"] == "katib.kubeflow.org"
    ]
    assert len(found) == 2
    units = run.model.app("katib-controller").units.values()
    assert len(units) == 2
    for unit in units:
        files = unit.containers["katib-controller"].files()
        certificate, key = files["/tmp/cert/tls.crt"], files["/tmp/cert/tls.key"]
        for webhook in (each for configuration in found for each in configuration["webhooks"]):
            alone = {"webhooks": [webhook]}
            assert test_bundle.shakes_hands(alone, certificate, key), webhook["name"]


def test_experiments_wait_while_katib_is_down(cluster: Cluster, run: Run) -> None:
    refused = make(cluster, EXPERIMENTS, EXPERIMENT)
    assert "failed calling webhook" in refused.text
    assert "defaulter.experiment.katib.kubeflow.org" in refused.text


def test_training_jobs_wait_while_the_operator_is_down(cluster: Cluster, run: Run) -> None:
    refused = make(cluster, JOBS, JOB)
    assert "failed calling webhook" in refused.text
    assert "validator.pytorchjob.training-operator.kubeflow.org" in refused.text


def test_pods_of_trials_alone_can_be_made_to_wait(cluster: Cluster, run: Run) -> None:
    run.model.configure("katib-controller", {"pod-webhook-failure-policy": "Fail"})
    run.model.settle()
    for labels in TRIALS.values():
        eventually(lambda labels=labels: not make_pod(cluster, labels).is_success)
        assert "failed calling webhook" in make_pod(cluster, labels).text
    for name, labels in LABELS.items():
        assert make_pod(cluster, labels).is_success, name


def test_the_operator_has_a_replica_for_each_unit(cluster: Cluster, run: Run) -> None:
    path = f"/apis/apps/v1/namespaces/{MODEL}/deployments/training-operator"
    assert cluster.get(path)["spec"]["replicas"] == 2


def test_the_certificate_of_the_operator_outlives_every_hook(cluster: Cluster, run: Run) -> None:
    path = f"/api/v1/namespaces/{MODEL}/secrets/training-operator-webhook-cert"
    cluster.merge(path, {"data": {"tls.key": "a2V5"}})
    run.model.configure("training-operator", {"controller-threads": 2})
    run.model.settle()
    run.pass_by()
    assert cluster.get(path)["data"] == {"tls.key": "a2V5"}


def test_removal_stops_nobody(cluster: Cluster, run: Run) -> None:
    for app in ("katib-controller", "training-operator"):
        run.model.remove_application(app)
    run.model.settle()
    assert not run.model.trace.failures()
    for labels in (*LABELS.values(), *TRIALS.values()):
        assert eventually(lambda labels=labels: make_pod(cluster, labels).is_success)
    assert eventually(lambda: make(cluster, EXPERIMENTS, EXPERIMENT).is_success)
    assert eventually(lambda: make(cluster, JOBS, JOB).is_success)


def test_definitions_that_stay_refuse_what_programs_could_not_decode(
    cluster: Cluster, run: Run
) -> None:
    """With the API server's own words."""
    refused = make(cluster, EXPERIMENTS, EXPERIMENT, maxTrialCount="3")
    assert refused.status_code == 422
    assert "spec.maxTrialCount" in refused.text
    template = {"spec": {"containers": [{"image": "nothing"}]}}
    refused = make(cluster, JOBS, JOB, pytorchReplicaSpecs={"Master": {"template": template}})
    assert refused.status_code == 422
    place = "spec.pytorchReplicaSpecs.Master.template.spec.containers[0].name"
    assert f"{place}: Required value" in refused.text


def test_the_queue_of_a_job_can_not_be_changed(cluster: Cluster, run: Run) -> None:
    policy = {"schedulingPolicy": {"queue": "one"}}
    body = {**JOB, "metadata": {"name": "queued"}, "spec": {**JOB["spec"], "runPolicy": policy}}
    cluster.create(JOBS, body)
    headers = {"content-type": "application/merge-patch+json"}
    patch = {"spec": {"runPolicy": {"schedulingPolicy": {"queue": "two"}}}}
    refused = cluster.http.patch(f"{JOBS}/queued", json=patch, headers=headers)
    assert refused.status_code == 422
    assert "spec.runPolicy.schedulingPolicy.queue is immutable" in refused.text


def test_the_workers_of_a_job_can_be_scaled(cluster: Cluster, run: Run) -> None:
    """As an autoscaler does."""
    roles = {"Worker": {"replicas": 1, "template": POD}}
    body = {**JOB, "metadata": {"name": "elastic"}, "spec": {"pytorchReplicaSpecs": roles}}
    cluster.create(JOBS, body)
    cluster.merge(f"{JOBS}/elastic/scale", {"spec": {"replicas": 3}})
    job = cluster.get(f"{JOBS}/elastic")
    assert job["spec"]["pytorchReplicaSpecs"]["Worker"]["replicas"] == 3
