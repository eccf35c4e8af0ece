# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The whole bundle, and a user of it."""

from __future__ import annotations

import http
from collections.abc import Iterator

import jubilant
import pytest
from ckf import bundle as bundles
from lightkube.core.exceptions import ApiError
from lightkube.generic_resource import create_namespaced_resource
from lightkube.resources.core_v1 import Namespace, Pod, ServiceAccount

from .helpers import cluster as clusters
from .helpers import deployment, login, waiting
from .helpers.cluster import Cluster

USER = "user@example.com"
PASSWORD = "a password for one test"
NAMESPACE = "integration-user"
GATEWAY = "istio-ingressgateway-workload"
NOTEBOOK = create_namespaced_resource("kubeflow.org", "v1", "Notebook", "notebooks")


@pytest.fixture(scope="module")
def platform(
    juju: jubilant.Juju,
    cluster: Cluster,
    bundle: bundles.Bundle,
    tmp_path_factory: pytest.TempPathFactory,
) -> bundles.Bundle:
    juju.deploy(deployment.write(bundle, tmp_path_factory.mktemp("bundle")), trust=True)
    waiting.active(juju, cluster)
    return bundle


@pytest.fixture(scope="module")
def gateway(platform: bundles.Bundle, juju: jubilant.Juju, cluster: Cluster) -> str:
    """The URL of the platform, at which Dex has a user."""
    url = f"http://{waiting.soon(lambda: cluster.address(GATEWAY))}"
    options = {
        "issuer-url": f"{url}/dex",
        "static-username": USER,
        "static-password": PASSWORD,
    }
    juju.config("dex-auth", options)

    def listens() -> None:
        page = login.Browser().open(f"{url}/dex/.well-known/openid-configuration")
        assert f"{url}/dex" in page.text

    # Before Juju has run config-changed everything is active too.
    waiting.soon(listens, seconds=300)
    waiting.active(juju, cluster)
    return url


@pytest.fixture
def user(platform: bundles.Bundle, cluster: Cluster) -> Iterator[str]:
    """A user with a profile: the namespace that it is given."""
    cluster.client.create(clusters.profile(NAMESPACE, USER))
    yield NAMESPACE
    cluster.client.delete(clusters.PROFILE, NAMESPACE)

    def gone() -> None:
        with pytest.raises(ApiError, match="not found"):
            cluster.client.get(Namespace, NAMESPACE)

    waiting.soon(gone, seconds=300)


def test_everything_is_active(platform: bundles.Bundle, juju: jubilant.Juju) -> None:
    assert set(juju.status().apps) == set(platform.applications)


def test_a_user_logs_in_and_sees_the_dashboard(gateway: str) -> None:
    page = login.log_in(login.Browser(), f"{gateway}/", USER, PASSWORD)
    assert page.url.startswith(f"{gateway}/")
    assert "Kubeflow" in page.text


def test_nobody_gets_in_with_another_password(gateway: str) -> None:
    with pytest.raises(login.LoginError, match="refuses the user"):
        login.log_in(login.Browser(), f"{gateway}/", USER, "another password")


def test_a_call_without_a_session_is_refused(gateway: str) -> None:
    page = login.Browser().open(f"{gateway}/api/workgroup/env-info")
    refused = page.status in (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN)
    assert refused or "/dex/auth" in page.url


def test_a_profile_has_a_namespace(user: str, cluster: Cluster) -> None:
    def made() -> None:
        found = cluster.client.get(Namespace, user)
        assert found.metadata
        assert (found.metadata.annotations or {}).get("owner") == USER
        cluster.client.get(ServiceAccount, "default-editor", namespace=user)

    waiting.soon(made)


def test_a_notebook_has_the_gpu_that_was_asked_for(
    platform: bundles.Bundle, user: str, cluster: Cluster
) -> None:
    container = {
        "name": "gpu",
        "image": "registry.k8s.io/pause:3.10",
        "resources": {"limits": {"nvidia.com/gpu": "1"}},
    }
    toleration = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    spec = {"containers": [container], "tolerations": [toleration]}
    notebook = {
        "metadata": {"name": "gpu", "namespace": user},
        "spec": {"template": {"spec": spec}},
    }
    waiting.soon(lambda: cluster.client.create(NOTEBOOK(**notebook)))

    def made() -> Pod:
        (pod,) = cluster.client.list(Pod, namespace=user, labels={"notebook-name": "gpu"})
        return pod

    pod = waiting.soon(made)
    assert pod.spec
    limits = pod.spec.containers[0].resources
    assert limits
    assert limits.limits == {"nvidia.com/gpu": "1"}
    assert "nvidia.com/gpu" in {each.key for each in pod.spec.tolerations or ()}
    assert clusters.environment(pod)["NB_PREFIX"] == f"/notebook/{user}/gpu"
