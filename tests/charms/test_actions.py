# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Every action: it runs, or fails with a sentence."""

from __future__ import annotations

from typing import Any

from jujusim.testing import Charm


def parameters(charm: Charm, action: str) -> dict[str, Any]:
    """An example for each required parameter, from its JSON schema."""
    declared = charm.directory.actions[action]
    examples = {"string": "example", "integer": 1, "number": 1, "boolean": True}
    properties = declared.get("params", {})
    return {name: examples[properties[name]["type"]] for name in declared.get("required", [])}


def test_described(charm: Charm, action: str):
    declared = charm.directory.actions[action]
    assert declared["description"]
    assert declared["additionalProperties"] is False


def test_runs(charm: Charm, action: str):
    before = charm.complete
    result = charm.run(
        before.state, "action", action, params=parameters(charm, action), cluster=before.cluster
    )
    assert result.results or result.failure
    assert result.status == before.status


def test_before_there_is_anything(charm: Charm, action: str):
    """It says what is missing."""
    state = charm.state(leader=False)
    result = charm.run(state, "action", action, params=parameters(charm, action))
    assert result.failure
    assert not result.results


def test_changes_nothing_unasked(charm: Charm, action: str):
    """With parameters that confirm nothing, whatever was there is there."""
    before = charm.complete
    result = charm.run(
        before.state, "action", action, params=parameters(charm, action), cluster=before.cluster
    )
    assert result.seen == before.seen
