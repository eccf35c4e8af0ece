# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Coming to rest."""

import functools
import gc

import jujusim
import pytest


def test_an_idle_model_runs_nothing(pair):
    assert pair.settle() == 0
    assert pair.step() is None


def test_livelock_names_who_plays(model, charm):
    model.deploy(charm("pingpong"), "ping")
    model.deploy(charm("pingpong"), "pong")
    model.integrate("ping:ball", "pong:bat")
    with pytest.raises(jujusim.Livelock) as caught:
        model.settle(max_hooks=100)
    text = str(caught.value)
    assert "no end after hook 101" in text
    assert "ping/0 ball-relation-changed (pong)" in text
    assert "pong/0 bat-relation-changed (ping)" in text
    assert "writes count" in text


@pytest.mark.parametrize("max_hooks", [None, 20])
def test_garbage_is_collected_afterwards_as_before(model, charm, max_hooks, request):
    request.addfinalizer(functools.partial(gc.set_threshold, *gc.get_threshold()))
    before = (900, 9, 9)
    gc.set_threshold(*before)
    model.deploy(charm("pingpong"), "ping")
    model.deploy(charm("pingpong"), "pong")
    model.integrate("ping:ball", "pong:bat")
    with pytest.raises(jujusim.Livelock):
        model.settle(max_hooks)
    assert gc.get_threshold() == before


def test_livelock_is_found_without_being_told_how_many_hooks_are_too_many(model, charm):
    model.deploy(charm("pingpong"), "ping")
    model.deploy(charm("pingpong"), "pong")
    model.integrate("ping:ball", "pong:bat")
    with pytest.raises(jujusim.Livelock):
        model.settle()
    assert len(model.trace) < 2000


def test_update_status_comes_when_nothing_else_does(pair):
    pair.update_status()
    pair.configure("server", {"port": 81})
    since = len(pair.trace)
    pair.settle()
    events = pair.trace.events("server/0", since=since)
    assert events == ["config-changed", "update-status"]
