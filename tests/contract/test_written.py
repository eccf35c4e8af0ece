# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What our charms write, byte by byte, against the published schemas and not against our codec."""

from __future__ import annotations

import base64
import functools
import json
import lzma
from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest
import yaml
from charmkit import wire
from jujusim.testing import Charm, Result, Side
from ops import testing

JUJU_KEYS = {"egress-subnets", "ingress-address", "private-address"}


@functools.cache
def run(charm: Charm, versions: tuple[str, ...] = ("v1",)) -> Result:
    """The charm among published charms."""
    return charm.run(charm.state(versions=versions), "config_changed")


def relation(result: Result, side: Side) -> testing.RelationBase:
    return result.state.get_relations(side.name)[0]


def role(charm: Charm, side: Side) -> str:
    return charm.directory.endpoints[side.name].role


def check_sdi(schema: Any, bag: Mapping[str, str]) -> Any:
    """The payload, or None where the side says nothing."""
    assert set(bag) == {"_supported_versions", *(["data"] if schema else [])}
    versions = yaml.safe_load(bag["_supported_versions"])
    assert isinstance(versions, list)
    assert all(isinstance(version, str) for version in versions)
    assert "v1" in versions
    if schema is None:
        return None
    payload = yaml.safe_load(bag["data"])
    jsonschema.validate(payload, {**schema, "additionalProperties": True})
    return payload


def check_plain(keys: Mapping[str, Any], bag: Mapping[str, str]) -> dict[str, Any]:
    """What the databag says: text as it is, JSON as data."""
    assert set(bag) == set(keys)
    return {name: _checked(text, keys[name]) for name, text in bag.items()}


def _checked(text: str, schema: Any) -> Any:
    if schema == "text":
        return text
    value = json.loads(text)
    jsonschema.validate(value, schema)
    return value


def said(contract: dict[str, Any], charm: Charm, side: Side, result: Result) -> Any:
    bag, mine = relation(result, side).local_app_data, role(charm, side)
    name = side.interface.name
    if isinstance(side.interface.codec, wire.Sdi):
        return check_sdi(contract["sdi_interfaces"][name]["schema"]["v1"].get(mine), bag)
    return check_plain(contract["plain_interfaces"][name].get(mine, {}).get("app", {}), bag)


def test_sdi_databags(contract: dict[str, Any], published_charm: Charm, sdi_side: Side):
    said(contract, published_charm, sdi_side, run(published_charm))


def test_sdi_unit_databags_are_empty(published_charm: Charm, sdi_side: Side):
    assert set(relation(run(published_charm), sdi_side).local_unit_data) <= JUJU_KEYS


def test_sdi_neighbour_that_speaks_more(
    contract: dict[str, Any], published_charm: Charm, sdi_side: Side
):
    """The published istio-pilot speaks v1 and v2 of ingress; what ours says fits either."""
    schemas = contract["sdi_interfaces"][sdi_side.interface.name]["schema"]
    result = run(published_charm, tuple(sorted(schemas)))
    said(contract, published_charm, sdi_side, result)


def test_sdi_neighbour_that_has_not_spoken(published_charm: Charm, sdi_side: Side):
    """Our versions stand there first, so that the other side can go on."""
    state = published_charm.state(bags={sdi_side.name: {}})
    bag = relation(published_charm.run(state, "config_changed"), sdi_side).local_app_data
    assert set(bag) == {"_supported_versions"}
    assert "v1" in yaml.safe_load(bag["_supported_versions"])


def test_plain_databags(contract: dict[str, Any], published_charm: Charm, plain_side: Side):
    said(contract, published_charm, plain_side, run(published_charm))


def test_plain_unit_databags(contract: dict[str, Any], published_charm: Charm, plain_side: Side):
    interface = contract["plain_interfaces"][plain_side.interface.name]
    keys = interface.get(role(published_charm, plain_side), {}).get("unit", {})
    bag = relation(run(published_charm), plain_side).local_unit_data
    own = {name: text for name, text in bag.items() if name not in JUJU_KEYS}
    # Juju keeps no key with empty text.
    assert set(own) <= set(keys)
    assert {name for name in keys if not name.endswith("_path")} <= set(own)


def test_every_interface_is_described(contract: dict[str, Any], published_charm: Charm):
    described = {*contract["sdi_interfaces"], *contract["plain_interfaces"]}
    assert {side.interface.name for side in published_charm.parts.sides.values()} <= described


def test_payloads(contract: dict[str, Any], published_charm: Charm):
    """With default options ours says what the published charm says."""
    result = run(published_charm)
    for name, payload in contract["payloads"].get(published_charm.name, {}).items():
        side = published_charm.parts.sides[name]
        ours = said(contract, published_charm, side, result)
        generated = {"secret", "secret-key"} & set(ours) - set(payload)
        assert {key: ours[key] for key in ours if key not in generated} == payload
        assert all(len(ours[key]) >= 8 for key in generated)


def test_metrics(contract: dict[str, Any], published_charm: Charm):
    """Dashboards and alerts of the published charm find the metrics where they were."""
    targets = contract["targets"].get(published_charm.name)
    if targets is None:
        assert "metrics-endpoint" not in published_charm.parts.sides
        return
    side = published_charm.parts.sides["metrics-endpoint"]
    jobs = said(contract, published_charm, side, run(published_charm))["scrape_jobs"]
    found = {
        target: job["metrics_path"]
        for job in jobs
        for group in job["static_configs"]
        for target in group["targets"]
    }
    assert found == targets


def test_dashboards_can_be_unpacked(contract: dict[str, Any], published_charm: Charm):
    side = published_charm.parts.sides.get("grafana-dashboard")
    if side is None:
        assert "grafana-dashboard" not in contract["charms"][published_charm.name].get(
            "provides", {}
        )
        return
    bag = said(contract, published_charm, side, run(published_charm))
    for template in bag["dashboards"]["templates"].values():
        assert json.loads(lzma.decompress(base64.b64decode(template["content"])))["panels"]


@pytest.mark.parametrize("versions", [("v1",), ()], ids=["published", "newest"])
def test_only_the_leader_writes_for_the_application(
    published_charm: Charm, versions: tuple[str, ...]
):
    state = published_charm.state(leader=False, versions=versions)
    result = published_charm.run(state, "config_changed")
    assert [item for item in result.state.relations if item.local_app_data] == []
