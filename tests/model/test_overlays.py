# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What overlays add works beside the platform, and leaves nothing behind."""

from __future__ import annotations

import base64
import json
import pathlib

import jujusim
import pytest
import yaml
from ckf import bundle as bundles

from . import deployment, mlflow

pytestmark = pytest.mark.xdist_group("overlays")
"""One deployment, and what destroys it comes last."""

OVERLAYS = ("cos", "cos-collector", "mlflow")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> jujusim.Model:
    """The bundle with all overlays at once: a deployment is too slow for one each."""
    folder = tmp_path_factory.mktemp("overlays")
    related: list[list[str]] = []
    for name in OVERLAYS:
        overlay = yaml.safe_load(pathlib.Path(f"overlays/{name}.yaml").read_text())
        # Juju takes no relation twice.
        overlay["relations"] = [ends for ends in overlay["relations"] if ends not in related]
        related += overlay["relations"]
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(overlay))
    model = deployment.deploy(overlays=tuple(folder / f"{name}.yaml" for name in OVERLAYS))
    deployment.assert_well(model)
    return model


def added(overlay: str) -> list[str]:
    whole = bundles.load("bundle.yaml", [f"overlays/{overlay}.yaml"])
    return [app for app in whole.applications if app not in deployment.applications()]


def test_prometheus_and_the_collector_scrape_the_same(model: jujusim.Model) -> None:
    config = yaml.safe_load(
        mlflow.text(model, "prometheus/0", "prometheus", "/etc/prometheus/prometheus.yml")
    )
    collector = yaml.safe_load(
        mlflow.text(model, "otelcol/0", "otelcol", "/etc/otelcol/config.yaml")
    )
    theirs = collector["receivers"]["prometheus"]["config"]["scrape_configs"]
    assert targets(config["scrape_configs"]) == targets(theirs)
    assert len(targets(theirs)) > 20


def targets(jobs: list[dict[str, object]]) -> list[str]:
    return sorted(json.dumps([job["metrics_path"], job["static_configs"]]) for job in jobs)


def test_logs_go_to_both_until_one_is_removed(model: jujusim.Model) -> None:
    plan = model.units["dex-auth/0"].containers["dex"].plan()
    urls = {target["location"] for target in plan["log-targets"].values()}
    assert {url.partition("//")[2].partition("-0")[0] for url in urls} == {"loki", "otelcol"}


# --- MLflow ---

MINE = {
    ("Secret", "mlflow-server-minio-artifact"),
    ("Secret", "mlflow-server-seldon-rclone-secret"),
    ("PodDefault", "mlflow-server-access-minio"),
    ("PodDefault", "mlflow-server-minio"),
}


@pytest.fixture(scope="module")
def alice(model: jujusim.Model) -> None:
    """A profile's namespace, and a namespace that is none."""
    cluster = deployment.cluster(model)
    cluster.install("", "namespaces", {"metadata": {"name": "alice", "labels": mlflow.PROFILE}})
    cluster.install("", "namespaces", {"metadata": {"name": "nobody"}})


def test_every_profile_and_only_a_profile_has_what_mlflows_client_needs(
    model: jujusim.Model, alice: None
) -> None:
    assert set(mlflow.dispatched(model, "alice")) == MINE
    assert not mlflow.dispatched(model, "nobody")


def test_a_notebook_with_both_labels_has_the_variables_and_another_has_none(
    model: jujusim.Model, alice: None
) -> None:
    objects = mlflow.dispatched(model, "alice")
    defaults = [each for (kind, _), each in objects.items() if kind == "PodDefault"]
    assert mlflow.environment(mlflow.NOTEBOOK, defaults) == {
        "AWS_ACCESS_KEY_ID": "mlflow-server-minio-artifact/AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY": "mlflow-server-minio-artifact/AWS_SECRET_ACCESS_KEY",
        "MINIO_ENDPOINT_URL": "http://minio.kubeflow:9000",
        "MLFLOW_S3_ENDPOINT_URL": "http://minio.kubeflow:9000",
        "MLFLOW_TRACKING_URI": "http://mlflow-server.kubeflow.svc.cluster.local:5000",
    }
    assert mlflow.environment({}, defaults) == {}
    keys = objects["Secret", "mlflow-server-minio-artifact"]["data"]
    assert base64.b64decode(keys["AWS_SECRET_ACCESS_KEY"]).decode() in model.secret_values()


def test_model_servers_of_every_profile_reach_the_models_that_mlflow_keeps(
    model: jujusim.Model, alice: None
) -> None:
    objects = mlflow.dispatched(model, "alice", "kserve")
    secrets = {name: each for (kind, name), each in objects.items() if kind == "Secret"}
    ((name, secret),) = secrets.items()
    (account,) = [each for (kind, _), each in objects.items() if kind == "ServiceAccount"]
    assert {"name": name} in account["secrets"]
    annotations = secret["metadata"]["annotations"]
    assert annotations["serving.kserve.io/s3-endpoint"] == "minio.kubeflow:9000"
    keys = mlflow.dispatched(model, "alice")["Secret", "mlflow-server-minio-artifact"]["data"]
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        assert secret["data"][key] == keys[key]
    assert not mlflow.dispatched(model, "nobody", "kserve")


def test_mlflow_is_behind_the_gateway_and_in_the_menu(model: jujusim.Model) -> None:
    http, redirect = mlflow.routes(model)
    assert http["match"] == [{"uri": {"prefix": "/mlflow/"}}]
    (target,) = http["route"]
    assert target["destination"]["host"] == "mlflow-server.kubeflow.svc.cluster.local"
    assert redirect == {
        "match": [{"uri": {"exact": "/mlflow"}}],
        "redirect": {"uri": "/mlflow/"},
    }
    links = next(
        each
        for name, each in deployment.objects(model).items()
        if name.startswith("ConfigMap/") and "external" in each.get("data", {}).get("links", "")
    )
    assert '"/mlflow/"' in links["data"]["links"]


def test_no_port_of_the_nodes_leads_round_the_gateway() -> None:
    overlay = yaml.safe_load(pathlib.Path("overlays/mlflow.yaml").read_text())
    options = overlay["applications"]["mlflow-server"]["options"]
    assert options["enable_mlflow_nodeport"] is False


# --- without them ---


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_without_the_overlays_applications_the_platform_is_active(
    model: jujusim.Model, overlay: str
) -> None:
    for app in added(overlay):
        model.remove_application(app)
    model.settle()
    assert not set(added(overlay)) & set(model.apps)
    deployment.assert_well(model)


def test_nothing_of_the_overlays_is_left(model: jujusim.Model) -> None:
    gone = {app for name in OVERLAYS for app in added(name)}
    assert set(model.apps) == set(deployment.applications())
    left = [name for name in deployment.objects(model) if name.split("/")[-1] in gone]
    assert not left
    for unit in model.units.values():
        for pebble in unit.containers.values():
            targets = pebble.plan().get("log-targets", {})
            assert all(target["services"] == ["-all"] for target in targets.values())


def test_nothing_of_mlflow_is_left_in_profiles(model: jujusim.Model, alice: None) -> None:
    assert not mlflow.dispatched(model, "alice")
    assert not [name for name in deployment.objects(model) if "mlflow" in name]
