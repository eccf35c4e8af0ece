# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Envoy: where it leads, and when it starts anew."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm, Result

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
SERVER = {"name": "metadata-grpc-service", "port": "8080"}


def run(server: dict[str, str] | None = SERVER, **config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    if server is None:
        return CHARM.run(CHARM.state(config=options, without=["grpc"]), "config_changed")
    return CHARM.run(CHARM.state(config=options, bags={"grpc": server}), "config_changed")


def address(result: Result) -> dict[str, Any]:
    (text,) = result.files("envoy").values()
    clusters = json.loads(text)["static_resources"]["clusters"]
    (cluster,) = [item for item in clusters if item["name"] == "metadata"]
    endpoint = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]
    return endpoint["address"]["socket_address"]


def test_it_leads_to_the_server_of_the_relation():
    found = address(run({"name": "metadata", "port": "9000"}))
    assert found == {"address": "metadata", "port_value": 9000}


def test_server_that_moves_restarts_envoy():
    """Envoy reads its configuration once."""
    before = run()
    (relation,) = before.state.get_relations("grpc")
    moved = dataclasses.replace(  # pyright: ignore[reportCallIssue]
        relation, remote_app_data={**SERVER, "port": "9000"}
    )
    relations = [item for item in before.state.relations if item != relation] + [moved]
    after = CHARM.run(
        dataclasses.replace(before.state, relations=relations), cluster=before.cluster
    )
    assert address(after)["port_value"] == 9000
    assert after.seen["plans"] != before.seen["plans"]


def test_waits_for_a_server_and_asks_for_a_relation():
    assert run(None).status == (
        "blocked",
        "relate grpc to an application that offers k8s-service",
    )
    status, message = run({}).status
    assert (status, message) == ("waiting", "relation grpc: waiting for data from other-grpc")


@pytest.mark.parametrize("port", ["http", "0", "70000"])
def test_port_that_is_none_is_the_server_s_fault(port: str):
    status, message = run({**SERVER, "port": port}).status
    assert status == "blocked"
    assert message.startswith("relation grpc: bad data from other-grpc: port is not")


def test_two_ports_that_are_one_are_refused():
    assert run(admin_port="9090").status == (
        "blocked",
        "option admin-port accepts another port than http-port has",
    )
