# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Hook tools: what they print, and whom they refuse what with which words."""

import json
import pathlib
import sys

import pytest
import yaml
from jujusim import hook, worker
from jujusim.entities import Event
from jujusim.hook import Result
from jujusim.hook_tools import Backend, collect, context_of
from jujusim.worker import tools

CHARMS = pathlib.Path(__file__).parent / "charms"


@pytest.fixture
def model(make_model):
    """Two related applications of two and one units; no hook has run."""
    made = make_model(seed=1)
    charm = worker.load(CHARMS / "jack", python=sys.executable)
    made.deploy(charm, "giver", units=2)
    made.deploy(charm, "taker", trust=True)
    made.integrate("giver:give", "taker:take")
    for unit in made.units.values():
        unit.installed = True
    for relation in made.relations.values():
        relation.dying = False
    for app in made.apps.values():
        app.leader = 0
    return made


@pytest.fixture
def hook_tools(model):
    """The tools of one hook of a unit."""
    from jujusim import lifecycle

    for unit in model.units.values():
        for relation in model.relations.values():
            lifecycle.enter_scope(relation, unit)
    for unit in model.units.values():
        for number, seen in unit.relations.items():
            seen.members = dict(model.relations[number].counterparts(unit))

    def make(unit="giver/0", event=None):
        job = hook.prepare(model, model.units[unit], event or Event("config-changed"))
        context = context_of(job)
        return tools.HookToolContext(job, Backend(job, context), context)

    return make


@pytest.fixture
def ask(hook_tools, tmp_path):
    """Use a tool in a hook of its own, or in one that is given."""

    def ask(*words, at=None, given=b""):
        at = at or hook_tools()
        return tools.answer(at, words, given, tmp_path)

    return ask


@pytest.fixture
def give(model):
    """The relation between the two."""
    return model.relation("giver", "taker").id


def told(answer):
    assert (answer.code, answer.errors) == (0, "")
    return json.loads(answer.output)


def test_what_a_tool_prints(ask):
    assert ask("config-get", "--format=json").output == '{"motd": "hello"}\n'
    assert ask("config-get", "motd").output == "hello\n"
    assert ask("config-get", "--format", "yaml", "motd").output == "hello\n...\n"
    assert ask("config-get", "nix", "--format=json").output == "null\n"
    assert ask("config-get", "nix").output == ""
    assert yaml.safe_load(ask("config-get").output) == {"motd": "hello"}
    assert ask("is-leader").output == "True\n"
    assert told(ask("is-leader", "--format=json")) is True


REFUSALS = {
    "nix": "no tool nix",
    "juju-reboot --now": "juju-reboot is not simulated",
    "pod-spec-set": "pod-spec-set is not simulated",
    "config-get --nix": "option provided but not defined: --nix",
    "config-get --format": "option needs an argument: --format",
    "config-get --format=x": 'invalid value "x" for option --format: unknown format "x"',
    "is-leader more": "unrecognized args: ['more']",
    "status-get --application=x": 'invalid value "x" for option --application: invalid syntax',
    "status-set great": (
        "invalid status \"great\", expected one of ['maintenance', 'blocked', 'waiting', 'active']"
    ),
    "relation-get": "no relation id specified",
    "relation-get -r 99 - x/0": 'invalid value "99" for option -r: relation not found',
    "relation-list -r pals:2": 'invalid value "pals:2" for option -r: relation not found',
    "relation-set -r 2 novalue": 'expected "key=value", got "novalue"',
    "secret-get secret:nix": 'secret "secret:nix" not found',
    "secret-get --label nix": 'secret "nix" not found',
    "secret-get": "require either a secret URI or label",
    "secret-add": "missing secret value or filename",
    "secret-add A=1": 'key "A" not valid',
    "secret-add --rotate often key=1": 'rotate policy "often" not valid',
    "action-get": "not running an action",
    "network-get nix": 'no network config found for binding "nix"',
    "open-port 99999": 'expected <port>[/<protocol>] or icmp; got "99999"',
    "storage-get -s data/9": 'invalid value "data/9" for option -s: storage not found',
    "state-get nix": '"nix" not found',
    "credential-get": "cannot access cloud credentials",
    "resource-get nix": 'could not download resource: resource "nix" not found',
    "resource-get image": "resource image is an image, not a file",
}


@pytest.mark.parametrize("words", REFUSALS)
def test_what_is_refused(ask, words):
    answer = ask(*words.split())
    assert (answer.output, answer.errors) == ("", f"ERROR {REFUSALS[words]}\n")
    assert answer.code in (1, 2)


def test_relations_and_their_units(ask, hook_tools, give):
    assert told(ask("relation-ids", "give", "--format=json")) == [f"give:{give}"]
    assert told(ask("relation-ids", "take", "--format=json")) == []
    taker = hook_tools("taker/0")
    assert told(ask("relation-list", "-r", str(give), "--format=json", at=taker)) == [
        "giver/0",
        "giver/1",
    ]
    assert ask("relation-list", "-r", f"take:{give}", "--app", at=taker).output == "giver\n"
    assert ask("relation-list", "-r", "0").output == "giver/1\n"


def test_databags_are_written_with_the_rights_that_juju_gives(ask, hook_tools, give):
    leader, follower = hook_tools("giver/0"), hook_tools("giver/1")
    relation = f"give:{give}"
    assert ask("relation-set", "-r", relation, "a=1", "b=x=y", at=follower).code == 0
    own = told(ask("relation-get", "-r", relation, "-", "giver/1", "--format=json", at=follower))
    assert (own["a"], own["b"]) == ("1", "x=y")
    refused = ask("relation-set", "-r", relation, "--app", "a=1", at=follower)
    assert refused.errors == "ERROR cannot write relation settings\n"
    content = b"{url: 'http://x', number: 7, none: ''}"
    assert (
        ask("relation-set", "-r", relation, "--app", "--file", "-", at=leader, given=content).code
        == 0
    )
    bag = told(
        ask("relation-get", "-r", relation, "--app", "-", "giver", "--format=json", at=leader)
    )
    assert bag == {"url": "http://x", "number": "7"}


def test_databags_are_read_with_the_rights_that_juju_gives(ask, hook_tools, give):
    follower, taker = hook_tools("giver/1"), hook_tools("taker/0")
    denied = "ERROR permission denied\n"
    # Its own application's only as the leader, but that of its peers too.
    assert (
        ask("relation-get", "-r", str(give), "--app", "-", "giver", at=follower).errors == denied
    )
    assert ask("relation-get", "-r", "0", "--app", "-", "giver", at=follower).code == 0
    assert ask("relation-get", "-r", str(give), "--app", "-", "giver", at=taker).code == 0
    assert ask("relation-get", "-r", str(give), "-", "giver/7", at=taker).errors == denied
    assert ask("relation-get", "-r", str(give), "-", "other/0", at=taker).errors == denied
    address = ask("relation-get", "-r", str(give), "ingress-address", "giver/1", at=taker)
    assert address.output == f"{follower.job.unit.address}\n"


def test_a_relations_hook_is_about_its_relation(ask, hook_tools, give):
    event = Event("relation-changed", "take", give, remote_app="giver", remote_unit="giver/1")
    taker = hook_tools("taker/0", event)
    assert ask("relation-ids", at=taker).output == f"take:{give}\n"
    assert told(ask("relation-get", "--format=json", at=taker))["ingress-address"]
    assert ask("relation-set", "done=yes", at=taker).code == 0
    assert taker.job.state.get_relation(give).local_unit_data["done"] == "yes"
    uuid = told(ask("relation-model-get", "--format=json", at=taker))["uuid"]
    assert uuid == taker.job.state.model.uuid


def test_secrets_are_made_changed_granted_and_removed(ask, hook_tools, model, give, tmp_path):
    (tmp_path / "value").write_text("from a file\n")
    at = hook_tools("giver/0")
    words = [
        "secret-add",
        "--label",
        "one",
        "--rotate=monthly",
        "--expire",
        "2h30m",
        "key-one=a=b",
    ]
    words += ["key-two#file=value", "key-three#base64=w7w="]
    id_ = ask(*words, at=at).output.strip()
    content = {"key-one": "a=b", "key-two": "from a file\n", "key-three": "ü"}
    assert told(ask("secret-get", "--label", "one", "--format=json", at=at)) == content
    assert ask("secret-get", id_, "key-three#base64", at=at).output == "w7w=\n"
    assert ask("secret-grant", id_, "--relation", str(give), at=at).code == 0
    assert ask("secret-add", "--label", "one", "key=b", at=at).errors.endswith("already exists\n")
    hook.commit(model, at.job, at.job.state)
    (secret,) = model.secrets.secrets.values()
    assert secret.grants == {give: {"taker"}}

    taker = hook_tools("taker/0")
    assert told(ask("secret-get", id_, "--format=json", at=taker)) == content
    for words in (
        ["secret-set", id_, "key-one=c"],
        ["secret-remove", id_],
        ["secret-info-get", id_],
    ):
        assert "permission denied" in ask(*words, at=taker).errors

    at = hook_tools("giver/0")
    info = told(ask("secret-info-get", id_, "--format=json", at=at))[secret.id]
    assert (info["revision"], info["label"], info["rotation"], info["owner"]) == (
        1,
        "one",
        "monthly",
        "application",
    )
    assert {"expiry", "rotates"} <= set(info)
    assert ask("secret-ids", at=at).output == f"secret:{secret.id}\n"
    assert ask("secret-set", id_, "key-one=c", "--description", "x", at=at).code == 0
    assert ask("secret-get", id_, "--peek", "key-one", at=at).output == "c\n"
    assert ask("secret-revoke", id_, "--app", "taker", at=at).code == 0
    hook.commit(model, at.job, at.job.state)
    assert (secret.latest, secret.grants, secret.description) == (2, {give: set()}, "x")
    assert ask("secret-get", id_, at=hook_tools("taker/0")).errors.startswith(
        "ERROR permission denied"
    )
    at = hook_tools("giver/0")
    assert ask("secret-remove", id_, at=at).code == 0
    hook.commit(model, at.job, at.job.state)
    assert model.secrets.secrets == {}


def test_a_follower_owns_secrets_of_its_unit_only(ask, hook_tools):
    follower = hook_tools("giver/1")
    assert "permission denied" in ask("secret-add", "key=v", at=follower).errors
    assert ask("secret-add", "--owner", "unit", "key=v", at=follower).output.startswith("secret:")


def test_statuses(ask, hook_tools):
    leader, follower = hook_tools("giver/0"), hook_tools("giver/1")
    assert ask("status-set", "blocked", "--", "-x", at=follower).code == 0
    assert ask("status-get", at=follower).output == "blocked\n"
    assert told(ask("status-get", "--include-data", "--format=json", at=follower)) == {
        "status": "blocked",
        "message": "-x",
        "status-data": {},
    }
    refused = "this unit is not the leader\n"
    assert ask("status-set", "--application", "active", at=follower).errors.endswith(refused)
    assert ask("status-get", "--application", at=follower).errors.endswith(refused)
    assert ask("status-set", "--application=True", "active", "all", at=leader).code == 0
    about = told(ask("status-get", "--application", "--format=json", at=leader))
    assert about["application-status"]["message"] == "all"
    assert set(about["application-status"]["units"]) == {"giver/0", "giver/1"}


def test_ports(ask, hook_tools):
    at = hook_tools()
    for port in ("80", "53/udp", "icmp", "81/tcp"):
        assert ask("open-port", port, at=at).code == 0
    ask("close-port", "81", at=at)
    assert ask("opened-ports", at=at).output == "53/udp\n80/tcp\nicmp\n"
    assert told(ask("opened-ports", "--endpoints", "--format=json", at=at))[0] == "53/udp (*)"


def test_network(ask, hook_tools, give):
    at = hook_tools()
    address = at.job.unit.address
    assert ask("network-get", "give", "--ingress-address", at=at).output == f"{address}\n"
    network = told(ask("network-get", "give", "-r", str(give), "--format=json", at=at))
    assert network["bind-addresses"][0]["addresses"][0]["value"] == address
    assert network["egress-subnets"] == [f"{address}/32"]
    assert ask("unit-get", "private-address", at=at).output == f"{address}\n"


def test_storage(ask, hook_tools, model):
    unit = model.units["giver/0"]
    (name,) = unit.storages
    at = hook_tools("giver/0", Event("storage-attached", name))
    assert told(ask("storage-list", "--format=json", at=at)) == [name]
    assert ask("storage-list", "other", at=at).output == ""
    assert ask("storage-get", "location", at=at).output == f"{unit.storages[name]}\n"
    assert told(ask("storage-get", "-s", name, "--format=json", at=at))["kind"] == "filesystem"
    # ops finds the storage of a hook in the help.
    assert f"-s  (= {name})" in ask("storage-get", "--help", at=at).output
    assert "not simulated" in ask("storage-add", "data=1", at=at).errors


def test_state_in_the_controller_counts_when_the_hook_succeeds(ask, hook_tools, model):
    at = hook_tools()
    assert ask("state-set", "a=1", at=at).code == 0
    assert ask("state-set", "--file", "-", at=at, given=b'{"b": "2", "c": "3"}').code == 0
    assert ask("state-delete", "c", at=at).code == 0
    assert told(ask("state-get", "--format=json", at=at)) == {"a": "1", "b": "2"}
    assert ask("state-get", "a").errors == 'ERROR "a" not found\n'
    hook.commit(model, at.job, at.job.state)
    assert ask("state-get", "a").output == "1\n"


def test_actions(ask, hook_tools):
    at = hook_tools("giver/0", Event("action", "greet", params={"name": "me", "deep": {"er": 3}}))
    assert told(ask("action-get", "--format=json", at=at))["name"] == "me"
    assert ask("action-get", "deep.er", at=at).output == "3\n"
    ask("action-set", "a.b=1", "c=x=y", at=at)
    ask("action-set", "a.d=2", at=at)
    ask("action-log", "--", "half way", at=at)
    ask("action-fail", "no", at=at)
    result = collect(Result(at.job.state), at.context)
    assert result.results == {"a": {"b": "1", "d": "2"}, "c": "x=y"}
    assert (result.messages, result.failure) == (["half way"], "no")


def test_goal_state_and_log(ask, hook_tools, give):
    at = hook_tools("taker/0")
    goal = told(ask("goal-state", "--format=json", at=at))
    assert set(goal["units"]) == {"taker/0"}
    assert set(goal["relations"]["take"]) == {"giver", "giver/0", "giver/1"}
    assert ask("juju-log", "-l", "WARNING", "--", "a", "b", at=at).code == 0
    assert at.context.log == [("WARNING", "a b")]
    assert ask("application-version-set", "--", "-1.0", at=at).code == 0
    assert at.job.state.workload_version == "-1.0"


def test_credentials_are_for_who_is_trusted(ask, hook_tools):
    at = hook_tools("taker/0")
    at.endpoint = ("http://127.0.0.1:1", "token")
    spec = told(ask("credential-get", "--format=json", at=at))
    assert (spec["endpoint"], spec["credential"]["attrs"]) == (
        "http://127.0.0.1:1",
        {"Token": "token"},
    )
    at = hook_tools("giver/0")
    at.endpoint = ("http://127.0.0.1:1", "token")
    assert ask("credential-get", at=at).code == 1
