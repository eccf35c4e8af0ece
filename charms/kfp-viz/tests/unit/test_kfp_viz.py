# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The visualization server: its port, which it can't move, and what related charms are told."""

from __future__ import annotations

import pathlib

import yaml
from jujusim.testing import Charm

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
CONTAINER = "ml-pipeline-visualizationserver"


def test_service_moves_and_the_listener_stays():
    state = CHARM.state(config={"http-port": "9000"}, model="ml")
    result = CHARM.run(state, "config_changed")
    (port,) = result.seen["objects"]["Service/ml/kfp-viz"]["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (9000, 8888)
    check = result.seen["plans"][CONTAINER]["checks"]["vis-server-ready"]
    assert check["http"] == {"url": "http://localhost:8888/"}
    bag = result.state.get_relations("kfp-viz")[0].local_app_data["data"]
    assert yaml.safe_load(bag) == {"service-name": "kfp-viz.ml", "service-port": "9000"}


def test_server_that_draws_for_long_is_not_restarted():
    check = CHARM.complete.seen["plans"][CONTAINER]["checks"]["vis-server-ready"]
    assert (check["period"], check["timeout"], check["threshold"]) == ("5m", "60s", 3)
