# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""MinIO: its modes, its certificates, its password."""

from __future__ import annotations

import base64
import dataclasses
import json
import pathlib
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm, Result, files, pem
from ops import testing

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
CERT, KEY, CA = (pem.examples()[name] for name in ("certificate", "key", "authority"))
CERTIFICATES = "/minio/.minio/certs"
GATEWAY: dict[str, Any] = {"mode": "gateway", "gateway_storage_service": "s3"}


def options(config: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in config.items()}


def run(before: Result | None = None, **config: Any) -> Result:
    if before is None:
        return CHARM.run(CHARM.state(config=options(config), versions=("v1",)), "config_changed")
    state = dataclasses.replace(before.state, config=options(config))
    return CHARM.run(state, "config_changed", cluster=before.cluster)


def service(result: Result) -> dict[str, Any]:
    return result.seen["plans"]["minio"]["services"]["minio"]


def command(result: Result) -> list[str]:
    return service(result)["command"].split()


def storage(result: Result) -> dict[str, Any]:
    """What applications that store objects are told."""
    return yaml.safe_load(result.state.get_relations("object-storage")[0].local_app_data["data"])


def test_server():
    assert command(run())[:3] == ["minio", "server", "/data"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, ["gateway", "s3"]),
        ({"gateway_storage_service": "azure"}, ["gateway", "azure"]),
        (
            {"storage_service_endpoint": "https://s3.example.com/"},
            ["gateway", "s3", "https://s3.example.com"],
        ),
    ],
)
def test_gateway(config: dict[str, str], words: list[str]):
    result = run(**{**GATEWAY, **config})
    assert result.status == ("active", "")
    assert command(result)[1 : 1 + len(words)] == words
    assert command(result)[1 + len(words)].startswith("--")


def test_gateway_needs_to_know_of_what():
    assert run(mode="gateway").status == (
        "blocked",
        "option gateway-storage-service accepts s3 or azure in mode gateway",
    )


def test_gateway_serves_from_every_unit():
    """Its data is elsewhere, so nobody stands by."""
    state = CHARM.state(units=3, config=options(GATEWAY))
    first = CHARM.run(state, "config_changed")
    for unit in (1, 2):
        other = CHARM.run(CHARM.as_unit(first.state, unit), unit=unit, cluster=first.cluster)
        assert other.status == ("active", "")
        assert other.seen["services"] == {"minio": {"minio": "active"}}
        assert service(other) == service(first)


def test_standby_unit_serves_when_it_becomes_a_gateway():
    first = CHARM.run(CHARM.state(units=2), "config_changed")
    standby = CHARM.run(CHARM.as_unit(first.state, 1), unit=1, cluster=first.cluster)
    state = dataclasses.replace(standby.state, config=options(GATEWAY))
    gateway = CHARM.run(state, "config_changed", unit=1, cluster=first.cluster)
    assert gateway.seen["services"] == {"minio": {"minio": "active"}}
    back = CHARM.run(
        dataclasses.replace(gateway.state, config={}),
        "config_changed",
        unit=1,
        cluster=first.cluster,
    )
    assert back.seen["services"] == {"minio": {"minio": "inactive"}}
    assert back.status[1].startswith("standby: minio/0 is active")


def test_the_unit_with_the_data_serves_whoever_leads():
    """Unit 1 is the leader from the start, and the data is where unit 0 is."""
    state = CHARM.as_unit(CHARM.state(units=2), 1, leader=True)
    leader = CHARM.run(state, "config_changed", unit=1)
    assert leader.seen["services"]["minio"] == {}
    holder = CHARM.run(CHARM.as_unit(leader.state, 0), cluster=leader.cluster)
    assert holder.seen["services"]["minio"] == {"minio": "active"}


@pytest.mark.parametrize("encode", [str, lambda text: base64.encodebytes(text.encode()).decode()])
def test_certificates(encode: Any):
    result = run(ssl_cert=encode(CERT), ssl_key=encode(KEY), ssl_ca=encode(CA))
    assert result.files("minio") == {
        f"{CERTIFICATES}/private.key": KEY,
        f"{CERTIFICATES}/public.crt": CERT,
        f"{CERTIFICATES}/CAs/root.crt": CA,
    }
    modes = files.modes(result.state.get_container("minio"))
    assert modes[f"{CERTIFICATES}/private.key"] == 0o600
    assert command(result)[3:5] == ["--certs-dir", CERTIFICATES]


def test_with_certificates_everybody_is_told():
    result = run(ssl_cert=CERT, ssl_key=KEY)
    assert storage(result)["secure"] is True
    bag = result.state.get_relations("metrics-endpoint")[0].local_app_data
    assert json.loads(bag["scrape_jobs"])[0]["scheme"] == "https"
    checks = result.seen["plans"]["minio"]["checks"].values()
    assert all(check["tcp"] == {"port": 9000} for check in checks)
    assert not [check for check in checks if "http" in check]


def test_without_certificates_again():
    before = run(ssl_ca=CA)
    secure = run(before, ssl_cert=CERT, ssl_key=KEY)
    after = run(secure)
    assert after.files("minio") == {}
    assert storage(after)["secure"] is False
    checks = after.seen["plans"]["minio"]["checks"].values()
    assert all(check["http"]["url"].startswith("http://localhost:9000/") for check in checks)


def test_authorities_alone_are_not_tls():
    result = run(ssl_ca=CA)
    assert storage(result)["secure"] is False
    assert list(result.files("minio")) == [f"{CERTIFICATES}/CAs/root.crt"]


@pytest.mark.parametrize("config", [{"ssl_cert": CERT}, {"ssl_key": KEY}])
def test_certificate_and_key_go_together(config: dict[str, Any]):
    status, message = run(**config).status
    assert status == "blocked"
    assert message == (
        "option ssl-cert accepts a certificate that goes with ssl-key (got: one without the other)"
    )


@pytest.mark.parametrize("value", ["%", base64.b64encode(b"text").decode(), "/wA="])
def test_certificates_refused(value: str):
    status, message = run(ssl_cert=value, ssl_key=KEY).status
    assert status == "blocked"
    assert message.startswith("option ssl-cert accepts a certificate, PEM")


def test_a_server_that_runs_is_left_alone_by_a_pair_that_cannot_be_served():
    before = run(ssl_cert=CERT, ssl_key=KEY)
    after = run(before, ssl_cert=CA, ssl_key=KEY)
    assert after.status == (
        "blocked",
        (
            "option ssl-cert accepts a certificate that goes with ssl-key"
            " (got: the certificate does not match the private key)"
        ),
    )
    assert after.files("minio") == before.files("minio")
    assert after.seen["plans"] == before.seen["plans"]


def test_two_ports():
    status, message = run(console_port=9000).status
    assert status == "blocked"
    assert message.startswith("option console-port accepts another port")


def test_generated_password():
    result = run()
    password = storage(result)["secret-key"]
    assert len(password) == 30
    assert service(result)["environment"]["MINIO_ROOT_PASSWORD"] == password
    shown = CHARM.run(result.state, "action", "get-credentials", cluster=result.cluster).results
    assert shown == {"access-key": "minio", "secret-key": password}


def test_password_from_config_and_back():
    before = run()
    own = run(before, access_key="root", secret_key="from config")
    assert storage(own)["secret-key"] == "from config"
    assert storage(own)["access-key"] == "root"
    assert storage(run(own)) == storage(before)


def after_a_published_charm(**details: Any) -> Result:
    """It has generated a password, and told it to its relations in clear."""
    state = CHARM.state(**details)
    relation = state.get_relations("object-storage")[0]
    told = {"access-key": "minio", "namespace": "kubeflow", "port": 9000}
    told |= {"secret-key": "LEFTBYTHEPUBLISHEDCHARM0123456", "secure": False, "service": "minio"}
    bag = {"_supported_versions": "- v1\n", "data": yaml.safe_dump(told)}
    left = dataclasses.replace(relation, local_app_data=bag)
    relations = {*state.relations} - {relation} | {left}
    return CHARM.run(dataclasses.replace(state, relations=relations), "upgrade_charm")


@pytest.mark.parametrize("versions", [("v1",), ("v1", "v2")], ids="-".join)
def test_password_of_a_published_charm_goes_on(versions: tuple[str, ...]):
    result = after_a_published_charm(versions=versions)
    again = CHARM.run(result.state, cluster=result.cluster)
    password = service(again)["environment"]["MINIO_ROOT_PASSWORD"]
    assert password == "LEFTBYTHEPUBLISHEDCHARM0123456"


def test_password_of_a_published_charm_leaves_the_databag():
    """As soon as the other side speaks the version that has a Juju secret."""
    result = after_a_published_charm()
    assert "LEFTBYTHEPUBLISHEDCHARM0123456" not in str(result.seen["databags"])
    granted = [item.latest_content for item in result.state.secrets if item.remote_grants]
    assert granted == [{"access-key": "minio", "secret-key": "LEFTBYTHEPUBLISHEDCHARM0123456"}]


def test_password_is_told_on_every_relation():
    """Also where one side is a published charm and another is not."""
    state = CHARM.state()
    new = state.get_relations("object-storage")[0]
    old = dataclasses.replace(  # pyright: ignore[reportCallIssue]
        new, id=99, remote_app_name="old", remote_app_data={"_supported_versions": "- v1\n"}
    )
    result = CHARM.run(
        dataclasses.replace(state, relations={*state.relations, old}), "config_changed"
    )
    bags = {
        item.remote_app_name: yaml.safe_load(item.local_app_data["data"])
        for item in result.state.get_relations("object-storage")
        if isinstance(item, testing.Relation)
    }
    assert "secret-key" in bags["old"]
    assert "secret-key" not in bags["other-object-storage"]
    secret = result.state.get_secret(id=bags["other-object-storage"]["secret"])
    assert secret.latest_content["secret-key"] == bags["old"]["secret-key"]  # pyright: ignore[reportOptionalSubscript]


def test_no_rights_in_the_cluster_are_needed():
    denied = CHARM.cluster()
    denied.authorize = lambda *_: False
    assert CHARM.run(CHARM.state(), "config_changed", cluster=denied).status == ("active", "")
    assert {port.port for port in CHARM.complete.state.opened_ports} == {9000, 9001}
