# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Another version of a charm."""

import jujusim
import kubefake
import pytest

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
        return jujusim.CharmDir.load(path)

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
    with pytest.raises(jujusim.JujuError, match='would break relation "worker:api server:api"'):
        model.refresh("worker", version("3", interface="other"))
    assert model.app("worker").charm is version("1")


def test_options_that_are_gone_are_dropped(model, version):
    model.deploy(version("1"), config={"colour": "red"})
    model.settle()
    model.refresh("worker", version("4", option="shape"))
    model.settle()
    assert model.app("worker").config == {}


FULL = """
name: worker
containers: {web: {resource: image, mounts: [{storage: data, location: /data}]}}
resources: {image: {type: oci-image, upstream-source: "example/web:1"}}
requires: {api: {interface: http}}
peers: {mates: {interface: mates}}
storage: {data: {type: filesystem, multiple: {range: 0-2}}, disk: {type: filesystem}}
config:
  options:
    text: {type: string}
    number: {type: int}
    flag: {type: boolean}
    ratio: {type: float}
"""
LOG = """
import pathlib, ops
class C(ops.CharmBase):
    def __init__(self, framework):
        super().__init__(framework)
        for name, event in self.on.events().items():
            if issubclass(event.event_type, ops.HookEvent):
                framework.observe(getattr(self.on, name), self._on)
    def _on(self, event):
        for relation in self.model.relations.get("mates", []):
            relation.data[self.unit]["seen"] = "yes"
        for name, container in self.unit.containers.items():
            if container.can_connect():
                container.add_layer("l", {"services": {name: {
                    "override": "replace", "command": "run", "startup": "enabled"}}}, combine=True)
                container.replan()
        self.unit.status = ops.ActiveStatus(" ".join(sorted(self.meta.containers)))
"""


@pytest.fixture
def changed(write_charm):
    """The charm of `FULL`, with another text in place of parts of its metadata."""
    number = 0

    def make(*changes):
        nonlocal number
        number += 1
        meta = FULL
        for old, new in changes:
            assert old in meta
            meta = meta.replace(old, new)
        path = write_charm(f"full-{number}", {"charmcraft.yaml": meta, "src/charm.py": LOG})
        return jujusim.CharmDir.load(path)

    return make


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("name: worker", "name: other"), 'cannot refresh "worker" to "other"'),
        (("requires: {api: {interface: http}}", ""), 'would break relation "worker:api server'),
        (("requires: {api:", "provides: {api:"), 'would break relation "worker:api server'),
        (("disk: {type: filesystem}", ""), 'required storage "disk" removed'),
        (("disk: {type: filesystem}", "disk: {type: block}"), 'type changed from "filesystem" to'),
        (("0-2", "0-1"), "range contracted: max decreased from 2 to 1"),
        (("0-2", "1-2"), '"data": min increased from 0 to 1: Kubernetes does not change'),
        (("storage: {", "storage: {new: {type: filesystem}, "), 'required storage "new" added'),
    ],
)
def test_a_charm_that_does_not_fit_is_refused(model, changed, charm, change, message):
    old = changed()
    model.deploy(old, units=2)
    model.deploy(charm("server"))
    model.integrate("worker", "server:api")
    model.settle()
    with pytest.raises(jujusim.JujuError) as refused:
        model.refresh("worker", changed(change))
    assert message in str(refused.value)
    assert model.app("worker").charm is old
    assert model.settle() == 0


def test_fewer_relations_than_there_are(model, changed, charm):
    model.deploy(changed())
    for name in ("one", "two"):
        model.deploy(charm("server"), name)
        model.integrate("worker", f"{name}:api")
    model.settle()
    limited = changed(("{interface: http}", "{interface: http, limit: 1}"))
    with pytest.raises(jujusim.JujuError, match="a maximum relation limit of 1 for worker:api"):
        model.refresh("worker", limited)
    model.remove_relation("worker", "two")
    model.settle()
    model.refresh("worker", limited)


@pytest.mark.parametrize(
    "change",
    [
        ("data: {type: filesystem, multiple: {range: 0-2}}, ", ""),
        ("0-2", "0+"),
        ("storage: {", "storage: {new: {type: filesystem, multiple: {range: 0-}}, "),
    ],
)
def test_storage_that_fits(model, changed, change):
    model.deploy(changed())
    model.settle()
    mounts = [] if change[1] == "" else None
    more = [(", mounts: [{storage: data, location: /data}]", "")] if mounts == [] else []
    model.refresh("worker", changed(change, *more))
    model.settle()
    assert model.status().inactive == {}


def test_options_of_another_type_are_dropped(model, changed):
    given = {"text": "7", "number": 7, "flag": True, "ratio": 0.5}
    model.deploy(changed(), config=given)
    model.settle()
    swapped = changed(
        ("text: {type: string}", "text: {type: int}"),
        ("number: {type: int}", "number: {type: string}"),
        ("ratio: {type: float}", "ratio: {type: int}"),
    )
    model.refresh("worker", swapped)
    assert model.app("worker").config == {"text": 7, "flag": True}
    model.refresh("worker", changed(("text: {type: string}", "text: {type: boolean}")))
    assert model.app("worker").config == {"flag": True}


@pytest.mark.parametrize("seed", SEEDS)
def test_peer_relations_come_and_go_with_the_charm(make_model, changed, seed):
    model = make_model(seed=seed)
    without = changed(("peers: {mates: {interface: mates}}", ""))
    model.deploy(without, units=2)
    model.settle()
    model.refresh("worker", changed())
    model.settle()
    (mates,) = model.relations.values()
    assert {name: bag.content["seen"] for name, bag in mates.units.items()} == {
        "worker/0": "yes",
        "worker/1": "yes",
    }
    since = len(model.trace)
    model.refresh("worker", without)
    model.settle()
    assert model.relations == {}
    assert not [event for event in model.trace.events(since=since) if "mates" in event]
    assert not model.trace.failures()


def test_a_peer_relation_keeps_its_data(model, changed):
    model.deploy(changed())
    model.settle()
    (mates,) = model.relations.values()
    mates.apps["worker"].replace({"kept": "value"})
    model.settle()
    model.refresh("worker", changed(("0-2", "0-3")))
    model.settle()
    assert model.relations[mates.id].apps["worker"].content == {"kept": "value"}


def test_containers_are_those_of_the_new_charm(make_model, changed):
    cluster = kubefake.Cluster()
    model = make_model(cluster=cluster)
    model.deploy(changed())
    model.settle()
    before = cluster.object("Pod", "worker-0")["metadata"]["uid"]
    new = changed(
        ("{web: {resource: image", "{side: {resource: image}, api: {resource: image"),
        ("example/web:1", "example/web:2"),
    )
    model.refresh("worker", new)
    model.settle()
    pod = cluster.object("Pod", "worker-0")
    images = {each["name"]: each["image"] for each in pod["spec"]["containers"]}
    assert images.pop("charm")
    assert images == {"side": "example/web:2", "api": "example/web:2"}
    assert pod["metadata"]["uid"] != before
    assert model.status().apps["worker"].status.message == "api side"
    assert {
        name: each.services() for name, each in model.units["worker/0"].containers.items()
    } == {
        "side": {"side": True},
        "api": {"api": True},
    }


def test_an_application_that_goes_is_not_refreshed(model, changed):
    model.deploy(changed())
    model.settle()
    model.remove_application("worker")
    with pytest.raises(jujusim.JujuError, match="is not alive"):
        model.refresh("worker", changed())


# What Juju 4.0 compares, and 3.6 does not.

STORED = """
    name: stored
    requires: {{api: {{interface: http}}{endpoints}}}
    storage: {{data: {{type: filesystem{more}}}}}
"""


@pytest.fixture
def stored(write_charm):
    def make(name, more="", endpoints=""):
        meta = STORED.format(more=more, endpoints=endpoints)
        files = {"charmcraft.yaml": meta, "src/charm.py": CODE.format(version=name)}
        return jujusim.CharmDir.load(write_charm(f"stored-{name}", files))

    return make


@pytest.mark.parametrize(
    "more", [", description: the data", ", minimum-size: 2G", ", multiple: {range: 1-2}"]
)
def test_storage_that_differs_in_any_field_is_refused_by_juju_4(make_model, stored, more):
    for version, refused in (("3.6.9", False), ("4.0.13", True)):
        model = make_model(juju_version=version)
        model.deploy(stored("old"))
        model.settle()
        new = stored(f"new-{version}", more)
        if refused:
            with pytest.raises(jujusim.JujuError, match='storage directives of "data"'):
                model.refresh("stored", new)
        else:
            model.refresh("stored", new)
            model.settle()
            assert model.status().apps["stored"].status.message.startswith("new")


def test_what_storage_leaves_out_equals_its_default(make_model, stored):
    model = make_model(juju_version="4.0.13")
    model.deploy(stored("old"))
    model.settle()
    model.refresh("stored", stored("new", ', description: "", multiple: {range: "1"}'))
    model.settle()
    assert model.status().apps["stored"].status.message == "new new"


def test_an_endpoint_that_the_old_charm_lacks_is_refused_by_juju_4(make_model, stored):
    more = stored("new", endpoints=", extra: {interface: http}, also: {interface: http}")
    model = make_model(juju_version="4.0.13")
    model.deploy(stored("old"))
    model.settle()
    with pytest.raises(jujusim.NewEndpoints, match="do not exist") as refused:
        model.refresh("stored", more)
    assert refused.value.names == ("also", "extra")
    model = make_model(juju_version="3.6.9")
    model.deploy(stored("old"))
    model.refresh("stored", more)


def test_a_version_that_is_none_is_refused(make_model):
    with pytest.raises(ValueError, match="no version of Juju"):
        make_model(juju_version="four")
