# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Containers."""

import jujusim
import ops
import pytest


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
    with pytest.raises(jujusim.JujuError, match='no check "down"'):
        pair.fail_check("server/0", "web", "down")
    with pytest.raises(jujusim.JujuError, match="no check"):
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


RUNNER = """
    import ops
    class C(ops.CharmBase):
        def __init__(self, framework):
            super().__init__(framework)
            framework.observe(self.on.web_pebble_ready, self._ready)
        def _ready(self, event):
            try:
                output, _ = event.workload.exec(["tool", "--version"]).wait_output()
            except ops.pebble.ExecError as error:
                self.unit.status = ops.BlockedStatus(f"{error.exit_code} {error.stderr}")
            else:
                self.unit.status = ops.ActiveStatus(output)
"""


@pytest.fixture
def runner(write_charm):
    files = {
        "charmcraft.yaml": "name: runner\ncontainers: {web: {resource: image}}",
        "src/charm.py": RUNNER,
    }
    return jujusim.CharmDir.load(write_charm("runner", files))


def test_commands_do_what_the_model_says(model, runner):
    model.deploy(runner)
    model.handle_exec("runner", "web", ["tool"], lambda command: f"ran {command[1]}")
    model.settle()
    assert model.status().apps["runner"].status == jujusim.Status("active", "ran --version")
    assert any("exec tool --version" in record.pebble.get("web", []) for record in model.trace)


def test_commands_may_fail_and_survive_a_new_pod(model, runner):
    def fail(command):
        raise ops.pebble.ExecError(command, 3, "", "no")

    model.deploy(runner)
    model.handle_exec("runner", "web", ["tool"], fail)
    model.settle()
    assert model.status().apps["runner"].status == jujusim.Status("blocked", "3 no")
    model.handle_exec("runner", "web", ["tool"], lambda _: "well")
    model.churn("runner/0")
    model.settle()
    assert model.status().apps["runner"].status == jujusim.Status("active", "well")


def test_a_command_that_nobody_has_described_is_an_error(model, runner):
    model.deploy(runner)
    model.settle()
    assert "APIError" in model.trace.failures()[0].error
