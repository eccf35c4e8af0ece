# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Dex: its URL, its configuration file, its static user."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

import bcrypt
import pytest
import yaml
from jujusim.testing import Charm, Result, files
from ops import testing

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
PATH = "/etc/dex/config.docker.yaml"
HASH = bcrypt.hashpw(b"from config", b"$2b$10$" + b"." * 22).decode()


def run(before: Result | None = None, model: str = "kubeflow", **config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    if before is None:
        return CHARM.run(CHARM.state(config=options, model=model), "config_changed")
    state = CHARM.state(config=options, model=model)
    state = dataclasses.replace(
        state, relations=before.state.relations, secrets=before.state.secrets
    )
    return CHARM.run(state, "config_changed", cluster=before.cluster)


def settings(result: Result) -> dict[str, Any]:
    """The configuration as Dex reads it, after the entrypoint's template engine."""
    text = result.files("dex")[PATH]
    assert "{{" not in text
    return json.loads(text)


def told(result: Result, endpoint: str) -> dict[str, str]:
    return dict(result.state.get_relations(endpoint)[0].local_app_data)


@pytest.mark.parametrize(
    ("config", "issuer"),
    [
        ({}, "http://dex-auth.kubeflow.svc:5556/dex"),
        ({"port": 5600}, "http://dex-auth.kubeflow.svc:5600/dex"),
        ({"public_url": "https://example.com"}, "https://example.com/dex"),
        ({"public_url": "https://example.com/"}, "https://example.com/dex"),
        ({"public_url": "10.64.140.43.nip.io"}, "http://10.64.140.43.nip.io/dex"),
        ({"public_url": " https://example.com/dex "}, "https://example.com/dex"),
        ({"issuer_url": "https://example.com/a/dex/"}, "https://example.com/a/dex"),
        (
            {"issuer_url": "https://one.example.com/dex", "public_url": "https://two.example.com"},
            "https://one.example.com/dex",
        ),
    ],
)
def test_issuer_is_one_everywhere(config: dict[str, Any], issuer: str):
    result = run(**config)
    assert settings(result)["issuer"] == issuer
    assert told(result, "dex-oidc-config")["issuer-url"] == issuer
    route = yaml.safe_load(told(result, "ingress")["data"])
    path = issuer.partition("://")[2].partition("/")[2]
    assert route["prefix"] == route["rewrite"] == f"/{path}"


def behind(*urls: str | None, **config: Any) -> testing.State:
    """A state whose gateway, if there is one, has told how it is reached."""
    options = {name.replace("_", "-"): value for name, value in config.items()}
    bags = [{} if url is None else {"url": url} for url in urls]
    relations = [
        testing.Relation(
            "ingress",
            id=number,
            remote_app_name="istio-pilot",
            remote_app_data={"_supported_versions": "[v1, v2, v3]", "data": yaml.safe_dump(bag)},
        )
        for number, bag in enumerate(bags, 90)
    ]
    state = CHARM.state(config={"public-issuer": True, **options}, without=["ingress"])
    return dataclasses.replace(state, relations=[*state.relations, *relations])


def test_issuer_at_the_gateway():
    result = CHARM.run(behind("https://10.64.140.43"), "config_changed")
    assert settings(result)["issuer"] == "https://10.64.140.43/dex"
    assert told(result, "dex-oidc-config")["issuer-url"] == "https://10.64.140.43/dex"
    assert "prefix: /dex\n" in told(result, "ingress")["data"]


def test_a_given_issuer_goes_before_the_gateways():
    state = behind("https://10.64.140.43", issuer_url="https://one.example.com/dex")
    result = CHARM.run(state, "config_changed")
    assert settings(result)["issuer"] == "https://one.example.com/dex"


@pytest.mark.parametrize(
    ("urls", "status"),
    [
        ([None], ("waiting", "option public-issuer: waiting for the gateway's address")),
        (
            [""],
            (
                "blocked",
                (
                    "option public-issuer: the gateway has no address outside the cluster: set"
                    " issuer-url, or csr-domain-name of istio-pilot, or give it a load balancer"
                ),
            ),
        ),
        ([], ("blocked", "option public-issuer: relate ingress")),
    ],
)
def test_issuer_at_a_gateway_that_is_not_known(urls: list[str | None], status: tuple[str, str]):
    assert CHARM.run(behind(*urls), "config_changed").status == status


def test_issuer_follows_the_model():
    assert settings(run(model="ml"))["issuer"] == "http://dex-auth.ml.svc:5556/dex"


def test_braces_reach_dex():
    """The image's entrypoint takes the file for a template."""
    name = 'a {{ .Env.HOME }} "{{ b }}" {{{c}}}'
    connector = {"type": "mockCallback", "id": "mock", "name": name}
    result = run(connectors=yaml.safe_dump([connector]))
    assert settings(result)["connectors"] == [connector]


def test_file_is_for_nobody_else():
    assert files.modes(run().state.get_container("dex"))[PATH] == 0o600


WORDS = (
    "1e3",
    "12e5",
    "y",
    "no",
    "null",
    "~",
    "0o17",
    "0891234567",
    "2024-01-01",
    "pa$$w0rd$1",
    "{{x}}",
)
CONNECTORS = """
- type: github
  id: github
  name: GitHub
  config: {clientID: one, clientSecret: two, orgs: [{name: canonical}]}
- type: ldap
  id: ldap
  name: Directory
  config: {host: "ldap.example.com:636", userSearch: {baseDN: "dc=example", username: uid}}
"""


def test_connectors_as_they_are():
    assert settings(run(connectors=CONNECTORS))["connectors"] == yaml.safe_load(CONNECTORS)


@pytest.mark.parametrize(
    ("connectors", "what"),
    [
        ("[one]", "entry 0: not a mapping"),
        ("[{id: a, name: A}]", "entry 0: type: is empty"),
        ("[{type: ldap, name: A}]", "entry 0: id: is empty"),
        ("[{type: ldap, id: a}]", "entry 0: name: is empty"),
        ("[{type: ldap, id: a, name: 1}]", "entry 0: name: is not text; put it in quotes"),
        ("[{type: ldap, id: a, name: A, config: b}]", "entry 0: config: is not a mapping"),
        ("[{type: ldap, id: a, name: A}]", "entry 0: config.host: is missing"),
        (
            "[{type: ldap, id: a, name: A, config: {host: a, userSearch: {baseDN: 1}}}]",
            "entry 0: config.userSearch.username: is missing",
        ),
        (
            "[{type: oidc, id: a, name: A, config: {issuer: a, clientID: 1234567890}}]",
            "entry 0: config.clientID: is not text; put it in quotes",
        ),
        (
            "[{type: oidc, id: a, name: A, config: {issuer: a, CLIENTSECRET: 1}}]",
            "entry 0: config.CLIENTSECRET: is not text",
        ),
        (
            '[{type: oidc, id: a, name: A, config: {issuer: a, getUserInfo: "true"}}]',
            "entry 0: config.getUserInfo: is not true or false, without quotes",
        ),
        (
            "[{type: github, id: a, name: A, config: {orgs: [{name: a, teams: one}]}}]",
            "entry 0: config.orgs[0].teams: is not a list",
        ),
        (
            (
                "[{type: saml, id: a, name: A, config: {ssoURL: a, redirectURI: a,"
                " usernameAttr: a, emailAttr: a, caData: '%'}}]"
            ),
            "entry 0: config.caData: is not base64",
        ),
        (
            "[{type: github, id: a, name: A}, {type: none, id: b, name: B}]",
            "entry 1: type is not one",
        ),
        ("{type: ldap}", "not a list"),
        ("[{type: github, id: a, name: A}, {type: gitea, id: a, name: B}]", "each id once"),
    ],
)
def test_connectors_refused(connectors: str, what: str):
    status, message = run(connectors=connectors).status
    assert status == "blocked"
    assert message.startswith("option connectors accepts ")
    assert what in message


@pytest.mark.parametrize("word", WORDS)
def test_text_reaches_dex_as_text(word: str):
    """Whatever it looks like to a parser of YAML, and to a shell."""
    settings_of = {"clientID": word, "clientSecret": word, "unknown": 1}
    connector = {"type": "github", "id": word, "name": word, "config": settings_of}
    result = run(connectors=json.dumps([connector]), static_username=word)
    assert settings(result)["connectors"] == [connector]
    assert settings(result)["staticPasswords"][0]["email"] == word
    service = result.seen["plans"]["dex"]["services"]["dex"]
    assert service["environment"]["DEX_EXPAND_ENV"] == "false"


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("https://login.example.com", "no path of its own"),
        ("https://login.example.com/", "no path of its own"),
        ("https://user:pw@kf.example.com/dex", "a user in it"),
    ],
)
def test_an_issuer_that_would_open_the_door_is_refused(url: str, what: str):
    status, message = run(issuer_url=url).status
    assert status == "blocked"
    assert message.startswith("option issuer-url accepts ")
    assert message.endswith(f"(got: {what})")


def test_refused_connectors_show_no_secret():
    secret = "clientSecret: hunter22"
    _, message = run(connectors=f"[{{type: github, id: a, config: {{{secret}}}]").status
    assert "hunter22" not in message


def test_somebody_must_be_able_to_log_in():
    assert run(enable_password_db=False).status == (
        "blocked",
        "option connectors accepts at least one connector while enable-password-db is false",
    )
    alone = run(enable_password_db=False, connectors=CONNECTORS)
    assert alone.status == ("active", "")
    assert settings(alone)["enablePasswordDB"] is False
    assert settings(alone)["staticPasswords"] == []


def test_metrics_have_their_own_port():
    status, message = run(port=5558).status
    assert status == "blocked"
    assert message.startswith("option port accepts a port other than 5558")


def user(result: Result) -> dict[str, str]:
    return settings(result)["staticPasswords"][0]


def credentials(result: Result) -> dict[str, Any]:
    return CHARM.run(result.state, "action", "get-credentials", cluster=result.cluster).results


def test_generated_password():
    result = run()
    shown = credentials(result)
    assert shown["username"] == "admin"
    assert len(shown["password"]) == 30
    assert bcrypt.checkpw(shown["password"].encode(), user(result)["hash"].encode())
    assert user(result)["email"] == user(result)["username"] == "admin"


def test_password_from_config():
    result = run(static_username="someone", static_password="from config")
    assert credentials(result) == {"username": "someone", "password": "from config"}
    assert bcrypt.checkpw(b"from config", user(result)["hash"].encode())
    assert user(result)["email"] == "someone"


def test_hash_from_config():
    assert user(run(static_password=HASH))["hash"] == HASH


@pytest.mark.parametrize(
    "password",
    ["$2y$04$" + "a" * 53, "$2b$17$" + "a" * 53, "$2b$10$" + "a" * 52, "é" * 37],
    ids=["too-cheap", "too-dear", "too-short", "too-long"],
)
def test_password_refused(password: str):
    status, message = run(static_password=password).status
    assert status == "blocked"
    assert message.startswith("option static-password accepts ")
    assert password not in message


@pytest.mark.parametrize("config", [{}, {"static_password": "from config"}])
def test_user_is_the_same_on_all_units_and_hooks(config: dict[str, Any]):
    """A new hash restarts Dex, and a new id is another user to those who know it."""
    first = run(**config)
    for unit in (0, 1, 2):
        state = CHARM.as_unit(first.state, unit, leader=unit == 0)
        assert user(CHARM.run(state, unit=unit, cluster=first.cluster)) == user(first)


def test_a_password_is_hashed_once(monkeypatch: pytest.MonkeyPatch):
    """A hash takes longer than all the rest of a hook."""
    first = run(static_password="from config")

    def too_often(*_: object) -> bytes:
        raise AssertionError("hashed again")

    monkeypatch.setattr(bcrypt, "hashpw", too_often)
    second = run(first, static_password="from config")
    assert second.status == ("active", "")
    assert user(second) == user(first)


def test_a_unit_that_does_not_lead_need_not_wait_for_the_hash():
    before = run()
    state = CHARM.state(config={"static-password": "from config"}, leader=False)
    state = dataclasses.replace(
        state, relations=before.state.relations, secrets=before.state.secrets
    )
    shown = user(CHARM.run(state, "config_changed", cluster=before.cluster))
    assert bcrypt.checkpw(b"from config", shown["hash"].encode())


def test_another_password_is_the_same_user():
    first = run()
    second = run(first, static_password="another")
    assert user(second)["userID"] == user(first)["userID"]
    assert user(second)["hash"] != user(first)["hash"]
    assert user(run(second))["hash"] == user(first)["hash"]


def test_clients_are_those_that_are_related():
    client = {"id": "some-id", "name": "some-name", "redirectURIs": ["some-redirect_uris"]}
    assert settings(run())["staticClients"] == [{**client, "secret": "some-secret"}]
    alone = CHARM.run(CHARM.state(without=["oidc-client"]), "config_changed")
    assert settings(alone)["staticClients"] == []


def test_client_of_the_published_gatekeeper():
    """It sends the client's secret in clear."""
    result = CHARM.run(CHARM.state(versions=("v1",)), "config_changed")
    assert settings(result)["staticClients"][0]["secret"] == "some-secret"


def test_one_silent_client_does_not_hide_another():
    state = CHARM.state()
    silent = testing.Relation("oidc-client", id=99, remote_app_name="silent")
    state = dataclasses.replace(state, relations={*state.relations, silent})
    result = CHARM.run(state, "config_changed")
    assert [client["id"] for client in settings(result)["staticClients"]] == ["some-id"]
    assert result.status == ("waiting", "relation oidc-client: waiting for data from silent")


def test_action_with_a_bad_option():
    result = run(port=80)
    action = CHARM.run(result.state, "action", "get-credentials")
    assert action.failure.startswith("option port accepts ")


def test_state_is_kept_in_the_models_namespace():
    service = run(model="ml").seen["plans"]["dex"]["services"]["dex"]
    assert service["environment"]["KUBERNETES_POD_NAMESPACE"] == "ml"
    assert settings(run())["storage"] == {"type": "kubernetes", "config": {"inCluster": True}}
