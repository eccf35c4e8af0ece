# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""ML Metadata: who serves, and where it is found."""

from __future__ import annotations

import pathlib
from typing import Any

from jujusim.testing import Charm, Result

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "mlmd-grpc-server"


def run(**config: Any) -> Result:
    return CHARM.run(CHARM.state(config=config), "config_changed")


def command(result: Result) -> list[str]:
    return result.seen["plans"][NAME]["services"]["mlmd"]["command"].split()


def ports(result: Result) -> dict[int, int]:
    """The ports of the Service that steps know."""
    spec = result.seen["objects"]["Service/kubeflow/metadata-grpc-service"]["spec"]
    return {item["port"]: item["targetPort"] for item in spec["ports"]}


def told(result: Result) -> dict[str, str]:
    (relation,) = result.state.get_relations("grpc")
    return dict(relation.local_app_data)


def test_steps_find_the_server_on_8080_whatever_the_option_says():
    result = run(port="9000")
    assert "--grpc_port=9000" in command(result)
    assert ports(result) == {9000: 9000, 8080: 9000}
    assert told(result) == {"name": "metadata-grpc-service", "port": "9000"}


def test_database_is_a_file_on_the_volume():
    (content,) = run().files(NAME).values()
    assert "file:/data/mlmd.db" in content


def test_unit_without_the_database_runs_nothing():
    """Two servers would write one file each, and steps would find either."""
    first = CHARM.run(CHARM.state(units=2), "config_changed")
    second = CHARM.run(CHARM.as_unit(first.state, 1), unit=1, cluster=first.cluster)
    assert first.seen["services"] == {NAME: {"mlmd": "active"}}
    assert "active" not in second.seen["services"][NAME].values()
    assert second.status == ("active", "standby: mlmd/0 is active")
