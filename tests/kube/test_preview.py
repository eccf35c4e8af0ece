# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf preview --kube` on somebody's cluster: it takes a namespace and gives it back."""

from __future__ import annotations

import json
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import yaml
from ckf import cli, controlplane
from jujusim.real.lease import INVENTORY, LABEL

from . import bundles
from .bundles import Cluster, Object, eventually

RBAC = "/apis/rbac.authorization.k8s.io/v1"
LISTED = (
    "/api/v1/namespaces",
    f"{RBAC}/clusterroles",
    f"{RBAC}/clusterrolebindings",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
)
MINIO = """
bundle: kubernetes
applications:
  minio:
    charm: {repository}/build/minio.charm
    scale: 1
    resources: {{oci-image: example.com/minio}}
"""
REACHING = """
bundle: kubernetes
applications:
  kubeflow-profiles:
    charm: {repository}/build/kubeflow-profiles.charm
    scale: 1
    trust: true
    resources: {{kfam-image: example.com/kfam, profile-image: example.com/profiles}}
  kubeflow-roles:
    charm: {repository}/build/kubeflow-roles.charm
    scale: 1
    trust: true
"""
"""A bundle that makes definitions and roles of the whole cluster."""

EVERYWHERE = (
    "admission-webhook",
    "istio-ingressgateway",
    "istio-pilot",
    "kubeflow-profiles",
    "kubeflow-roles",
    "metacontroller-operator",
    "minio",
    "pvcviewer-operator",
    "training-operator",
)
NO_BALANCER = ("--config", "istio-ingressgateway.gateway_service_type=NodePort")
REPOSITORY = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A cluster that is not the previews' own, with something in it."""
    with bundles.started(request) as cluster:
        cluster.create("/api/v1/namespaces", {"metadata": {"name": "somebodys"}})
        cluster.create("/api/v1/namespaces/somebodys/configmaps", {"metadata": {"name": "work"}})
        yield cluster


def everything(cluster: Cluster) -> dict[str, str]:
    """The version of each object that is the whole cluster's, and of what lies in `somebodys`."""
    maps = "/api/v1/namespaces/somebodys/configmaps"
    return {
        f"{path}/{item['metadata']['name']}": version(item)
        for path in (*LISTED, maps)
        for item in cluster.items(path)
    }


def version(item: Object) -> str:
    """What changes with an object; aggregated roles are written whenever a part comes or goes."""
    aggregated = "aggregationRule" in item
    return json.dumps(item["rules"]) if aggregated else str(item["metadata"]["resourceVersion"])


def settled(cluster: Cluster) -> dict[str, str]:
    """What there is, once a server that has just started has filled in its own roles."""

    def unchanging() -> dict[str, str]:
        found = everything(cluster)
        time.sleep(1)
        return found if everything(cluster) == found else {}

    return eventually(unchanging)


def assert_unchanged(cluster: Cluster, before: dict[str, str]) -> None:
    """All is as it was, once the controllers have seen what has gone."""
    eventually(lambda: everything(cluster) == before)


@pytest.fixture
def minio(tmp_path: pathlib.Path) -> str:
    path = tmp_path / "bundle.yaml"
    path.write_text(MINIO.format(repository=REPOSITORY))
    return str(path)


@pytest.fixture
def everywhere(tmp_path: pathlib.Path) -> str:
    """Those of the bundle who make objects of each kind that is the whole cluster's."""
    text = (REPOSITORY / "bundle.yaml").read_text().replace("./build/", f"{REPOSITORY}/build/")
    bundle = yaml.safe_load(text)
    bundle["applications"] = {name: bundle["applications"][name] for name in EVERYWHERE}
    bundle["applications"]["istio-pilot"]["options"] = {"authentication": "while-related"}
    bundle["relations"] = [["istio-pilot:istio-pilot", "istio-ingressgateway:istio-pilot"]]
    path = tmp_path / "everywhere.yaml"
    path.write_text(yaml.safe_dump(bundle))
    return str(path)


@pytest.fixture
def reaching(tmp_path: pathlib.Path) -> str:
    path = tmp_path / "reaching.yaml"
    path.write_text(REACHING.format(repository=REPOSITORY))
    return str(path)


def preview(cluster: Cluster, *words: str) -> int:
    return cli.main(["preview", *words, "--kube", str(cluster.plane.kubeconfig)])


def test_a_bundle_that_reaches_everywhere_leaves_the_cluster_as_it_was(
    cluster: Cluster, everywhere: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = settled(cluster)
    assert preview(cluster, everywhere, "--yes", "--model", "everywhere", *NO_BALANCER) == 0
    assert "applications are active" in capsys.readouterr().out
    assert_unchanged(cluster, before)


def test_without_consent_nothing_outside_the_namespace_is_touched(
    cluster: Cluster, minio: str, reaching: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = settled(cluster)
    assert preview(cluster, reaching) == 2
    said = capsys.readouterr()
    assert "kubeflow-profiles" in said.err
    assert "--yes" in said.err
    assert not said.out
    assert_unchanged(cluster, before)
    # A bundle that stays inside needs none.
    assert preview(cluster, minio, "--keep", "--model", "alone") == 0
    made = everything(cluster).keys() - before.keys()
    assert made == {"/api/v1/namespaces/alone"}
    assert preview(cluster, minio, "--model", "alone") == 0
    assert_unchanged(cluster, before)


def test_what_a_preview_has_not_made_is_not_taken(
    cluster: Cluster, minio: str, reaching: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = settled(cluster)
    assert preview(cluster, minio, "--model", "somebodys") == 2
    assert "no preview has made it" in capsys.readouterr().err
    role = cluster.create(f"{RBAC}/clusterroles", {"metadata": {"name": "kubeflow-admin"}})
    try:
        assert preview(cluster, reaching, "--yes", "--model", "other") == 2
        said = capsys.readouterr().err
        assert "clusterroles.rbac.authorization.k8s.io kubeflow-admin" in said
        after = everything(cluster)
        assert (
            after.pop(f"{RBAC}/clusterroles/kubeflow-admin") == role["metadata"]["resourceVersion"]
        )
        assert after == before
    finally:
        cluster.http.delete(f"{RBAC}/clusterroles/kubeflow-admin").raise_for_status()


def test_what_is_kept_is_listed_and_goes_with_the_next_preview(
    cluster: Cluster, reaching: str
) -> None:
    before = settled(cluster)
    assert preview(cluster, reaching, "--yes", "--keep", "--model", "kept") == 0
    space = cluster.get("/api/v1/namespaces/kept")
    assert space["metadata"]["labels"][LABEL] == "true"
    listed = cluster.get(f"/api/v1/namespaces/kept/configmaps/{INVENTORY}")["data"]["outside"]
    made = everything(cluster).keys() - before.keys() - {"/api/v1/namespaces/kept"}
    assert made
    assert all(f'"{path}"' in listed for path in made)
    assert preview(cluster, reaching, "--yes", "--model", "kept") == 0
    assert_unchanged(cluster, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_preview_removes_what_it_has_made(
    cluster: Cluster, reaching: str, number: signal.Signals
) -> None:
    before = settled(cluster)
    words = ["preview", reaching, "--yes", "--model", "broken-off"]
    words += ["--kube", str(cluster.plane.kubeconfig)]
    command = [sys.executable, "-c", "import sys; from ckf import cli; sys.exit(cli.main())"]
    with subprocess.Popen([*command, *words], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        for _ in process.stderr:
            if everything(cluster) != before:
                break
        process.send_signal(number)
        rest = process.stderr.read()
    assert process.returncode == 130, rest
    assert_unchanged(cluster, before)


@pytest.mark.usefixtures("cluster")
def test_a_preview_may_have_a_control_plane_of_its_own(
    minio: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["preview", minio, "--kube", "envtest", "--rbac"]) == 0
    said = capsys.readouterr().out
    assert "active" in said
    assert "Workload rights" in said
    assert cli.main(["preview", minio, "--kube", "envtest", "--keep"]) == 2
    assert "envtest ends with the preview" in capsys.readouterr().err


def test_where_none_is_built_one_sentence_says_how_to_get_it(
    minio: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(controlplane, "assets", lambda: None)
    assert cli.main(["preview", minio, "--kube", "envtest"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "make controlplane" in line


def test_a_kubeconfig_that_leads_nowhere_is_wrong_input(
    minio: str, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["preview", minio, "--kube", str(tmp_path / "none")]) == 2
    broken = tmp_path / "broken"
    broken.write_text("clusters: [")
    assert cli.main(["preview", minio, "--kube", str(broken)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize("option", ["--yes", "--keep"])
def test_options_of_a_cluster_need_one(
    option: str, minio: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["preview", minio, option]) == 2
    assert "goes with --kube" in capsys.readouterr().err
