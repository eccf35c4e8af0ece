# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The gatekeeper: what follows from the provider's URL, its secret, the authorities it trusts."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Sequence
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm, Result, pem
from ops import testing

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
CONTAINER = "oidc-authservice"
BUNDLE = "/etc/certs/oidc/root-ca.pem"
PEM = pem.examples()["authority"]


def run(issuer: str = "", **config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    bags = {"dex-oidc-config": {"issuer-url": issuer}} if issuer else {}
    return CHARM.run(CHARM.state(config=options, bags=bags), "config_changed")


def environment(result: Result) -> dict[str, str]:
    return result.seen["plans"][CONTAINER]["services"][CONTAINER]["environment"]


def client(result: Result) -> dict[str, Any]:
    """What the provider is told in the version that has the secret in clear."""
    return yaml.safe_load(result.state.get_relations("oidc-client")[0].local_app_data["data"])


DEX = (
    "/dex/.well-known/openid-configuration",
    "/dex/approval",
    "/dex/auth",
    "/dex/callback",
    "/dex/device",
    "/dex/healthz",
    "/dex/keys",
    "/dex/robots.txt",
    "/dex/static/",
    "/dex/theme/",
    "/dex/token",
    "/dex/userinfo",
)


@pytest.mark.parametrize(
    ("issuer", "auth", "exempt"),
    [
        ("http://dex-auth.kubeflow.svc:5556/dex", "/dex/auth", DEX),
        ("https://kubeflow.example.com/dex/", "/dex/auth", DEX),
        (
            "https://kubeflow.example.com/jupyter",
            "/jupyter/auth",
            [path.replace("/dex/", "/jupyter/") for path in DEX],
        ),
        ("https://login.example.com", "https://login.example.com/auth", ()),
        ("https://login.example.com/", "https://login.example.com/auth", ()),
    ],
)
def test_only_the_providers_endpoints_need_no_login(issuer: str, auth: str, exempt: Sequence[str]):
    """Paths that need no login are compared from their beginning: none may be a whole route."""
    result = run(issuer)
    settings = environment(result)
    assert settings["OIDC_PROVIDER"] == issuer
    assert settings["OIDC_AUTH_URL"] == auth
    assert settings["SKIP_AUTH_URLS"] == ",".join(exempt)
    assert exempted(result) == list(exempt)


def exempted(result: Result) -> list[str]:
    """What the gateway is told that it can check."""
    bag = result.state.get_relations("ingress-auth")[0].local_app_data
    return yaml.safe_load(bag["data"])["exempt-paths"]


def test_paths_that_need_no_login():
    result = run(skip_auth_urls=" /open/ , /also/open/,")
    assert exempted(result) == [*DEX, "/open/", "/also/open/"]
    assert environment(result)["SKIP_AUTH_URLS"] == ",".join(exempted(result))


@pytest.mark.parametrize("paths", ["/", "/open/,/", "//", "/a/../", "/."])
def test_everything_cannot_be_let_pass(paths: str):
    status, message = run(skip_auth_urls=paths).status
    assert status == "blocked"
    assert message.startswith("option skip-auth-urls accepts paths")


def test_another_issuer_restarts_it():
    before = CHARM.complete
    relation = before.state.get_relations("dex-oidc-config")[0]
    moved = dataclasses.replace(  # pyright: ignore[reportCallIssue]
        relation, remote_app_data={"issuer-url": "https://new.example.com/dex"}
    )
    others = {*before.state.relations} - {relation}
    state = dataclasses.replace(before.state, relations=others | {moved})
    after = CHARM.run(state, cluster=before.cluster)
    assert environment(after)["OIDC_PROVIDER"] == "https://new.example.com/dex"


def peers(state: testing.State) -> testing.PeerRelation:
    found = state.get_relations("client-secret")[0]
    assert isinstance(found, testing.PeerRelation)
    return found


def after_a_published_charm(**details: Any) -> Result:
    """Its leader has left the secret in clear in the peer relation."""
    state = CHARM.state(**details)
    old = peers(state)
    left = dataclasses.replace(
        old, local_app_data={"client-secret": "LEFTBYTHEPUBLISHEDCHARM0123456"}
    )
    relations = {*state.relations} - {old} | {left}
    return CHARM.run(dataclasses.replace(state, relations=relations), "upgrade_charm")


def test_secret_of_a_published_charm_goes_on():
    result = after_a_published_charm(versions=("v1",))
    assert environment(result)["CLIENT_SECRET"] == "LEFTBYTHEPUBLISHEDCHARM0123456"
    assert client(result)["secret"] == "LEFTBYTHEPUBLISHEDCHARM0123456"


def test_secret_of_a_published_charm_moves_into_a_juju_secret():
    result = after_a_published_charm()
    assert "client-secret" not in peers(result.state).local_app_data
    assert "LEFTBYTHEPUBLISHEDCHARM0123456" not in str(result.seen["databags"])
    again = CHARM.run(result.state, cluster=result.cluster)
    assert environment(again)["CLIENT_SECRET"] == "LEFTBYTHEPUBLISHEDCHARM0123456"


def test_generated_secret():
    result = CHARM.run(CHARM.state(versions=("v1",)), "config_changed")
    assert len(client(result)["secret"]) == 30
    assert environment(result)["CLIENT_SECRET"] == client(result)["secret"]


def test_secret_from_config():
    result = run(client_secret="from config")
    assert environment(result)["CLIENT_SECRET"] == "from config"
    handed_over = [item.latest_content for item in result.state.secrets if item.remote_grants]
    assert handed_over == [{"secret": "from config"}]


def test_new_secret_is_a_new_revision():
    """The provider reads the same Juju secret again, and finds the new value."""
    before = run(client_secret="one")
    config = {"client-secret": "two"}
    after = CHARM.run(
        dataclasses.replace(before.state, config=config), "config_changed", cluster=before.cluster
    )
    assert client(after) == client(before)
    handed_over = [item.latest_content for item in after.state.secrets if item.remote_grants]
    assert handed_over == [{"secret": "two"}]


def test_client_is_what_the_provider_is_told():
    result = run(client_id="me", client_name="Myself")
    said = client(result)
    assert (said["id"], said["name"]) == ("me", "Myself")
    assert said["redirectURIs"] == ["/authservice/oidc/callback"]
    assert environment(result)["CLIENT_ID"] == "me"


def test_bundle_comes_and_goes():
    without = CHARM.complete
    state = dataclasses.replace(without.state, config={"ca-bundle": PEM.strip()})
    having = CHARM.run(state, "config_changed", cluster=without.cluster)
    assert having.files(CONTAINER) == {BUNDLE: PEM}
    assert environment(having)["CA_BUNDLE"] == BUNDLE
    state = dataclasses.replace(having.state, config={})
    again = CHARM.run(state, "config_changed", cluster=having.cluster)
    assert again.files(CONTAINER) == {}
    assert environment(again) == environment(without)


def test_another_bundle_restarts_it():
    """The path stays the same, so the plan has to say that what is there does not."""
    other = pem.examples()["renewed certificate"]
    assert environment(run(ca_bundle=PEM)) != environment(run(ca_bundle=other))


@pytest.mark.parametrize("endpoint", ["ingress", "ingress-auth", "oidc-client", "logging"])
def test_serves_without(endpoint: str):
    result = CHARM.run(CHARM.state(without=[endpoint]), "config_changed")
    assert result.status == ("active", "")
    assert result.seen["services"][CONTAINER] == {CONTAINER: "active"}


def test_works_before_the_provider_is_there():
    """Data goes round in a circle: dex must hear of the client before it has said anything."""
    result = CHARM.run(CHARM.state(bags={"dex-oidc-config": {}}), "config_changed")
    assert result.status[0] == "waiting"
    assert client(result)["id"] == "authservice-oidc"
    assert result.seen["services"][CONTAINER] == {}


def log_targets(result: Result) -> dict[str, Any]:
    plan = result.state.get_container(CONTAINER).plan.to_dict()
    return {name: target.get("services") for name, target in plan.get("log-targets", {}).items()}


def loki(**config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    address = {"endpoint": '{"url": "http://loki:3100/loki/api/v1/push"}'}
    relation = testing.Relation(
        "logging", id=90, remote_app_name="loki", remote_units_data={0: address}
    )
    state = CHARM.state(config=options, without=["logging"])
    state = dataclasses.replace(state, relations=[*state.relations, relation])
    return CHARM.run(state, "config_changed")


def test_the_log_which_has_the_client_secret_leaves_only_if_it_is_asked_for():
    assert log_targets(loki()) == {}
    sent = loki(forward_logs=True)
    assert list(log_targets(sent).values()) == [["all"]]
    state = dataclasses.replace(sent.state, config={"forward-logs": False})
    stopped = CHARM.run(state, "config_changed", cluster=sent.cluster)
    assert list(log_targets(stopped).values()) == [["-all"]]


def test_the_service_may_ask_whose_token_a_request_carries():
    (rule,) = CHARM.complete.seen["objects"]["ClusterRole//oidc-gatekeeper-kubeflow"]["rules"]
    assert (rule["resources"], rule["verbs"]) == (["tokenreviews"], ["create"])
