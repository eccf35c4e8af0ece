# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Katib's database manager: it runs with all of the database's credentials, or not at all."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm, Result
from ops import pebble, testing

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "katib-db-manager"
BAG = {
    "endpoints": "db-primary.kubeflow.svc.cluster.local.:3306",
    "username": "relation-4",
    "password": "7SC5XV4Q7JB9",
}


def run(bag: dict[str, str], before: Result | None = None) -> Result:
    if before is None:
        return CHARM.run(CHARM.state(bags={"relational-db": bag}), "config_changed")
    (relation,) = before.state.get_relations("relational-db")
    new = dataclasses.replace(relation, remote_app_data=bag)  # pyright: ignore[reportCallIssue]
    relations = {*before.state.relations} - {relation} | {new}
    state = dataclasses.replace(before.state, relations=relations)
    return CHARM.run(state, cluster=before.cluster)


def environment(result: Result) -> dict[str, str]:
    return result.seen["plans"][NAME]["services"][NAME]["environment"]


def services(result: Result) -> dict[str, Any]:
    return result.seen["services"][NAME]


def test_all_that_the_program_would_make_up_is_set():
    assert environment(run(BAG)) == {
        "DB_NAME": "mysql",
        "DB_USER": "relation-4",
        "DB_PASSWORD": "7SC5XV4Q7JB9",
        "KATIB_MYSQL_DB_HOST": "db-primary.kubeflow.svc.cluster.local.",
        "KATIB_MYSQL_DB_PORT": "3306",
        "KATIB_MYSQL_DB_DATABASE": "katib",
    }


@pytest.mark.parametrize("missing", BAG)
def test_it_does_not_run_before_every_credential_is_there(missing: str):
    less = {key: text for key, text in BAG.items() if key != missing}
    result = run(less)
    assert services(result) == {}
    assert result.status[0] == "waiting"
    assert "relational-db" in result.status[1]
    late = run(BAG, result)
    assert services(late) == {NAME: "active"}
    assert late.status == ("active", "")


@pytest.mark.parametrize("changed", [{"password": "new"}, {"endpoints": "other:3307"}])
def test_rotated_credentials_are_used_at_once(changed: dict[str, str]):
    before = run(BAG)
    after = run({**BAG, **changed}, before)
    assert environment(after) != environment(before)
    assert services(after) == {NAME: "active"}


def test_withdrawn_credentials_are_not_used_on():
    before = run(BAG)
    (relation,) = before.state.get_relations("relational-db")
    state = dataclasses.replace(before.state, relations={*before.state.relations} - {relation})
    after = CHARM.run(state, cluster=before.cluster)
    assert services(after) == {NAME: "inactive"}
    assert after.status == (
        "blocked",
        "relate relational-db to an application that offers mysql_client",
    )


def test_health_is_that_of_the_database():
    plan = run(BAG).seen["plans"][NAME]
    probe = plan["checks"][f"{NAME}-ready"]["exec"]["command"]
    assert probe == "/bin/grpc_health_probe -addr=:6789"
    assert plan["services"][NAME]["on-check-failure"] == {f"{NAME}-up": "restart"}


def failing(result: Result, status: pebble.CheckStatus) -> tuple[str, str]:
    """The unit's status while the check of its health says so."""
    (container,) = result.state.containers
    infos = {info.name: info for info in container.check_infos}
    check = dataclasses.replace(infos[f"{NAME}-ready"], status=status, failures=3)
    checks = frozenset({**infos, check.name: check}.values())
    there = dataclasses.replace(container, check_infos=checks)
    state = dataclasses.replace(result.state, containers={there})
    event = "pebble_check_failed" if status is pebble.CheckStatus.DOWN else "update_status"
    about = (there, check) if event == "pebble_check_failed" else ()
    return CHARM.run(state, event, *about, cluster=result.cluster).status


def test_a_database_that_fails_is_a_status_that_heals():
    result = run(BAG)
    message = f"container {NAME}: check {NAME}-ready fails"
    assert failing(result, pebble.CheckStatus.DOWN) == ("waiting", message)
    assert failing(result, pebble.CheckStatus.UP) == ("active", "")


def test_the_service_is_told_under_the_applications_name():
    relation = run(BAG).state.get_relations("k8s-service-info")[0]
    assert isinstance(relation, testing.Relation)
    assert relation.local_app_data == {"name": NAME, "port": "6789"}
