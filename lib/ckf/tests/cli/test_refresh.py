# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf preview --refresh` from its command line to its report."""

import json
import shutil
import sys

import pytest
import yaml
from ckf.bundle import charms

CHANGED = "        self.unit.status = ops.ActiveStatus(str(self.config['motd']).upper())"
PASSWORD = "a long password"
OLD = '        self.unit.status = ops.ActiveStatus(str(self.config["motd"]))'


@pytest.fixture(autouse=True)
def _louder(bundle):
    """Beside the bundle, another version of the store's charm."""
    louder = bundle.parent / "charms/louder"
    shutil.copytree(bundle.parent / "charms/store", louder)
    code = louder / "src/charm.py"
    code.write_text(code.read_text().replace(OLD, CHANGED))


def test_the_table_has_a_line_for_each_refresh(ckf):
    status, out, _ = ckf(
        "preview", "--refresh", "store=charms/store", "--refresh", "store=charms/louder"
    )
    assert status == 0
    first, second = out.splitlines()[1:3]
    assert first.split()[:2] == second.split()[:2] == ["store", "active"]
    assert first.split()[4:8] == ["0", "0", "0", "0"]
    assert first.endswith("welcome")
    assert second.endswith("WELCOME")
    assert "Hooks are the only measure of time" in out


def test_json_and_yaml_have_a_list_of_refreshes(ckf):
    words = ("preview", "--refresh", "store=charms/louder", "--format")
    status, out, _ = ckf(*words, "json")
    assert status == 0
    (only,) = json.loads(out)["preview"]["refreshes"]
    assert only["application"] == "store"
    assert only["path"] == "charms/louder"
    assert only["status"] == {"current": "active", "message": "WELCOME"}
    assert only["created"] == only["changed"] == only["deleted"] == only["recreated"] == []
    assert only["services-started"] == [
        {"unit": "store/0", "container": "web", "service": "web", "starts": 1}
    ]
    assert set(only["hooks-not-active"]) == {"store"}
    assert only["hook-errors"] == 0
    assert only["hooks"] >= 4
    assert yaml.safe_load(ckf(*words, "yaml")[1])["preview"]["refreshes"] == [only]
    assert "refreshes" not in json.loads(ckf("preview", "--format", "json")[1])["preview"]


def test_the_charm_is_a_local_one_afterwards(ckf, bundle):
    text = bundle.read_text().replace("./charms/client", "mysql-k8s\n    channel: 8.0/stable")
    bundle.write_text(text.partition("relations:")[0])
    fake = charms.fakes()["mysql-k8s"]
    words = ("preview", "--format", "json", "--refresh", "store=charms/louder")

    def shown(*more):
        content = json.loads(ckf(*words, *more)[1])["applications"]
        keys = ("charm", "charm-origin", "charm-rev", "charm-channel")
        return [[content[app].get(key) for key in keys] for app in ("store", "client")]

    assert shown() == [
        ["local:store-1", "local", 1, None],
        ["mysql-k8s", "charmhub", 0, "8.0/stable"],
    ]
    assert shown("--refresh", f"client={fake}", "--python", f"client={sys.executable}") == [
        ["local:store-1", "local", 1, None],
        ["local:mysql-k8s-0", "local", 0, None],
    ]


def test_a_secret_in_a_status_is_masked(ckf, bundle):
    code = bundle.parent / "charms/louder/src/charm.py"
    code.write_text(code.read_text().replace(CHANGED, OLD.replace("motd", "password")))
    words = ("preview", "--config", f"store.password={PASSWORD}", "--refresh")
    for form in ("table", "json"):
        out = ckf(*words, "store=charms/louder", "--format", form)[1]
        assert "********" in out
        assert PASSWORD not in out


def test_what_juju_refuses_is_one_sentence(ckf):
    status, out, err = ckf("preview", "--refresh", "store=charms/client")
    assert (status, out) == (2, "")
    assert err.splitlines()[-1] == (
        'ckf: --refresh store=charms/client: Juju refuses it: cannot refresh "store" to "client"'
    )
    for words, message in (
        ("store", "is not of the form APP=PATH"),
        ("stor=charms/store", 'the bundle has no application "stor"'),
        ("store=charms/none", "there is no charm at"),
    ):
        status, out, err = ckf("preview", "--refresh", words)
        assert (status, out) == (2, "")
        assert message in err


def test_a_replay_stops_in_a_refresh(ckf, bundle):
    words = ("--refresh", "store=charms/louder", "--seed", "3")
    assert ckf("preview", *words, "--out", "out")[0] == 0
    lines = (bundle.parent / "out/events.jsonl").read_text().splitlines()[1:]
    (upgrade,) = (
        record["number"] for record in map(json.loads, lines) if record["event"] == "upgrade-charm"
    )
    for trace in (("out",), words):
        status, out, err = ckf("replay", *trace, "--until", str(upgrade))
        assert status == 0
        assert f"Hook {upgrade}: store/0 upgrade-charm" in out
        assert "another run" not in err
    status, _, err = ckf("replay", "out", "--until", "1", "--refresh", "store=charms/store")
    assert status == 2
    assert "--refresh stands in the trace" in err
