# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The two programs beside each other in one pod."""

from __future__ import annotations

import pathlib
from typing import Any

from jujusim.testing import Charm

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
with CHARM.directory.importable():
    import operator_programs
    from operator_programs import OPERATOR, WEBHOOK


def service(name: str, port: int = 8443) -> dict[str, Any]:
    return operator_programs.layer(name, "ml", port)["services"][name]


def test_no_port_is_listened_on_by_both():
    ports = [
        {
            service(name)["environment"][key]
            for key in ("METRICS_PROMETHEUS_PORT", "PROFILING_PORT")
        }
        for name in (OPERATOR, WEBHOOK)
    ]
    assert not ports[0] & ports[1]
    assert operator_programs.PROBE_PORT in operator_programs.TAKEN


def test_webhook_listens_where_the_option_says():
    assert service(WEBHOOK, port=9000)["environment"]["WEBHOOK_PORT"] == "9000"
    layer = operator_programs.layer(WEBHOOK, "ml", 9000)
    (check,) = layer["checks"].values()
    assert check["tcp"] == {"port": 9000}
    assert "WEBHOOK_PORT" not in service(OPERATOR)["environment"]


def test_each_is_restarted_by_its_own_check():
    for name in (OPERATOR, WEBHOOK):
        layer = operator_programs.layer(name, "ml", 8443)
        assert list(layer["services"][name]["on-check-failure"]) == list(layer["checks"])
