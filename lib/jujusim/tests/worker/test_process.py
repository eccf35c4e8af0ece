# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A process that misbehaves is a failed hook of its unit, and of nobody else."""

import json
import pathlib
import subprocess
import sys
import time

import httpx2
import jujusim
import pytest
from jujusim import worker

CHARMS = pathlib.Path(__file__).parent / "charms"


@pytest.fixture
def rogue(make_model):
    """A unit that is well, and what makes it do a deed."""
    model = make_model()
    model.deploy(worker.load(CHARMS / "rogue", python=sys.executable, limit=5), "rogue")
    model.settle()
    assert not model.status().inactive

    def act(deed, limit=5.0):
        model.apps["rogue"].units[0].charm = worker.load(
            CHARMS / "rogue", python=sys.executable, limit=limit
        )
        model.configure("rogue", {"deed": deed})
        return model.step()

    return model, act


def test_a_process_that_dies(rogue):
    _, act = rogue
    record = act("die")
    assert record.error == "died of SIGKILL"


def test_a_process_that_hangs_is_killed_with_its_children(rogue):
    model, act = rogue
    start = time.monotonic()
    record = act("hang", 0.5)
    assert record.error == "killed after 0.5 seconds"
    assert time.monotonic() - start < 4
    assert str(model.units["rogue/0"].workload_status) == 'error: hook failed: "config-changed"'
    assert not sleepers()


def test_a_process_that_writes_without_end(rogue):
    _, act = rogue
    record = act("chatter", 0.5)
    assert record.error.startswith("killed after 0.5 seconds")
    assert len(record.error) < 400
    assert len(record.traceback) < 300_000


def test_a_process_that_talks_rubbish(rogue):
    _, act = rogue
    record = act("rubbish")
    assert record.error == "exit status 3: \ufffd\ufffd rubbish"


def test_a_process_that_raises(rogue):
    model, act = rogue
    record = act("raising")
    assert record.error == "exit status 1: RuntimeError: planted"
    assert 'raise RuntimeError("planted")' in record.traceback
    # Statuses hold at once; what a hook writes elsewhere counts when it succeeds.
    unit = model.units["rogue/0"]
    assert str(unit.status) == "maintenance: about to fail"
    assert "lost" not in model.relations[0].units["rogue/0"].content
    assert unit.controller_state == {}


def test_a_hook_that_has_failed_is_tried_again(rogue):
    model, act = rogue
    act("raising")
    model.configure("rogue", {"deed": ""})
    model.settle()
    assert not model.status().inactive


def test_what_a_hook_leaves_behind_is_ended(rogue):
    model, act = rogue
    assert not act("leave").failed
    assert not sleepers()
    assert not model.status().inactive


def test_the_environment_is_the_hooks_and_not_ours(rogue, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    model, act = rogue
    found = tmp_path / "environment"
    assert not act(str(found)).failed
    env = json.loads(found.read_text())
    assert "HTTPS_PROXY" not in env
    assert "KUBERNETES_SERVICE_HOST" not in env
    charm = model.units["rogue/0"].folder / "charm"
    assert env["PYTHONPATH"] == f"{charm}/lib:{charm}/src"
    assert (env["JUJU_CHARM_DIR"], env["HOME"]) == (str(charm), str(charm))
    assert (env["JUJU_UNIT_NAME"], env["JUJU_HOOK_NAME"]) == ("rogue/0", "config-changed")
    assert env["JUJU_DISPATCH_PATH"] == "hooks/config-changed"
    assert not pathlib.Path(env["JUJU_AGENT_SOCKET_ADDRESS"]).exists()


def test_kubernetes_sees_the_applications_account(rogue):
    model, act = rogue
    since = model.backend.position()
    assert not act("ask").failed
    users = {entry.user for entry in model.backend.cluster.journal[since:]}
    assert "system:serviceaccount:m:rogue" in users


def test_a_fault_of_kubernetes_meets_the_hook(rogue):
    model, act = rogue
    model.backend.interrupt(lambda *_: 500)
    assert "HTTP Error 500" in act("ask").error


def test_a_connection_that_breaks_meets_the_hook(rogue):
    model, act = rogue
    model.backend.interrupt(lambda *_: httpx2.ReadTimeout("gone"))
    assert "Remote end closed connection" in act("ask").error


def test_a_hook_may_be_killed_at_a_request(rogue):
    model, act = rogue

    def killed(user, method):
        raise jujusim.Killed("here")

    model.backend.interrupt(killed)
    assert act("ask").error == "jujusim.errors.Killed: here"


def test_the_same_seed_gives_the_same_run(make_model):
    charm = worker.load(CHARMS / "rogue", python=sys.executable)

    def run():
        model = make_model(seed=4)
        model.deploy(charm, "rogue")
        model.settle()
        return list(model.trace.lines())

    assert run() == run()


def test_a_hook_ends_with_the_simulator(tmp_path):
    program = f"""
import jujusim
from jujusim import worker
model = jujusim.Model("m")
model.deploy(worker.load({str(CHARMS / "rogue")!r}, python={sys.executable!r}), "rogue")
model.configure("rogue", {{"deed": "linger"}})
model.settle()
"""
    simulator = subprocess.Popen([sys.executable, "-c", program])
    deadline = time.monotonic() + 30
    while not sleepers(61) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sleepers(61)
    simulator.kill()
    simulator.wait()
    while sleepers(61) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not sleepers(61)


def sleepers(seconds=60):
    """Processes of charms that sleep so long."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if f"import time; time.sleep({seconds})".encode() in words and state(path.parent) != "Z":
            found.append(path.parent.name)
    return found


def state(process):
    return (process / "stat").read_text().rpartition(") ")[2][:1]
