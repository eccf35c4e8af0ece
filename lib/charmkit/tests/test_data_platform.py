# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Relations whose plain keys name Juju secrets: `mysql_client` and `s3`."""

from __future__ import annotations

from typing import Any

import charmkit
import ops
import pytest
from charmkit import wire
from charmkit.interfaces import mysql, mysql_client, s3
from ops import testing

REQUEST = mysql_client.DatabaseRequest("mlpipeline")
CREDENTIALS = {"username": "relation-4", "password": "hunter2"}
ENDPOINT = "db-primary.ml.svc.cluster.local.:3306"
FIRST = "waiting for username and password from db"


@pytest.fixture
def requirer(context: Any) -> testing.Context[Any]:
    def components(charm: ops.CharmBase) -> list[charmkit.Component]:
        return [mysql_client.Requirer(charm, "database", data=lambda: REQUEST)]

    return context(components, meta={"requires": {"database": {"interface": "mysql_client"}}})


def related(bag: dict[str, str]) -> testing.Relation:
    return testing.Relation("database", remote_app_name="db", remote_app_data=bag)


def read(ctx: testing.Context[Any], relation: testing.Relation, *secrets: testing.Secret) -> Any:
    """Return what the charm reads, or the reason why it can not."""
    state = testing.State(leader=True, relations=[relation], secrets=secrets)
    with ctx(ctx.on.update_status(), state) as manager:
        manager.run()
        (database,) = manager.charm.made
        try:
            return database.get()
        except charmkit.NotReady as reason:
            return reason


def test_database_is_requested_as_the_published_charms_do(requirer: testing.Context[Any]) -> None:
    relation = related({})
    after = requirer.run(
        requirer.on.relation_created(relation), testing.State(leader=True, relations=[relation])
    )
    assert after.get_relation(relation.id).local_app_data == {
        "database": "mlpipeline",
        "requested-secrets": '["username", "password", "tls", "tls-ca", "uris"]',
    }


def test_credentials_are_read_from_the_secret(requirer: testing.Context[Any]) -> None:
    secret = testing.Secret({**CREDENTIALS, "uris": "mysql://"})
    bag = {"endpoints": ENDPOINT, "secret-user": secret.id, "database": "mlpipeline"}
    database = read(requirer, related(bag), secret)
    assert database == mysql_client.Database(ENDPOINT, "relation-4", "hunter2")
    assert not database.has_tls


def test_credentials_are_read_from_the_databag_of_a_provider_without_secrets(
    requirer: testing.Context[Any],
) -> None:
    database = read(requirer, related({"endpoints": ENDPOINT, **CREDENTIALS}))
    assert database.password == "hunter2"


def test_rotated_credentials_are_read(requirer: testing.Context[Any]) -> None:
    new = {**CREDENTIALS, "password": "hunter3"}
    secret = testing.Secret(CREDENTIALS, latest_content=new)
    bag = {"endpoints": ENDPOINT, "secret-user": secret.id}
    assert read(requirer, related(bag), secret).password == "hunter3"


def test_ca_of_the_server_is_read_from_its_secret(requirer: testing.Context[Any]) -> None:
    user, tls = testing.Secret(CREDENTIALS), testing.Secret({"tls": "True", "tls-ca": "PEM"})
    bag = {"endpoints": ENDPOINT, "secret-user": user.id, "secret-tls": tls.id}
    database = read(requirer, related(bag), user, tls)
    assert (database.has_tls, database.tls_ca) == (True, "PEM")


@pytest.mark.parametrize(
    ("bag", "reason"),
    [
        ({}, "waiting for data from db"),
        ({"endpoints": ENDPOINT}, FIRST),
        ({"endpoints": ENDPOINT, "secret-user": ""}, FIRST),
        (
            {"endpoints": ENDPOINT, "secret-user": "secret:cmv5ftabcdefghij0000"},
            "waiting for db to grant its secret",
        ),
    ],
)
def test_waits_for_credentials_that_come_later(
    requirer: testing.Context[Any], bag: dict[str, str], reason: str
) -> None:
    found = read(requirer, related(bag))
    assert isinstance(found, charmkit.Waiting)
    assert found.message == f"relation database: {reason}"


def test_key_that_names_no_secret_is_malformed(requirer: testing.Context[Any]) -> None:
    found = read(requirer, related({"endpoints": ENDPOINT, "secret-user": "hunter2"}))
    assert isinstance(found, charmkit.Blocked)
    assert "hunter2" not in found.message


def test_older_charms_hand_out_the_root_user_in_the_databag_of_a_unit(context: Any) -> None:
    def components(charm: ops.CharmBase) -> list[charmkit.Component]:
        return [mysql.Requirer(charm)]

    ctx = context(components, meta={"requires": {"mysql": {"interface": "mysql"}}})
    bag = {"database": "db", "root_password": "hunter2", "host": "mariadb", "port": "3306"}
    relation = testing.Relation("mysql", remote_units_data={0: bag, 1: {}})
    with ctx(ctx.on.update_status(), testing.State(relations=[relation])) as manager:
        manager.run()
        ((_, access),) = manager.charm.made[0].units()
    assert access.as_database() == mysql_client.Database("mariadb:3306", "root", "hunter2")


@pytest.mark.parametrize(
    ("endpoints", "host", "port"),
    [
        (ENDPOINT, "db-primary.ml.svc.cluster.local.", "3306"),
        ("10.1.0.9:3307", "10.1.0.9", "3307"),
        ("one:3306,two:3306", "one", "3306"),
        ("[fd00::1]:3306", "[fd00::1]", "3306"),
    ],
)
def test_host_and_port_of_the_primary(endpoints: str, host: str, port: str) -> None:
    database = mysql_client.Database(endpoints, "u", "p")
    assert (database.host, database.port) == (host, port)


@pytest.mark.parametrize("endpoints", ["", "db", "db:", ":3306", "db:mysql"])
def test_endpoint_without_host_or_port_is_malformed(endpoints: str) -> None:
    with pytest.raises(wire.MalformedError, match="endpoints is not a host and a port"):
        wire.from_plain(mysql_client.Database, {"endpoints": endpoints, **CREDENTIALS})


@pytest.mark.parametrize(
    ("endpoint", "host", "port", "secure"),
    [
        ("https://s3.example.com", "s3.example.com", 443, True),
        ("http://s3.example.com/", "s3.example.com", 80, False),
        ("https://s3.example.com:9443/base", "s3.example.com", 9443, True),
        ("s3.example.com", "s3.example.com", 80, False),
        ("s3.example.com:443", "s3.example.com", 443, True),
        ("10.1.0.9:9000", "10.1.0.9", 9000, False),
    ],
)
def test_endpoint_of_a_store(endpoint: str, host: str, port: int, secure: bool) -> None:
    bucket = s3.Bucket(endpoint, "key", "secret")
    assert (bucket.host, bucket.port, bucket.secure) == (host, port, secure)


@pytest.mark.parametrize("endpoint", ["", "https://", "ftp://s3.example.com", "s3:port"])
def test_endpoint_that_is_none_is_malformed(endpoint: str) -> None:
    with pytest.raises(ValueError, match=r"^endpoint "):
        s3.Bucket(endpoint, "key", "secret")
