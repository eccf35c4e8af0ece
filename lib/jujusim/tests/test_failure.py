# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A hook that fails."""

import jujusim
import pytest


@pytest.fixture
def failing(model, charm):
    model.deploy(charm("faulty"))
    model.deploy(charm("client"))
    model.integrate("faulty", "client:api")
    model.settle()
    return model


def test_it_discards_what_juju_holds_back(failing):
    relation = failing.relation("faulty", "client")
    failing.configure("faulty", {"fail": "raise"})
    failing.settle()
    unit = failing.units["faulty/0"]
    assert relation.apps["faulty"].content == {"value": "fine"}
    assert {port.port for port in unit.ports} == {80}
    assert [s.content["value"] for s in unit.stored_states if s.name == "kept"] == [""]
    assert not failing.secrets.secrets


def test_it_keeps_what_took_effect_at_once(failing):
    failing.configure("faulty", {"fail": "raise"})
    failing.settle()
    unit = failing.units["faulty/0"]
    assert unit.containers["web"].files()["/file"] == b"raise"
    assert unit.status == jujusim.Status("active", "tried raise")


@pytest.mark.parametrize("how", ["raise", "exit", "init"])
def test_it_is_reported_and_the_same_hook_is_tried_again(failing, how):
    since = len(failing.trace)
    failing.configure("faulty", {"fail": how})
    failing.settle()
    assert set(failing.trace.events("faulty/0", since=since)) == {"config-changed"}
    assert len(failing.trace.failures()) == 3
    status = failing.status().apps["faulty"].status
    assert status == jujusim.Status("error", 'hook failed: "config-changed"')


def test_the_record_has_the_exception(failing):
    failing.configure("faulty", {"fail": "raise"})
    failing.settle()
    record = failing.trace.failures()[0]
    assert record.error == "RuntimeError: as configured"
    assert "charm.py" in record.traceback


def test_nothing_else_runs_on_the_unit_until_it_succeeds(failing):
    failing.configure("faulty", {"fail": "raise"})
    failing.settle()
    failing.remove_relation("faulty", "client")
    failing.settle()
    assert set(failing.trace.events("faulty/0", since=len(failing.trace) - 3)) <= {
        "config-changed"
    }
    failing.configure("faulty", {"fail": ""})
    failing.settle()
    assert "api-relation-broken (client)" in failing.trace.events("faulty/0")
    assert failing.status().apps["faulty"].status.name == "active"


def test_other_units_go_on(failing, charm):
    failing.configure("faulty", {"fail": "raise"})
    failing.deploy(charm("server"))
    failing.settle()
    assert failing.status().apps["server"].status.name == "active"


def test_a_deferred_event_is_reported_and_runs_again(failing):
    failing.configure("faulty", {"defer": True})
    failing.settle()
    assert failing.trace[-1].deferred == ["config_changed"]
    failing.configure("faulty", {"defer": False})
    failing.settle()
    assert failing.trace[-1].deferred == []


def test_a_failed_hook_can_be_skipped_or_tried_again(failing):
    failing.configure("faulty", {"fail": "raise"})
    failing.settle()
    since = len(failing.trace)
    failing.resolve("faulty/0")
    failing.settle()
    assert set(failing.trace.events("faulty/0", since=since)) == {"config-changed"}
    failing.resolve("faulty/0", retry=False)
    since = len(failing.trace)
    failing.settle()
    assert failing.trace.events("faulty/0", since=since) == []
    assert failing.status().apps["faulty"].status.name == "active"
    with pytest.raises(jujusim.JujuError, match="not in an error state"):
        failing.resolve("faulty/0")
