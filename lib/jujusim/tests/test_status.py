# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What juju status says."""

import jujusim
from jujusim import status


def test_a_model(pair):
    shown = pair.status()
    server = shown.apps["server"]
    assert (server.scale, server.version, server.status.name) == (1, "1.2", "active")
    unit = server.units["server/0"]
    assert unit.leader
    assert unit.address == pair.units["server/0"].address
    assert [str(relation.interface) for relation in shown.relations] == ["server-peers", "http"]
    assert shown.relations[1].provider == "server:api"
    assert shown.relations[1].requirer == "client:api"
    assert shown.inactive == {}


def test_the_most_severe_unit_decides(pair):
    pair.add_unit("server", 2)
    pair.settle()
    app = pair.app("server")
    for name, expected in [
        ("waiting", "waiting"),
        ("maintenance", "maintenance"),
        ("blocked", "blocked"),
    ]:
        app.units[2].status = jujusim.Status(name, "x")
        assert status.derive(app) == jujusim.Status(expected, "x")
    app.units[1].status = jujusim.Status("maintenance", "y")
    assert status.derive(app).name == "blocked"
    assert pair.status().inactive["server"].name == "blocked"


def test_the_leaders_word_counts(pair):
    pair.app("server").status = jujusim.Status("waiting", "for all")
    assert pair.status().apps["server"].status.message == "for all"


def test_a_unit_that_has_not_started(model, charm):
    model.deploy(charm("server"))
    assert model.status().apps["server"].status == jujusim.Status("waiting", "installing agent")


def test_a_charm_that_sets_no_status_is_unknown(model, write_charm):
    path = write_charm(
        "silent",
        {
            "charmcraft.yaml": "name: silent",
            "src/charm.py": "import ops\nclass C(ops.CharmBase): pass",
        },
    )
    model.deploy(jujusim.CharmDir.load(path))
    model.settle()
    assert model.status().apps["silent"].status.name == "unknown"


LEAVING = """
    import ops
    class C(ops.CharmBase):
        def __init__(self, framework):
            super().__init__(framework)
            framework.observe(self.on.start, self._on)
            framework.observe(self.on.peers_relation_departed, self._departed)
        def _on(self, _):
            self.unit.status = ops.ActiveStatus()
        def _departed(self, event):
            if event.departing_unit == self.unit:
                self.unit.status = ops.BlockedStatus("relate me")
"""


def test_a_leaving_units_status_counts_until_it_is_gone(make_model, write_charm):
    """As Juju shows it: the application takes the most severe status of all of its units."""
    meta = "name: leaving\npeers: {peers: {interface: p}}"
    path = write_charm("leaving", {"charmcraft.yaml": meta, "src/charm.py": LEAVING})
    model = make_model()
    model.deploy(jujusim.CharmDir.load(path), units=2)
    model.settle()
    model.remove_unit("leaving")
    seen = []
    while model.step():
        seen.append(model.status().apps["leaving"].status)
    assert jujusim.Status("blocked", "relate me") in seen
    assert seen[-1] == jujusim.Status("active")
