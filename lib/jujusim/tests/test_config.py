# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Config options."""

import jujusim
import pytest


def test_a_change_is_announced_to_every_unit_once(model, charm):
    model.deploy(charm("server"), units=2)
    model.settle()
    since = len(model.trace)
    model.configure("server", {"port": 81, "debug": True})
    model.configure("server", {"port": 82})
    model.settle()
    assert model.trace.events(since=since) == ["config-changed", "config-changed"]
    assert model.units["server/1"].containers["web"].files()["/etc/web.conf"] == b"port 82\n"


def test_the_same_value_is_no_change(pair):
    since = len(pair.trace)
    pair.configure("server", {"port": 80})
    pair.configure("server", {"port": "80"})
    pair.settle()
    assert pair.trace.events(since=since) == []


def test_none_resets_to_the_default(pair):
    pair.configure("server", {"port": 81})
    pair.settle()
    pair.configure("server", {"port": None})
    pair.settle()
    assert pair.status().apps["client"].status.message.startswith("port 80")


@pytest.mark.parametrize(
    ("values", "stored"),
    [
        ({"port": "8080"}, 8080),
        ({"debug": "true"}, True),
        ({"debug": False}, False),
        ({"weight": "2"}, 2.0),
        ({"name": "x"}, "x"),
        ({"certificate": "secret:abc"}, "secret:abc"),
    ],
)
def test_text_becomes_the_declared_type(model, charm, values, stored):
    model.deploy(charm("server"), config=values)
    assert list(model.app("server").config.values()) == [stored]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"port": "many"}, 'option "port" expects int'),
        ({"port": 1.5}, 'option "port" expects int'),
        ({"port": True}, 'option "port" expects int'),
        ({"debug": "maybe"}, 'option "debug" expects boolean'),
        ({"weight": "heavy"}, 'option "weight" expects float'),
        ({"name": 3}, 'option "name" expects string'),
        ({"colour": "red"}, 'unknown option "colour"'),
        ({"colour": None}, 'unknown option "colour"'),
    ],
)
def test_bad_values_are_refused_and_nothing_changes(pair, values, message):
    with pytest.raises(jujusim.JujuError, match=message):
        pair.configure("server", {"port": 81, **values} if "port" not in values else values)
    since = len(pair.trace)
    pair.settle()
    assert pair.trace.events(since=since) == []


def test_unknown_application(model):
    with pytest.raises(jujusim.JujuError, match='application "nobody" not found'):
        model.configure("nobody", {})
