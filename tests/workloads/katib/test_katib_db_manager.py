# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Katib's database manager, run as its charm runs it, with a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .. import cluster, conformance, database
from ..cluster import Node, Pod
from ..database import Database
from . import measurements

APP, DATABASE = "katib-db-manager", "katib-db"
READY = f"{APP}-ready"
IMAGE = {"/app/katib-db-manager": APP, "/bin/grpc_health_probe": "grpc-health-probe"}
FAILS = f"container {APP}: check {READY} fails"


@pytest.fixture(scope="module")
def pod(node: Node, server: Database) -> Iterator[Pod]:
    """The program; nothing has started the database yet."""
    cluster.program(APP)
    with node.untrusted(APP), cluster.running(node, APP, APP, IMAGE) as pod:
        yield pod


@pytest.fixture
def program(pod: Pod) -> Pod:
    return pod


def is_up(pod: Pod) -> bool:
    return pod.pebble.checks()[READY]


def is_down(pod: Pod) -> bool:
    return not is_up(pod)


def test_a_unit_waits_for_a_database_that_is_late(pod: Pod) -> None:
    pod.wait(pod.unhealthy)
    kind, message = pod.report()
    assert kind == "waiting"
    assert message.startswith(f"container {APP}: check {APP}-")


def test_it_heals_by_itself_when_the_database_comes(
    node: Node, pod: Pod, server: Database
) -> None:
    server.start()
    server.admit(*database.credentials(node, DATABASE), "katib")
    pod.wait(pod.healthy)
    assert pod.report() == ("active", "")
    assert server.ask("SHOW TABLES FROM katib").split() == ["observation_logs"]


class TestStart(conformance.Start):
    """As every program."""


def test_a_measurement_is_kept_and_read(pod: Pod, server: Database) -> None:
    measurements.report(pod, "one", "loss", "0.25")
    assert server.ask("SELECT trial_name, value FROM katib.observation_logs").split() == [
        "one",
        "0.25",
    ]
    assert b"0.25" in measurements.read(pod, "one")


def test_it_waits_while_the_database_is_gone(pod: Pod, server: Database) -> None:
    server.stop()
    pod.wait(lambda: is_down(pod))
    assert pod.report() == ("waiting", FAILS)
    server.start()
    pod.wait(pod.healthy)
    assert pod.report() == ("active", "")


def test_a_rotated_password_reaches_it(node: Node, pod: Pod, server: Database) -> None:
    before = database.credentials(node, DATABASE)
    with node.hooks(APP):
        node.run.model.run_action(f"{DATABASE}/0", "rotate")
    after = database.credentials(node, DATABASE)
    assert after != before
    server.admit(*after, "katib")
    pod.wait(lambda: pod.pebble.failures(READY))
    pod.replan()
    pod.wait(pod.healthy)
    assert pod.report() == ("active", "")


def test_its_log_has_no_password(node: Node, pod: Pod) -> None:
    log = pod.log()
    assert "Start Katib manager" in log
    assert not [value for value in node.run.model.secret_values() if value in log]


class TestEnd(conformance.End):
    """As every program."""
