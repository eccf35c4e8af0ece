# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Layers and checks as charms write them, and as Pebble reads them."""

from __future__ import annotations

from typing import Any

import ops
import pytest
from charmkit import pebble


def parsed(layer: pebble.Layer) -> ops.pebble.Layer:
    """The layer as ops, and Pebble, understand it; every key must be one of theirs."""
    found = ops.pebble.Layer(layer)  # pyright: ignore[reportArgumentType]
    assert found.to_dict() == layer
    return found


def test_a_layer_starts_its_service() -> None:
    assert pebble.layer("web", "serve --all") == {
        "services": {
            "web": {
                "override": "replace",
                "summary": "web",
                "command": "serve --all",
                "startup": "enabled",
            }
        }
    }


MORE: dict[str, Any] = {"kill-delay": "5s"}


def test_a_layer_says_what_it_is_told() -> None:
    layer = pebble.layer(
        "web",
        "serve",
        summary="the web",
        environment={"A": "1"},
        working_dir="/src",
        user="nobody",
        **MORE,
    )
    (service,) = parsed(layer).services.values()
    assert (service.name, service.summary, service.environment) == ("web", "the web", {"A": "1"})
    assert (service.working_dir, service.user, service.kill_delay) == ("/src", "nobody", "5s")


def test_a_layer_keeps_no_hold_of_the_environment() -> None:
    environment = {"A": "1"}
    layer = pebble.layer("web", "serve", environment=environment)
    environment["A"] = "2"
    assert layer["services"]["web"]["environment"] == {"A": "1"}


def test_a_key_of_the_service_may_be_given_anew() -> None:
    assert pebble.layer("web", "serve", startup="disabled")["services"]["web"]["startup"] == (
        "disabled"
    )


CHECKS: list[tuple[pebble.Check, dict[str, Any]]] = [
    (pebble.http_check(80, "/ready"), {"http": {"url": "http://localhost:80/ready"}}),
    (pebble.http_check(443, "/", scheme="https"), {"http": {"url": "https://localhost:443/"}}),
    (pebble.tcp_check(5432), {"tcp": {"port": 5432}}),
    (pebble.exec_check("true"), {"exec": {"command": "true"}}),
    (
        pebble.exec_check("check", environment={"A": "1"}, **{"working-dir": "/src"}),
        {"exec": {"command": "check", "environment": {"A": "1"}, "working-dir": "/src"}},
    ),
]


@pytest.mark.parametrize(("check", "kind"), CHECKS)
def test_a_check_says_whether_the_unit_is_ready(check: pebble.Check, kind: dict[str, Any]) -> None:
    assert check == {"override": "replace", "level": "ready", "period": "30s", **kind}
    layer = pebble.layer("web", "serve", checks=[check])
    assert parsed(layer).checks["web-ready"].level is ops.pebble.CheckLevel.READY


@pytest.mark.parametrize(
    "check",
    [
        pebble.http_check(80, "/", period="5s", threshold=4, level="alive"),
        pebble.tcp_check(80, period="5s", threshold=4, level="alive"),
        pebble.exec_check("true", period="5s", threshold=4, level="alive"),
    ],
)
def test_a_check_takes_other_keys(check: pebble.Check) -> None:
    found = parsed(pebble.layer("web", "serve", checks=[check])).checks["web-ready"]
    assert (found.period, found.threshold, found.level) == ("5s", 4, ops.pebble.CheckLevel.ALIVE)


def test_a_failing_check_restarts_the_service() -> None:
    check = pebble.tcp_check(80)
    layer = pebble.layer("web", "serve", checks=[check])
    assert parsed(layer).services["web"].on_check_failure == {"web-ready": "restart"}
    layer = pebble.layer("web", "serve", checks=[pebble.tcp_check(80, restart=False)])
    assert parsed(layer).services["web"].on_check_failure == {}
    assert set(layer["checks"]) == {"web-ready"}


def test_several_checks_have_names_of_their_own() -> None:
    checks = [pebble.tcp_check(80), pebble.http_check(81, "/", name="web-up", threshold=2)]
    layer = pebble.layer("web", "serve", checks=checks)
    assert set(parsed(layer).checks) == {"web-ready", "web-up"}
    assert parsed(layer).services["web"].on_check_failure == {
        "web-ready": "restart",
        "web-up": "restart",
    }
    assert checks[1]["name"] == "web-up"


def test_two_checks_of_one_name_are_a_bug() -> None:
    with pytest.raises(ValueError, match="web-ready"):
        pebble.layer("web", "serve", checks=[pebble.tcp_check(80), pebble.tcp_check(81)])
