# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""KServe's storage initializer downloads a model with what profiles get, and nothing else."""

from __future__ import annotations

import base64
import json
import pathlib
import tempfile
from collections.abc import Iterator
from typing import Any

import jujusim
import pytest
from charmkit import x509

from ..kube.bundles import eventually
from ..model import deployment, mlflow
from . import cluster, container, kserve_webhook, s3_server, web
from .container import Program, lay_out

APP, HOST, BUCKET, USER = "kserve-controller", "minio.kubeflow", "models", 584792
APPS = (
    *("istio-ingressgateway", "istio-pilot", APP, "minio", "dex-auth", "oidc-gatekeeper"),
    *("admission-webhook", "metacontroller-operator", "resource-dispatcher"),
)
OBJECTS = {"iris/model.joblib": b"weights", "iris/more/notes": b"read me", "other": b"no"}
SCRIPT = "import sys; from kserve.storage import Storage; Storage.download(*sys.argv[1:])"
CA = x509.new_ca("private")
PAIR = x509.new_certificate(CA, [HOST])


@pytest.fixture(scope="module")
def model() -> jujusim.Model:
    """Models, MinIO with a certificate of a private authority, and a profile of alice's."""
    cluster.program("storage-initializer")
    encoded = {
        "ssl-cert": base64.b64encode(PAIR.certificate.encode()).decode(),
        "ssl-key": base64.b64encode(PAIR.key.encode()).decode(),
    }
    serving = {"deployment-mode": "rawdeployment", "ca-certificates": CA.certificate}
    model = deployment.deploy(only=APPS, config={"minio": encoded, APP: serving})
    for endpoint in ("secrets", "service-accounts"):
        model.integrate(f"{APP}:{endpoint}", f"resource-dispatcher:{endpoint}")
    model.integrate(f"{APP}:object-storage", "minio:object-storage")
    model.settle()
    deployment.assert_well(model)
    namespace = {"metadata": {"name": "alice", "labels": mlflow.PROFILE}}
    deployment.cluster(model).install("", "namespaces", namespace)
    return model


@pytest.fixture
def root() -> Iterator[pathlib.Path]:
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder, "root")
        root.mkdir()
        pathlib.Path(folder).chmod(0o755)
        lay_out(root, {}, {HOST: "127.0.0.1"})
        volume = root / "mnt/models"
        volume.mkdir(parents=True)
        volume.chmod(0o777)  # an emptyDir
        yield root


def section(model: jujusim.Model, name: str) -> dict[str, Any]:
    """A section of KServe's configuration."""
    found = deployment.objects(model)["ConfigMap/kubeflow/inferenceservice-config"]
    return json.loads(found["data"][name])


def environment(model: jujusim.Model, root: pathlib.Path) -> dict[str, str]:
    """The variables of a pod of alice's with the account; its mount is made."""
    objects = mlflow.dispatched(model, "alice", APP)
    (named,) = objects["ServiceAccount", f"{APP}-s3"]["secrets"]
    settings = section(model, "storageInitializer")
    trusted = kserve_webhook.authorities(settings)
    if trusted:
        source = f"ConfigMap/kubeflow/{settings['caBundleConfigMapName']}"
        folder = root / settings["caBundleVolumeMountPath"].lstrip("/")
        folder.mkdir(parents=True)
        for name, content in deployment.objects(model)[source]["data"].items():
            (folder / name).write_text(content)
    secret = objects["Secret", named["name"]]
    return kserve_webhook.credentials(secret, section(model, "credentials")["s3"]) | trusted


def download(root: pathlib.Path, variables: dict[str, str], *, secure: bool = True) -> str:
    """Run it as the charm's ClusterStorageContainer has it; return what it has printed."""
    python, network = cluster.program("storage-initializer"), cluster.network()
    command = [str(python), "-c", SCRIPT, f"s3://{BUCKET}/iris", "/mnt/models"]
    bucket = s3_server.Bucket(BUCKET, OBJECTS, variables["AWS_ACCESS_KEY_ID"])
    mounts = container.interpreter(python)
    with s3_server.listening(network, bucket, web.tls(PAIR) if secure else None):
        program = Program(root, network, USER, variables, command, mounts)
        try:
            eventually(lambda: program.ended)
        finally:
            program.stop()
    return program.log()


def files(root: pathlib.Path) -> dict[str, bytes]:
    """What has been downloaded."""
    volume = root / "mnt/models"
    found = [path for path in volume.rglob("*") if path.is_file()]
    return {str(path.relative_to(volume)): path.read_bytes() for path in found}


MODEL = {"model.joblib": b"weights", "more/notes": b"read me"}


def test_a_model_comes_from_a_store_whose_authority_is_private(
    model: jujusim.Model, root: pathlib.Path
) -> None:
    said = download(root, environment(model, root))
    assert files(root) == MODEL, said
    assert not cluster.denied(said)


def test_a_store_whose_authority_nobody_has_named_is_refused(
    model: jujusim.Model, root: pathlib.Path
) -> None:
    model.configure(APP, {"ca-certificates": ""})
    model.settle()
    said = download(root, environment(model, root))
    assert "certificate verify failed" in said
    assert not files(root)


def test_a_store_without_tls_is_asked_without(model: jujusim.Model, root: pathlib.Path) -> None:
    model.configure("minio", {"ssl-cert": "", "ssl-key": ""})
    model.settle()
    said = download(root, environment(model, root), secure=False)
    assert files(root) == MODEL, said


def test_a_store_whose_user_has_changed_knows_the_next_download(
    model: jujusim.Model, root: pathlib.Path
) -> None:
    """What profiles get follows the relation; the store knows only the new user."""
    before = environment(model, root)
    model.configure("minio", {"access-key": "another", "secret-key": "another-key"})
    model.settle()
    after = environment(model, root)
    named = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert {name for name in after if after[name] != before[name]} == named
    said = download(root, after, secure=False)
    assert files(root) == MODEL, said
