# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What outlives applications and models: definitions, and what is the users'. Nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import jubilant
import lightkube
import pytest
from ckf import bundle as bundles
from lightkube.core.exceptions import ApiError
from lightkube.resources.admissionregistration_v1 import (
    MutatingWebhookConfiguration,
    ValidatingWebhookConfiguration,
)
from lightkube.resources.apiextensions_v1 import CustomResourceDefinition
from lightkube.resources.core_v1 import Namespace

from .helpers import cluster as clusters
from .helpers import deployment, waiting
from .helpers.cluster import Cluster

APPS = ("kubeflow-profiles", "admission-webhook")
DEFINITION = "profiles.kubeflow.org"
USER = "integration-removal"
DESTROYED = 15 * 60.0
"""Seconds that Juju may take to destroy a model: more than 400 were seen."""


@pytest.fixture(scope="module")
def doomed(
    bundle: bundles.Bundle, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[jubilant.Juju, Cluster]]:
    """A model that the tests destroy, with a user who has a namespace."""
    juju = jubilant.Juju()
    name = f"doomed-{secrets.token_hex(4)}"
    juju.add_model(name)
    cluster = Cluster(lightkube.Client(), name)
    try:
        path = deployment.write(bundle, tmp_path_factory.mktemp("bundle"), APPS)
        juju.deploy(path, trust=True)
        waiting.active(juju, cluster, *APPS)
        cluster.client.create(clusters.profile(USER, "user@example.com"))
        waiting.soon(lambda: cluster.client.get(Namespace, USER))
        yield juju, cluster
    finally:
        if juju.model:
            juju.destroy_model(juju.model, destroy_storage=True, force=True)
        cluster.client.delete(clusters.PROFILE, USER)


def uids(cluster: Cluster) -> dict[str, str | None]:
    """The uids of what is the user's, by kind."""
    found = {
        "definition": cluster.client.get(CustomResourceDefinition, DEFINITION),
        "profile": cluster.client.get(clusters.PROFILE, USER),
        "namespace": cluster.client.get(Namespace, USER),
    }
    for name, obj in found.items():
        assert obj.metadata, name
        assert not obj.metadata.deletionTimestamp, name
    return {name: obj.metadata and obj.metadata.uid for name, obj in found.items()}


def owned(cluster: Cluster) -> list[str]:
    """Webhook configurations whose server is in the model."""
    found = [
        *cluster.client.list(MutatingWebhookConfiguration),
        *cluster.client.list(ValidatingWebhookConfiguration),
    ]
    return [
        str(each.metadata and each.metadata.name)
        for each in found
        for webhook in each.webhooks or ()
        if webhook.clientConfig.service
        and webhook.clientConfig.service.namespace == cluster.namespace
    ]


def test_an_application_goes_without_what_is_the_users(
    doomed: tuple[jubilant.Juju, Cluster],
) -> None:
    juju, cluster = doomed
    before = uids(cluster)
    juju.remove_application("kubeflow-profiles")
    waiting.gone(juju, cluster, "kubeflow-profiles")

    def kept() -> None:
        assert uids(cluster) == before

    waiting.stays(kept)


def test_a_destroyed_model_leaves_no_webhook_and_takes_nothing_of_the_users(
    doomed: tuple[jubilant.Juju, Cluster],
) -> None:
    juju, cluster = doomed
    before = uids(cluster)
    assert owned(cluster)
    juju.destroy_model(cluster.namespace, destroy_storage=True)

    def gone() -> None:
        with pytest.raises(ApiError, match="not found"):
            cluster.client.get(Namespace, cluster.namespace)
        assert owned(cluster) == []

    waiting.soon(gone, seconds=DESTROYED, pause=10)

    def kept() -> None:
        assert uids(cluster) == before

    waiting.stays(kept)
