"""Containers."""

import ops
import pytest
from ckf import juju


@pytest.fixture
def web(pair):
    return pair.units["server/0"].containers["web"]


def test_services_run_after_replan(web):
    assert web.services() == {"web": True}
    assert web.starts == {"web": 1}
    assert web.plan()["services"]["web"]["environment"] == {"PORT": "80"}


def test_only_a_changed_service_restarts(pair, web):
    pair.update_status()
    pair.settle()
    assert web.starts == {"web": 1}
    pair.configure("server", {"port": 81})
    pair.settle()
    assert web.starts == {"web": 2}


def test_files_stay_between_hooks(pair, web):
    assert web.files() == {"/etc/web.conf": b"port 80\n"}
    web.push("/extra", "text")
    pair.update_status()
    pair.settle()
    assert web.files()["/extra"] == b"text"


def test_checks_are_up_until_they_fail(pair, web):
    assert web.checks() == {"up": True}
    since = len(pair.trace)
    pair.fail_check("server/0", "web", "up")
    pair.settle()
    assert pair.trace.events(since=since) == ["web-pebble-check-failed (up)"]
    assert pair.status().apps["server"].status.message == "web is not healthy"
    pair.recover_check("server/0", "web", "up")
    pair.settle()
    assert pair.trace.events(since=since)[1:] == ["web-pebble-check-recovered (up)"]
    assert pair.status().apps["server"].status.name == "active"


def test_unknown_checks(pair):
    with pytest.raises(juju.JujuError, match='no check "down"'):
        pair.fail_check("server/0", "web", "down")
    with pytest.raises(juju.JujuError, match="no check"):
        pair.fail_check("server/0", "nothing", "up")


def test_a_service_that_dies_stays_dead_until_it_is_started(web):
    web.fail_service("web")
    assert web.services() == {"web": False}
    web.replan_services()
    assert web.services() == {"web": True}
    assert web.starts == {"web": 2}


def test_a_layer_of_the_caller_is_not_kept(web):
    layer = ops.pebble.Layer({"services": {"web": {"override": "merge", "summary": "a"}}})
    web.add_layer("more", layer)
    layer.services["web"].summary = "b"
    assert web.plan()["services"]["web"]["summary"] == "a"
    assert web.plan()["services"]["web"]["command"] == "web"


def test_a_service_that_leaves_the_plan_stops(web):
    web.add_layer(
        "more",
        {"services": {"extra": {"override": "replace", "command": "x", "startup": "enabled"}}},
    )
    web.replan_services()
    assert web.services()["extra"]
    del web._layers["more"]
    web.replan_services()
    assert web.services() == {"web": True}


def test_started_stopped_and_restarted(web):
    web.stop_services(["web"])
    assert web.services() == {"web": False}
    web.start_services(["web"])
    web.start_services(["web"])
    assert web.starts == {"web": 2}
    web.restart_services(["web"])
    assert web.starts == {"web": 3}


def test_nothing_answers_before_the_container_is_up(model, charm):
    model.deploy(charm("server"))
    web = model.units["server/0"].containers["web"]
    with pytest.raises(ops.pebble.ConnectionError):
        web.get_plan()


def test_the_trace_tells_what_changed(pair):
    pair.configure("server", {"port": 81})
    pair.settle()
    record = next(r for r in reversed(pair.trace) if r.unit == "server/0")
    assert record.pebble == {"web": ["push /etc/web.conf", "layer web", "stop web", "start web"]}
