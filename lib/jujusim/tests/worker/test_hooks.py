# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Hooks of a charm that has its own ops: what they do to the model is what Juju makes of them."""

import json
import pathlib
import sys

import jujusim
import kubefake
import pytest
from jujusim import worker

CHARMS = pathlib.Path(__file__).parent / "charms"


@pytest.fixture(scope="module", params=["ops 2", "ops 3"])
def model(request):
    """Two applications of one charm, related to each other."""
    python = request.getfixturevalue("old_ops") if request.param == "ops 2" else sys.executable
    charm = worker.load(CHARMS / "jack", python=python)
    made = jujusim.Model("m", seed=3, cluster=kubefake.Cluster())
    made.deploy(charm, "giver", trust=True)
    made.deploy(charm, "taker", config={"motd": "héllo 'you'"})
    made.handle_exec("taker", "app", ["greet"], lambda command: f"hi {command[1]}\n")
    made.integrate("giver:give", "taker:take")
    made.settle()
    yield made
    made.close()


def test_no_hook_fails_and_all_is_active(model):
    assert not model.trace.failures()
    assert not model.status().inactive


def test_a_secret_goes_over_a_relation(model):
    assert model.units["taker/0"].status.message == "héllo 'you' s3cret value of giver/0"
    (secret,) = model.secrets.secrets.values()
    assert (secret.owner, secret.label) == ("giver", "jack-secret")
    relation = model.relation("giver", "taker")
    assert relation.apps["giver"].content["secret"].endswith(f"/{secret.id}")
    assert relation.units["giver/0"].content["from"] == "giver/0"
    assert secret.grants == {relation.id: {"taker"}}


def test_statuses_ports_and_version_are_the_charms(model):
    app = model.status().apps["giver"]
    assert (str(app.status), app.version) == ("active: led", "7.5")
    ports = {(port.port, port.protocol) for port in model.units["giver/0"].ports}
    assert ports == {(8080, "tcp")}


def test_containers_have_their_plan_and_files(model):
    app = model.units["taker/0"].containers["app"]
    assert app.plan()["services"] == {
        "serve": {"override": "replace", "command": "serve héllo 'you'", "startup": "enabled"}
    }
    assert app.services() == {"serve": True}
    assert app.files() == {"/etc/jack/motd": "héllo 'you'".encode()}
    assert (app.root / "etc/jack/motd").stat().st_mode & 0o777 == 0o600


def test_storage_is_where_the_container_has_it(model):
    app = model.units["taker/0"].containers["app"]
    assert (app.root / "data/seen").read_text() == "data"


def test_the_trace_tells_what_was_deferred_and_logged(model):
    install = next(record for record in model.trace if record.event == "install")
    assert install.deferred == ["install"]
    assert "WARNING: installing in m" in install.logs
    # It is emitted again by the next hook, which defers it once more.
    assert all(
        record.deferred == ["install"] for record in model.trace if record.unit == install.unit
    )


def test_an_action_has_results(model):
    done = model.run_action("taker/0", "greet", {"name": "Zoë"})
    assert (done.status, done.log) == ("completed", ["greeting"])
    results = done.results
    assert results.pop("ops").startswith(("2.23.", "3."))
    hooks = sum(record.unit == "taker/0" for record in model.trace)
    assert results == {
        "said": "hi Zoë\n",
        "about": {"motd": "héllo 'you'", "files": json.dumps(["motd"]), "unknown": "500"},
        "hooks": str(hooks),
        "storage": "True",
        "address": model.units["taker/0"].address,
        "planned": "1",
        "services": json.dumps(["serve"]),
    }


def test_an_action_fails_when_it_says_so(model):
    done = model.run_action("taker/0", "greet", {"fail": True})
    assert (done.status, done.message) == ("failed", "asked to")


def test_what_ops_keeps_is_lost_with_the_pod(model):
    before = model.units["taker/0"].folder / "charm" / ".unit-state.db"
    assert before.exists()
    model.churn("taker/0", graceful=False)
    assert not before.exists()
    model.settle()
    done = model.run_action("taker/0", "greet")
    assert int(done.results["hooks"]) < 8
    assert not model.status().inactive


def test_nothing_is_written_into_the_charm_itself(model):
    names = {path.name for path in (CHARMS / "jack").rglob("*")}
    assert not names & {".unit-state.db", "__pycache__"}
