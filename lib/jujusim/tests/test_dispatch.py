# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A hook here is a hook in ops.testing: the same checks hold, and the same state comes out."""

import copy
import logging
import os

import pytest
import scenario._consistency_checker as consistency
from jujusim import dispatch
from ops import testing


@pytest.fixture
def jobs(monkeypatch):
    """Jobs as they were before they ran, with their results."""
    seen = []
    original = dispatch.run

    def run(job):
        before = copy.deepcopy((job.state, job.scenario_event))
        result = original(job)
        seen.append((job, *before, result))
        return result

    monkeypatch.setattr(dispatch, "run", run)
    return seen


def context(job, **options):
    return testing.Context(
        job.charm.charm_type,
        dict(job.charm.meta),
        config={"options": dict(job.charm.options)} if job.charm.options else None,
        actions=dict(job.charm.actions) or None,
        app_name=job.unit.app.name,
        unit_id=job.unit.number,
        juju_version=job.model.juju_version,
        **options,
    )


def test_states_and_events_are_consistent(jobs, make_model, charm):
    model = make_model(seed=5)
    for name in ("server", "client", "keeper", "reader", "faulty"):
        model.deploy(charm(name), units=2)
    model.integrate("server:api", "client:api")
    model.integrate("faulty:api", "client:spare")
    model.integrate("keeper", "reader")
    model.settle()
    model.fail_check("server/0", "web", "up")
    model.churn("server/1")
    model.configure("faulty", {"defer": True})
    model.run_action("server/0", "greet", {"times": 1})
    model.settle()
    model.scale("server", 1)
    model.settle()
    model.remove_application("keeper")
    model.settle()
    kinds = {job.event.kind for job, *_ in jobs}
    assert {"relation-broken", "storage-attached", "pebble-check-failed", "action"} <= kinds
    for job, state, event, _ in jobs:
        if unknown_to_ops_testing(job.event):
            continue
        spec = context(job)._charm_spec
        consistency.check_consistency(state, event, spec, job.model.juju_version, job.unit.number)


def test_the_same_state_comes_out(jobs, model, charm):
    model.deploy(charm("client"), units=2)
    model.deploy(charm("faulty"))
    model.integrate("faulty:api", "client:api")
    model.settle()
    model.remove_relation("faulty", "client")
    model.settle()
    compared = 0
    for job, state, event, result in jobs:
        if unknown_to_ops_testing(job.event) or job.charm.containers:
            continue  # containers live outside the state here
        with context(job) as twin:
            expected = twin.run(event, state)
        assert result.error is None
        assert result.state.unit_status == expected.unit_status
        assert result.state.relations == expected.relations
        assert result.state.opened_ports == expected.opened_ports
        assert stored(result.state) == stored(expected)
        compared += 1
    assert compared > 10


def unknown_to_ops_testing(event):
    """Events that Juju sends and ops.testing does not let a test send."""
    about_app = event.kind == "relation-changed" and not event.remote_unit
    # Secrets and checks are not part of the state here.
    elsewhere = event.kind.startswith(("secret-", "pebble-check-"))
    return about_app or elsewhere or event.kind == "leader-settings-changed"


def stored(state):
    """Stored states without ops' own, which counts events across a process."""
    return {s._handle_path: s.content for s in state.stored_states if s.owner_path}


def test_nothing_stays_behind(model, charm):
    handlers, environment = logging.getLogger().handlers[:], dict(os.environ)
    model.deploy(charm("faulty"), config={"fail": "init"})
    model.settle()
    assert model.trace.failures()
    assert logging.getLogger().handlers == handlers
    assert dict(os.environ) == environment


def test_the_environment_is_jujus(model, write_charm):
    import jujusim

    path = write_charm(
        "env",
        {
            "charmcraft.yaml": "name: env\npeers: {peers: {interface: p}}",
            "src/charm.py": """
                import os, ops
                class C(ops.CharmBase):
                    def __init__(self, framework):
                        super().__init__(framework)
                        framework.observe(self.on.peers_relation_departed, self._departed)
                        framework.observe(self.on.start, self._start)
                    def _start(self, _):
                        self.unit.status = ops.ActiveStatus(
                            f"{self.model.name} {self.app.planned_units()} "
                            f"{os.environ['JUJU_VERSION']}"
                        )
                    def _departed(self, event):
                        self.unit.status = ops.ActiveStatus(
                            f"{os.environ['JUJU_DEPARTING_UNIT']} {event.departing_unit.name}"
                            f" {len(event.relation.units)}"
                        )
            """,
        },
    )
    model.deploy(jujusim.CharmDir.load(path), units=2)
    model.settle()
    assert model.units["env/0"].status.message == "kubeflow 2 3.6.9"
    model.remove_unit("env")
    model.settle()
    assert model.units["env/0"].status.message == "env/1 env/1 0"
