# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Two applications that tell each other things: what goes and comes with their relations."""

from __future__ import annotations

import jubilant
import pytest
from ckf import bundle as bundles

from .helpers import deployment, waiting
from .helpers.cluster import Cluster

APPS = ("dex-auth", "oidc-gatekeeper")
RELATION = ("dex-auth:dex-oidc-config", "oidc-gatekeeper:dex-oidc-config")


@pytest.fixture(scope="module")
def pair(
    juju: jubilant.Juju,
    cluster: Cluster,
    bundle: bundles.Bundle,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = deployment.write(bundle, tmp_path_factory.mktemp("bundle"), APPS)
    juju.deploy(path, trust=True)
    waiting.active(juju, cluster, *APPS)


def told(juju: jubilant.Juju) -> str:
    """The issuer that the gatekeeper knows."""
    unit = juju.show_unit("oidc-gatekeeper/0")
    found = [
        relation.app_data.get("issuer-url", "")
        for relation in unit.relation_info
        if relation.endpoint == "dex-oidc-config"
    ]
    return found[0] if found else ""


def test_both_know_one_issuer(pair: None, juju: jubilant.Juju, cluster: Cluster) -> None:
    assert told(juju) == f"http://dex-auth.{cluster.namespace}.svc:5556/dex"
    juju.config("dex-auth", {"issuer-url": "https://kubeflow.example.com/dex"})

    def both_know() -> None:
        assert told(juju) == "https://kubeflow.example.com/dex"

    waiting.soon(both_know)
    waiting.active(juju, cluster, *APPS)
    juju.config("dex-auth", reset="issuer-url")
    waiting.active(juju, cluster, *APPS)


def test_a_relation_is_missed_and_comes_back(
    pair: None, juju: jubilant.Juju, cluster: Cluster
) -> None:
    juju.remove_relation(*RELATION)
    waiting.until(juju, cluster, lambda status: jubilant.all_blocked(status, "oidc-gatekeeper"))
    assert "dex-oidc-config" in juju.status().apps["oidc-gatekeeper"].app_status.message
    assert jubilant.all_active(juju.status(), "dex-auth")
    juju.integrate(*RELATION)
    waiting.active(juju, cluster, *APPS)
