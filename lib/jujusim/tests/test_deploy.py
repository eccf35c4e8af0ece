# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The order of a unit's first hooks."""

import jujusim
import pytest

SEEDS = range(25)


def startup(events):
    """Hooks before and including start, without those that come at any time."""
    first = events[: events.index("start") + 1]
    return [event for event in first if "pebble-ready" not in event and "storage" not in event]


@pytest.mark.parametrize("seed", SEEDS)
def test_first_hooks_come_in_order(make_model, charm, seed):
    model = make_model(seed=seed)
    model.deploy(charm("server"))
    model.deploy(charm("client"))
    model.integrate("server:api", "client:api")
    model.settle()
    events = startup(model.trace.events("server/0"))
    assert events[0] == "install"
    assert set(events[1:3]) == {
        "peers-relation-created (server)",
        "api-relation-created (client)",
    }
    assert events[3:] == ["leader-elected", "config-changed", "start"]


@pytest.mark.parametrize("seed", SEEDS)
def test_start_follows_config_changed_at_once(make_model, charm, seed):
    model = make_model(seed=seed)
    model.deploy(charm("server"))
    model.settle()
    events = model.trace.events("server/0")
    assert events[events.index("config-changed") + 1] == "start"


def test_pebble_is_ready_once_per_container_and_at_different_times(make_model, charm):
    positions = set()
    for seed in SEEDS:
        model = make_model(seed=seed)
        model.deploy(charm("server"))
        model.settle()
        events = model.trace.events("server/0")
        assert events.count("web-pebble-ready") == events.count("sidecar-pebble-ready") == 1
        assert events.index("web-pebble-ready") > events.index("install")
        positions.add(events.index("web-pebble-ready") > events.index("start"))
    assert positions == {True, False}


def test_storage_is_attached_once_after_install(make_model, charm):
    positions = set()
    for seed in SEEDS:
        model = make_model(seed=seed)
        model.deploy(charm("server"))
        model.settle()
        events = model.trace.events("server/0")
        assert events.count("data-storage-attached") == 1
        assert events.index("data-storage-attached") > events.index("install")
        positions.add(events.index("data-storage-attached") > events.index("start"))
    assert positions == {True, False}


def test_one_unit_is_elected_and_the_others_are_told(make_model, charm):
    leaders = set()
    for seed in SEEDS:
        model = make_model(seed=seed)
        model.deploy(charm("server"), units=3)
        model.settle()
        elected = [r.unit for r in model.trace if r.event == "leader-elected"]
        followers = [r.unit for r in model.trace if r.event == "leader-settings-changed"]
        assert len(elected) == 1
        assert sorted(elected + followers) == ["server/0", "server/1", "server/2"]
        leaders.add(elected[0])
    assert len(leaders) > 1


def test_a_unit_that_installs_sees_no_relations(make_model, write_charm):
    path = write_charm(
        "curious",
        {
            "charmcraft.yaml": "name: curious\npeers: {peers: {interface: p}}",
            "src/charm.py": """
                import ops
                class C(ops.CharmBase):
                    def __init__(self, framework):
                        super().__init__(framework)
                        framework.observe(self.on.install, self._install)
                    def _install(self, _):
                        seen = bool(self.model.get_relation("peers"))
                        self.unit.status = ops.ActiveStatus(str(seen))
            """,
        },
    )
    model = make_model()
    model.deploy(jujusim.CharmDir.load(path))
    model.settle()
    assert model.status().apps["curious"].status.message == "False"


def test_a_name_of_its_own(model, charm):
    model.deploy(charm("server"), "web", config={"port": "8080"}, channel="1.0/stable")
    model.settle()
    app = model.status().apps["web"]
    assert (app.charm, app.channel, app.scale) == ("server", "1.0/stable", 1)
    assert model.units["web/0"].containers["web"].files()["/etc/web.conf"] == b"port 8080\n"


def test_names_and_storage_are_checked(model, charm):
    model.deploy(charm("server"))
    with pytest.raises(jujusim.JujuError, match="already exists"):
        model.deploy(charm("server"))
    with pytest.raises(jujusim.JujuError, match='no storage "cache"'):
        model.deploy(charm("server"), "other", storage={"cache": "1G"})
    with pytest.raises(jujusim.JujuError, match='unknown option "colour"'):
        model.deploy(charm("server"), "other", config={"colour": "red"})
    assert list(model.apps) == ["server"]
