# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The record of a run."""

import json


def test_lines_are_json_and_secrets_are_masked(model, charm, tmp_path):
    model.deploy(charm("keeper"))
    model.deploy(charm("reader"))
    model.integrate("keeper", "reader")
    model.settle()
    model.trace[-1].logs.append("WARNING: it is first-password")
    path = tmp_path / "events.jsonl"
    model.trace.write(path, model.secret_values())
    text = path.read_text()
    assert "first-password" not in text
    assert "it is ********" in text
    records = [json.loads(line) for line in text.splitlines()]
    assert [record["number"] for record in records] == list(range(1, len(records) + 1))


def test_effects_are_recorded(pair):
    pair.configure("server", {"port": 81})
    since = len(pair.trace)
    pair.settle()
    changed = pair.trace[since]
    assert changed.unit == "server/0"
    assert changed.databags == [
        {"relation": 1, "endpoint": "api", "bag": "server", "keys": ["port"]}
    ]
    told = pair.trace[since + 1]
    assert told.status == ("active: port 80 of server/0", "active: port 81 of server/0")


def test_secrets_are_recorded_without_content(model, charm):
    model.deploy(charm("keeper"))
    model.settle()
    added = next(r for r in model.trace if r.secrets)
    assert added.secrets[0]["what"] == "add"
    assert added.secrets[0]["label"] == "password"
    assert "first-password" not in str(added)


def test_warnings_are_recorded(model, write_charm):
    import jujusim

    path = write_charm(
        "loud",
        {
            "charmcraft.yaml": "name: loud",
            "src/charm.py": """
                import logging, ops
                class C(ops.CharmBase):
                    def __init__(self, framework):
                        super().__init__(framework)
                        logging.getLogger("x").warning("careful")
                        logging.getLogger("x").info("whisper")
            """,
        },
    )
    model.deploy(jujusim.CharmDir.load(path))
    model.settle()
    assert model.trace[0].logs == ["WARNING: careful"]
