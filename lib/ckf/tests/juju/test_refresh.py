"""Another version of a charm."""

import pytest
from ckf import juju

SEEDS = range(10)

META = """
    name: worker
    containers: {{web: {{resource: image}}}}
    requires: {{api: {{interface: {interface}}}}}
    config: {{options: {{{option}: {{type: string, default: a}}}}}}
"""
CODE = """
    import ops
    class C(ops.CharmBase):
        kept = ops.StoredState()
        def __init__(self, framework):
            super().__init__(framework)
            self.kept.set_default(born="{version}")
            for name, event in self.on.events().items():
                if issubclass(event.event_type, ops.HookEvent):
                    framework.observe(getattr(self.on, name), self._on)
        def _on(self, _):
            self.unit.status = ops.ActiveStatus("{version} " + self.kept.born)
"""


@pytest.fixture
def version(write_charm):
    def make(number, interface="http", option="colour"):
        path = write_charm(
            f"worker-{number}",
            {
                "charmcraft.yaml": META.format(interface=interface, option=option),
                "src/charm.py": CODE.format(version=number),
            },
        )
        return juju.CharmDir.load(path)

    return make


@pytest.mark.parametrize("seed", SEEDS)
def test_upgrade_charm_then_config_changed_in_a_new_pod(make_model, version, seed):
    model = make_model(seed=seed)
    model.deploy(version("1"))
    model.settle()
    since = len(model.trace)
    model.refresh("worker", version("2"))
    model.settle()
    events = model.trace.events("worker/0", since=since)
    assert events[:2] == ["stop", "start"]
    upgrade = events.index("upgrade-charm")
    assert events[upgrade + 1] == "config-changed"
    assert events.count("upgrade-charm") == events.count("config-changed") == 1
    assert "web-pebble-ready" in events
    assert model.status().apps["worker"].status.message == "2 2"


def test_pods_are_replaced_one_by_one_from_the_highest(model, version):
    model.deploy(version("1"), units=3)
    model.settle()
    since = len(model.trace)
    model.refresh("worker", version("2"))
    model.settle()
    stops = [r.unit for r in model.trace if r.number > since and r.event == "stop"]
    assert stops == ["worker/2", "worker/1", "worker/0"]


def test_a_relation_keeps_its_endpoint(model, version, charm):
    model.deploy(version("1"))
    model.deploy(charm("server"))
    model.integrate("worker", "server:api")
    model.settle()
    with pytest.raises(juju.JujuError, match='would break relation endpoint "api"'):
        model.refresh("worker", version("3", interface="other"))
    assert model.app("worker").charm is version("1")


def test_options_that_are_gone_are_dropped(model, version):
    model.deploy(version("1"), config={"colour": "red"})
    model.settle()
    model.refresh("worker", version("4", option="shape"))
    model.settle()
    assert model.app("worker").config == {}
