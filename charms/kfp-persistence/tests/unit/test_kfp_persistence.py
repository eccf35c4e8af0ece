# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The persistence agent: where it reports, as whom, and on which unit."""

from __future__ import annotations

import pathlib
from typing import Any

from jujusim.testing import Charm, Result, files

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
CONTAINER = "persistenceagent"
TOKEN = "/var/run/secrets/kubeflow/tokens/persistenceagent-sa-token"
SDI = "_supported_versions"


def command(result: Result) -> list[str]:
    return result.seen["plans"][CONTAINER]["services"][CONTAINER]["command"].split()


def run(without: tuple[str, ...] = (), **config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    bags = {
        "kfp-api": {SDI: "- v1", "data": "service-name: kfp-api.ml\nservice-port: '8888'\n"},
        "kfp-api-grpc": {SDI: "- v1", "data": "service-name: kfp-api.ml\nservice-port: '9887'\n"},
    }
    bags = {name: bag for name, bag in bags.items() if name not in without}
    state = CHARM.state(config=options, bags=bags, without=without)
    return CHARM.run(state, "config_changed")


def test_reports_to_the_api_of_the_relations():
    words = command(run())
    assert "--mlPipelineAPIServerName=kfp-api.ml" in words
    assert "--mlPipelineServiceHttpPort=8888" in words
    assert "--mlPipelineServiceGRPCPort=9887" in words


def test_usual_port_of_the_grpc_api_without_its_relation():
    assert "--mlPipelineServiceGRPCPort=8887" in command(run(without=("kfp-api-grpc",)))


def test_all_namespaces_are_watched():
    assert "--namespace=" in command(run())


def test_token_is_read_again_well_before_it_ends():
    assert "--saTokenRefreshIntervalInSecs=300" in command(run())


def test_token_is_for_the_api_of_pipelines_and_for_nobody_else_to_read():
    result = CHARM.complete
    container = result.state.get_container(CONTAINER)
    assert files.modes(container)[TOKEN] == 0o600
    assert result.files(CONTAINER)[TOKEN]


def test_new_token_restarts_nothing():
    """The agent reads the file again on its own."""
    environment = CHARM.complete.seen["plans"][CONTAINER]["services"][CONTAINER]["environment"]
    assert not {name for name in environment if name.startswith("CHARMKIT")}


def test_api_that_is_not_reached_shows():
    check = CHARM.complete.seen["plans"][CONTAINER]["checks"]["persistenceagent-reaches-kfp-api"]
    assert "/dev/tcp/" in check["exec"]["command"]
