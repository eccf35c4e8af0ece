# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What goes wrong, and that the end is the same."""

import jujusim
import kubefake
import pytest
from jujusim import faults

SEEDS = range(4)


def run(make_model, charm, seed, level):
    model = make_model(seed=seed, faults=level, cluster=kubefake.Cluster())
    for name, units in (("server", 3), ("client", 2), ("keeper", 2), ("reader", 1)):
        model.deploy(charm(name), units=units)
    model.integrate("server:api", "client:api")
    model.integrate("keeper", "reader")
    model.settle()
    return model


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_model_ends_as_without_faults(make_model, charm, seed, level):
    plain = run(make_model, charm, seed, 0)
    model = run(make_model, charm, seed, level)
    assert model.status().inactive == {}
    assert databags(model) == databags(plain)
    for name, unit in model.units.items():
        for container, other in plain.units[name].containers.items():
            assert unit.containers[container].plan() == other.plan()
            assert unit.containers[container].files() == other.files()
            assert unit.containers[container].services() == other.services()
    assert not [record for record in model.trace.failures() if not record.injected]


def databags(model):
    """Every databag, without what differs with addresses and secret ids."""
    found = {}
    for relation in model.relations.values():
        for name, bag in {**relation.apps, **relation.units}.items():
            hidden = ("ingress-address", "private-address", "egress-subnets", "secret")
            content = {key: value for key, value in bag.content.items() if key not in hidden}
            found[str(relation), name] = content
    return found


def test_the_same_seed_gives_the_same_faults(make_model, charm):
    one, two = (run(make_model, charm, 4, 3) for _ in range(2))
    assert one.faults.log == two.faults.log
    assert list(one.trace.lines()) == list(two.trace.lines())


def test_every_kind_occurs(make_model, charm):
    texts = [text for seed in range(4) for _, text in run(make_model, charm, seed, 3).faults.log]
    for kind in (
        "comes late",
        "is withdrawn",
        "is replaced",
        "becomes leader",
        "is due to rotate",
        "restarts",
        "does not answer",
        "killed at a Pebble request",
        "killed at the end of the hook",
    ):
        assert any(kind in text for text in texts), kind


def test_they_end(make_model, charm):
    model = run(make_model, charm, 1, 3)
    assert len(model.faults.log) <= faults.LIMIT[3]
    assert not model.faults.active


def test_update_status_comes_after_them(make_model, charm):
    model = run(make_model, charm, 1, 1)
    assert "update-status" in model.trace.events()
    assert "update-status" not in run(make_model, charm, 1, 0).trace.events()


def test_levels(make_model):
    with pytest.raises(ValueError, match="levels 0 to 3"):
        make_model(faults=4)


CALLER = """
    import lightkube, ops
    from lightkube.models.meta_v1 import ObjectMeta
    from lightkube.resources.core_v1 import ConfigMap

    class C(ops.CharmBase):
        def __init__(self, framework):
            super().__init__(framework)
            for name, event in self.on.events().items():
                if issubclass(event.event_type, ops.HookEvent):
                    framework.observe(getattr(self.on, name), self._on)

        def _on(self, event):
            client = lightkube.Client(field_manager=self.app.name)
            for number in range(5):
                client.apply(ConfigMap(metadata=ObjectMeta(name=f"made-{number}")), force=True)
            self.unit.status = ops.ActiveStatus()
"""


@pytest.fixture
def caller(write_charm):
    files = {"charmcraft.yaml": "name: caller", "src/charm.py": CALLER}
    return jujusim.CharmDir.load(write_charm("caller", files))


def test_kubernetes_refuses_and_the_hook_is_tried_again(make_model, caller):
    errors, injected = [], []
    for seed in range(10):
        model = make_model(seed=seed, faults=3, cluster=kubefake.Cluster())
        model.deploy(caller, trust=True, units=2)
        model.settle()
        assert model.status().inactive == {}
        errors += [record.error for record in model.trace.failures()]
        injected += [text for _, text in model.faults.log]
    assert any("ReadTimeout" in error for error in errors)
    assert any("ApiError" in error for error in errors)
    assert any("Killed" in error for error in errors)
    for status in (409, 429, 500, "timeout"):
        assert f"Kubernetes answers a PATCH with {status}" in injected


def test_a_killed_hook_leaves_what_it_wrote_to_kubernetes(make_model, caller):
    for seed in range(60):
        model = make_model(seed=seed, faults=3, cluster=kubefake.Cluster())
        model.deploy(caller, trust=True)
        model.settle()
        for record in model.trace.failures():
            if "Killed" in record.error and record.kubernetes:
                assert record.kubernetes[0]["resource"] == "configmaps"
                return
    pytest.fail("no seed kills a hook after a write")


def test_definitions_are_established_late(make_model, charm):
    cluster = kubefake.Cluster()
    model = make_model(seed=3, faults=1, cluster=cluster)
    model.faults.begin()
    assert cluster.crd_delay > 0
    model.faults.end()
    assert cluster.crd_delay == 0
