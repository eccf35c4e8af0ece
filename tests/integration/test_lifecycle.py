# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""One application's life: options, scale, a new revision, a pod that dies, the end."""

from __future__ import annotations

import pathlib

import jubilant
import pytest
from ckf import bundle as bundles
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import PersistentVolumeClaim, Service

from .helpers import cluster as clusters
from .helpers import deployment, waiting
from .helpers.cluster import Cluster

APP = "minio"
PLACEHOLDER = 65535


@pytest.fixture(scope="module")
def minio(
    juju: jubilant.Juju,
    cluster: Cluster,
    bundle: bundles.Bundle,
    tmp_path_factory: pytest.TempPathFactory,
) -> bundles.Application:
    path = deployment.write(bundle, tmp_path_factory.mktemp("bundle"), [APP])
    juju.deploy(path, trust=True)
    waiting.active(juju, cluster, APP)
    return bundle.applications[APP]


def password(juju: jubilant.Juju) -> str:
    return juju.run(f"{APP}/leader", "get-credentials").results["secret-key"]


def test_the_workload_runs_what_the_bundle_says(
    minio: bundles.Application, cluster: Cluster
) -> None:
    pod = cluster.pod(f"{APP}/0")
    assert clusters.image(pod, "minio").endswith(str(minio.resources["oci-image"]))
    claims = list(cluster.client.list(PersistentVolumeClaim, namespace=cluster.namespace))
    sizes = [claim.spec.resources.requests for claim in claims if claim.spec]  # pyright: ignore[reportOptionalMemberAccess]
    assert {"storage": minio.storage["minio-data"] + "i"} in sizes


def test_a_port_moves_with_its_option(
    minio: bundles.Application, juju: jubilant.Juju, cluster: Cluster
) -> None:
    """Juju writes the ports up to half a minute after the hook, at first beside the old ones."""

    def moved(new: int, old: int) -> None:
        service = cluster.client.get(Service, APP, namespace=cluster.namespace)
        ports = {port.port for port in (service.spec and service.spec.ports) or ()}
        assert new in ports
        assert not ports & {old, PLACEHOLDER}

    juju.config(APP, {"port": 9100})
    waiting.soon(lambda: moved(9100, 9000))
    waiting.active(juju, cluster, APP)
    juju.config(APP, reset="port")
    waiting.soon(lambda: moved(9000, 9100))
    waiting.active(juju, cluster, APP)


def test_a_bad_option_is_refused_and_the_workload_keeps_running(
    minio: bundles.Application, juju: jubilant.Juju, cluster: Cluster
) -> None:
    before = clusters.identity(cluster.pod(f"{APP}/0"))
    juju.config(APP, {"port": 70000})
    waiting.until(juju, cluster, lambda status: jubilant.all_blocked(status, APP))
    assert "port" in juju.status().apps[APP].app_status.message
    assert clusters.identity(cluster.pod(f"{APP}/0")) == before
    juju.config(APP, reset="port")
    waiting.active(juju, cluster, APP)


def test_three_units_and_back(
    minio: bundles.Application, juju: jubilant.Juju, cluster: Cluster
) -> None:
    juju.add_unit(APP, num_units=2)
    waiting.active(juju, cluster, APP, units=3)
    assert len(cluster.pods(APP)) == 3
    juju.remove_unit(APP, num_units=2)
    waiting.active(juju, cluster, APP, units=1)

    def scaled() -> None:
        found = cluster.client.get(StatefulSet, APP, namespace=cluster.namespace)
        assert found.spec
        assert found.spec.replicas == 1

    waiting.soon(scaled)


def test_a_pod_that_dies_comes_back_with_the_same_password(
    minio: bundles.Application, juju: jubilant.Juju, cluster: Cluster
) -> None:
    before = password(juju)
    uid = cluster.kill(f"{APP}/0")

    def replaced() -> None:
        assert clusters.identity(cluster.pod(f"{APP}/0")) != uid

    waiting.soon(replaced)
    waiting.active(juju, cluster, APP)
    assert password(juju) == before


def test_a_new_revision_keeps_everything(
    minio: bundles.Application, juju: jubilant.Juju, cluster: Cluster, tmp_path: pathlib.Path
) -> None:
    before = password(juju)
    packed = deployment.revision(deployment.charm(minio), tmp_path / "minio.charm", "next")
    resources = {name: str(image) for name, image in minio.resources.items()}
    juju.refresh(APP, path=packed, resources=resources)

    def refreshed() -> None:
        app = juju.status().apps[APP]
        assert (app.charm_rev, app.charm_version) == (1, "next")

    waiting.soon(refreshed)
    waiting.active(juju, cluster, APP)
    assert password(juju) == before


def test_nothing_is_left_but_the_data(
    minio: bundles.Application, juju: jubilant.Juju, cluster: Cluster
) -> None:
    juju.remove_application(APP)
    waiting.gone(juju, cluster, APP)

    def left() -> None:
        assert cluster.pods(APP) == []
        services = cluster.client.list(Service, namespace=cluster.namespace)
        assert APP not in {service.metadata.name for service in services if service.metadata}

    waiting.soon(left)
