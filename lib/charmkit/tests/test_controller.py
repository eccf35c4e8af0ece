# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How Kubeflow's controllers are run, and which Gateway they attach routes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import charmkit
import ops
import pytest
from charmkit.interfaces import istio_gateway_info
from charmkit.kubeflow import controller
from ops import testing

LAYER = controller.layer("one", "a controller", "/manager", {"A": "a"})
META = {"requires": {"gateway-info": {"interface": "istio-gateway-info"}}}
SENT = {"gateway_name": "front", "gateway_namespace": "istio-system"}


def test_layer_is_one_for_pebble():
    layer = ops.pebble.Layer(LAYER)  # pyright: ignore[reportArgumentType]
    assert layer.services["one"].environment == {"A": "a"}
    assert layer.services["one"].on_check_failure == {"one-ready": "restart"}
    assert layer.checks["one-ready"].level is ops.pebble.CheckLevel.READY


def test_probe_and_metrics_are_where_a_manager_has_them():
    assert LAYER["checks"]["one-ready"]["http"] == {"url": "http://localhost:8081/readyz"}
    assert controller.METRICS_PORT == 8080


@pytest.mark.parametrize(
    ("bags", "gateway"),
    [
        ([], "ml/kubeflow-gateway"),
        ([{}], "ml/kubeflow-gateway"),
        ([{**SENT, "gateway_up": "perhaps"}], "ml/kubeflow-gateway"),
        ([SENT], "istio-system/front"),
    ],
    ids=["not related", "not sent", "malformed", "sent"],
)
def test_routes_are_attached_to_the_gateway_that_is_sent_or_the_usual_one(
    context: Any, bags: Sequence[dict[str, str]], gateway: str
):
    def components(charm: ops.CharmBase) -> list[charmkit.Component]:
        return [istio_gateway_info.Requirer(charm)]

    relations = [testing.Relation("gateway-info", remote_app_data=bag) for bag in bags]
    ctx = context(components, meta=META)
    state = testing.State(model=testing.Model("ml"), relations=relations)
    with ctx(ctx.on.update_status(), state) as manager:
        [endpoint] = manager.charm.made
        assert controller.gateway(endpoint, "ml") == gateway
