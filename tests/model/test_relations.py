# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Data that goes round: what one charm is told, another hears of."""

from __future__ import annotations

from typing import Any

import jujusim
import yaml

from . import deployment


def gatekeeper(model: jujusim.Model) -> dict[str, str]:
    """The environment of the gatekeeper's service."""
    pebble = model.unit("oidc-gatekeeper/0").containers["oidc-authservice"]
    return pebble.plan()["services"]["oidc-authservice"]["environment"]


def dex(model: jujusim.Model) -> dict[str, Any]:
    """Dex's configuration."""
    files = model.unit("dex-auth/0").containers["dex"].files()
    return yaml.safe_load(files["/etc/dex/config.docker.yaml"])


def test_dex_and_the_gatekeeper_agree_on_the_issuer():
    model = deployment.deploy(only=deployment.LOGIN, seed=4)
    assert gatekeeper(model)["OIDC_PROVIDER"] == dex(model)["issuer"]
    model.configure("dex-auth", {"issuer-url": "https://kf.example.com/login/dex"})
    model.settle()
    deployment.assert_well(model)
    assert gatekeeper(model)["OIDC_PROVIDER"] == dex(model)["issuer"]
    assert gatekeeper(model)["OIDC_AUTH_URL"] == "/login/dex/auth"
    exempt = gatekeeper(model)["SKIP_AUTH_URLS"].split(",")
    assert all(path.startswith("/login/dex/") and path != "/login/dex/" for path in exempt)


def test_dex_knows_the_gatekeepers_secret_and_the_databag_does_not():
    model = deployment.deploy(only=deployment.LOGIN, seed=4)
    [client] = dex(model)["staticClients"]
    assert client["secret"] == gatekeeper(model)["CLIENT_SECRET"]
    relation = model.relation("dex-auth:oidc-client", "oidc-gatekeeper:oidc-client")
    assert client["secret"] not in str([bag.content for bag in relation.apps.values()])


def test_a_changed_client_secret_reaches_dex():
    model = deployment.deploy(only=deployment.LOGIN, seed=4)
    model.configure("oidc-gatekeeper", {"client-secret": "a-new-secret"})
    model.settle()
    deployment.assert_well(model)
    [client] = dex(model)["staticClients"]
    assert client["secret"] == "a-new-secret"


def test_a_withdrawn_relation_is_missed_and_its_return_heals():
    model = deployment.deploy(only=deployment.LOGIN, seed=4)
    before = deployment.end_state(model)
    ends = ("dex-auth:dex-oidc-config", "oidc-gatekeeper:dex-oidc-config")
    model.remove_relation(*ends)
    model.settle()
    status = model.status().apps["oidc-gatekeeper"].units["oidc-gatekeeper/0"].status
    assert status.name == "blocked"
    assert "dex-oidc-config" in status.message
    model.integrate(*ends)
    model.settle()
    deployment.assert_well(model)
    assert not deployment.difference(deployment.end_state(model), before)


def test_a_failing_check_shows_and_its_recovery_too():
    model = deployment.deploy(only=deployment.LOGIN, seed=4)
    model.fail_check("minio/0", "minio", "minio-ready")
    model.settle()
    assert model.unit("minio/0").status.name == "waiting"
    assert "minio-ready" in model.unit("minio/0").status.message
    model.recover_check("minio/0", "minio", "minio-ready")
    model.settle()
    deployment.assert_well(model)
