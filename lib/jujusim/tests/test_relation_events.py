# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the two sides of a relation are told, and when."""

import pytest

SEEDS = range(15)


@pytest.mark.parametrize("seed", SEEDS)
def test_joined_comes_before_changed_and_created_before_both(make_model, charm, seed):
    model = make_model(seed=seed)
    model.deploy(charm("server"), units=2)
    model.deploy(charm("client"), units=2)
    model.integrate("server:api", "client:api")
    model.settle()
    for unit in model.units:
        other = "client" if unit.startswith("server") else "server"
        events = [e for e in model.trace.events(unit) if e.startswith("api-")]
        assert events[0] == f"api-relation-created ({other})"
        for number in range(2):
            joined = events.index(f"api-relation-joined ({other}/{number})")
            assert f"api-relation-changed ({other}/{number})" in events[joined:]
            assert f"api-relation-changed ({other}/{number})" not in events[:joined]


def test_only_the_other_side_is_told_and_only_of_changes(pair):
    since = len(pair.trace)
    pair.configure("server", {"port": 81})
    pair.settle()
    assert pair.trace.events("client/0", since=since) == ["api-relation-changed (server)"]
    assert pair.trace.events("server/0", since=since) == ["config-changed"]
    since = len(pair.trace)
    pair.update_status()
    pair.settle()
    assert pair.trace.events(since=since) == ["update-status", "update-status"]


def test_application_data_is_announced_without_a_unit(pair):
    changed = next(r for r in pair.trace if r.event == "api-relation-changed (server)")
    assert "remote_unit" not in changed.details


def test_data_written_before_the_other_side_came_is_there_at_once(model, charm):
    model.deploy(charm("server"))
    model.settle()
    model.deploy(charm("client"))
    model.integrate("server:api", "client:api")
    model.settle()
    assert model.status().apps["client"].status.message == "port 80 of server/0"


def test_changes_show_only_when_the_hook_has_ended(pair):
    pair.configure("server", {"port": 81})
    bag = pair.relation("server", "client").apps["server"]
    assert bag.content == {"port": "80"}
    pair.step()
    assert bag.content == {"port": "81"}


def test_several_changes_are_announced_as_one(pair):
    pair.configure("server", {"port": 81})
    pair.step()
    pair.configure("server", {"port": 82})
    since = len(pair.trace)
    while pair.trace.events("server/0", since=since) != ["config-changed"]:
        pair.run(until=len(pair.trace) + 1)
    pair.settle()
    told = pair.trace.events("client/0", since=since)
    assert 1 <= len(told) <= 2
    assert pair.status().apps["client"].status.message.startswith("port 82")


def test_juju_writes_addresses_into_unit_databags(pair):
    relation = pair.relation("server", "client")
    address = pair.units["server/0"].address
    content = relation.units["server/0"].content
    assert content["ingress-address"] == content["private-address"] == address
    assert content["egress-subnets"] == f"{address}/32"
    assert content["name"] == "server/0"


def test_an_empty_value_removes_its_key(pair, write_charm):
    bag = pair.relation("server", "client").apps["server"]
    version = bag.version
    assert bag.replace({"port": "80", "gone": ""}) == []
    assert bag.version == version


def test_peers_meet_each_other_and_not_themselves(model, charm):
    model.deploy(charm("server"), units=3)
    model.settle()
    for number in range(3):
        events = model.trace.events(f"server/{number}")
        joined = {e for e in events if e.startswith("peers-relation-joined")}
        others = {n for n in range(3) if n != number}
        assert joined == {f"peers-relation-joined (server/{n})" for n in others}


def test_a_follower_may_not_write_application_data(model, write_charm):
    path = write_charm(
        "rude",
        {
            "charmcraft.yaml": "name: rude\npeers: {peers: {interface: p}}",
            "src/charm.py": """
                import ops
                class C(ops.CharmBase):
                    def __init__(self, framework):
                        super().__init__(framework)
                        framework.observe(self.on.start, self._start)
                    def _start(self, _):
                        self.model.get_relation("peers").data[self.app]["a"] = "b"
            """,
        },
    )
    import jujusim

    model.deploy(jujusim.CharmDir.load(path), units=2)
    model.settle()
    leader = model.unit("rude/leader").name
    failed = {record.unit for record in model.trace.failures()}
    assert failed == {"rude/0", "rude/1"} - {leader}
    assert "RelationDataAccessError" in model.trace.failures()[0].error


def test_every_peer_is_told_of_application_data_even_its_writer(model, write_charm):
    import jujusim

    path = write_charm(
        "polite",
        {
            "charmcraft.yaml": "name: polite\npeers: {peers: {interface: p}}",
            "src/charm.py": """
                import ops
                class C(ops.CharmBase):
                    def __init__(self, framework):
                        super().__init__(framework)
                        framework.observe(self.on.leader_elected, self._elected)
                    def _elected(self, _):
                        self.model.get_relation("peers").data[self.app]["a"] = "b"
            """,
        },
    )
    model.deploy(jujusim.CharmDir.load(path), units=2)
    model.settle()
    told = [r.unit for r in model.trace if r.event == "peers-relation-changed (polite)"]
    assert sorted(told) == ["polite/0", "polite/1"]
