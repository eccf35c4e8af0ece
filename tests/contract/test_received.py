# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What published charms write, byte by byte, given to ours."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm, Result, Side, observe


def bags(contract: dict[str, Any], charm: Charm) -> dict[str, dict[str, str]]:
    written = contract["written"].get(charm.name, {})
    return {name: dict(item["app"]) for name, item in written.items()}


def run(charm: Charm, given: dict[str, dict[str, str]]) -> Result:
    return charm.run(charm.state(bags=given), "config_changed")


def without_own_secrets(result: Result) -> Any:
    """What is seen, apart from what is generated anew in each run."""
    own = [item for item in result.state.secrets if item.owner]
    values = [value for item in own for value in (item.latest_content or {}).values()]
    values += [base64.b64encode(value.encode()).decode() for value in values]
    seen = {part: value for part, value in result.seen.items() if part != "secrets"}
    return observe.masked(seen, values, r"secret:\w+|[0-9a-f]{64}")


def test_all_of_them_together(contract: dict[str, Any], published_charm: Charm):
    assert run(published_charm, bags(contract, published_charm)).status == ("active", "")


def test_every_endpoint_is_tried(contract: dict[str, Any], published_charm: Charm):
    """Only what no neighbour writes anything into is left out."""
    tried = bags(contract, published_charm)
    sides = published_charm.parts.sides.values()
    untried = [side for side in sides if side.name not in tried and not side.apart]
    assert [side.name for side in untried if side.received is not None] == []


def test_further_keys_are_left_alone(
    contract: dict[str, Any], published_charm: Charm, written_side: Side, complete: Result
):
    given = bags(contract, published_charm)
    given[written_side.name]["a-key-of-a-later-version"] = "{not: [any, format"
    more = run(published_charm, given)
    assert more.status == ("active", "")
    assert without_own_secrets(more) == without_own_secrets(complete)


def test_further_fields_are_left_alone(
    contract: dict[str, Any], published_charm: Charm, payload_side: Side, complete: Result
):
    given = bags(contract, published_charm)
    payload = yaml.safe_load(given[payload_side.name]["data"])
    given[payload_side.name]["data"] = yaml.safe_dump({**payload, "later": {"field": 1}})
    more = run(published_charm, given)
    assert more.status == ("active", "")
    assert without_own_secrets(more) == without_own_secrets(complete)


def test_json_is_yaml(
    contract: dict[str, Any], published_charm: Charm, written_side: Side, complete: Result
):
    """Some sides write JSON where the package writes YAML; its readers take both."""
    given = bags(contract, published_charm)
    bag = given[written_side.name]
    for key in {"_supported_versions", "data"} & set(bag):
        bag[key] = json.dumps(yaml.safe_load(bag[key]))
    assert without_own_secrets(run(published_charm, given)) == without_own_secrets(complete)


def test_payload_arrives(contract: dict[str, Any], pytestconfig: pytest.Config):
    """What dex reads of a published client stands in its configuration."""
    dex = Charm.at(pytestconfig.rootpath / "charms/dex-auth")
    given = bags(contract, dex)
    client = yaml.safe_load(given["oidc-client"]["data"])
    text = run(dex, given).files("dex")["/etc/dex/config.docker.yaml"]
    assert yaml.safe_load(text)["staticClients"] == [client]
