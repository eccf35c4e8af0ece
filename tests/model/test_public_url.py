# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The gateway's public URL reaches those who log users in, however the events fall."""

from __future__ import annotations

import jujusim
import pytest
import yaml

from . import deployment

PUBLIC = {"dex-auth": {"public-issuer": True}}


def issuers(model: jujusim.Model) -> set[str]:
    """How Dex is known: by itself, to whom it tells, and to the gatekeeper's service."""
    dex, gatekeeper = model.units["dex-auth/0"], model.units["oidc-gatekeeper/0"]
    config = dex.containers["dex"].files()["/etc/dex/config.docker.yaml"]
    plan = gatekeeper.containers["oidc-authservice"].plan()
    service = plan["services"]["oidc-authservice"]
    relation = model.relation("dex-auth:dex-oidc-config", "oidc-gatekeeper:dex-oidc-config")
    return {
        yaml.safe_load(config.decode())["issuer"],
        service["environment"]["OIDC_PROVIDER"],
        relation.apps["dex-auth"].content["issuer-url"],
    }


@pytest.mark.seeds(3)
def test_the_load_balancers_address(seed: int):
    model = deployment.deploy(only=deployment.LOGIN, seed=seed, faults=seed % 3, config=PUBLIC)
    model.update_status()  # Nothing tells istio-pilot that an address has come.
    model.settle()
    deployment.assert_well(model)
    assert issuers(model) == {"http://10.64.140.43/dex"}


def test_the_certificates_name():
    config = {**PUBLIC, "istio-pilot": {"csr-domain-name": "kubeflow.example.com"}}
    model = deployment.deploy(only=deployment.LOGIN, config=config)
    model.update_status()
    model.settle()
    assert issuers(model) == {"http://kubeflow.example.com/dex"}


def test_by_default_it_is_the_service():
    model = deployment.deploy(only=deployment.LOGIN)
    assert issuers(model) == {"http://dex-auth.kubeflow.svc:5556/dex"}
