# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Every option: declared and read, accepted and refused, and worth having."""

from __future__ import annotations

import dataclasses
from typing import Any

from charmkit import config as charm_config
from jujusim.testing import Charm, Result, observe
from jujusim.testing.options import FREE_PORT, Option


def run_with(charm: Charm, config: dict[str, Any], before: Result | None = None) -> Result:
    if before is None:
        return charm.run(charm.state(config=config), "config_changed", cluster=charm.defined)
    state = dataclasses.replace(before.state, config=config)
    return charm.run(state, "config_changed", cluster=before.cluster)


def test_declared_and_read_are_the_same(charm: Charm):
    schema = charm.parts.options
    fields = dataclasses.fields(schema) if schema else ()
    assert {charm_config.option_name(field) for field in fields} == set(charm.directory.options)


def test_defaults_are_accepted(charm: Charm):
    schema = charm.parts.options
    if schema:
        assert charm_config.load(schema, charm.directory.defaults)


def test_every_option_has_a_default(charm: Charm):
    """Juju tells nothing of an option without one, and the parsers take nothing for empty text.

    There is no default for a secret.
    """
    every = charm.directory.options.items()
    others = {name for name, option in every if option["type"] != "secret"}
    assert set(charm.directory.defaults) == others


def test_bad_value_blocks_and_changes_nothing(charm: Charm, refusing_option: Option):
    before = charm.complete
    after = run_with(charm, {refusing_option.name: refusing_option.parser.invalid_example}, before)
    status, message = after.status
    assert status == "blocked"
    assert f"option {refusing_option.name} accepts {refusing_option.parser.accepts}" in message
    assert after.seen == before.seen
    assert not after.writes


def test_bad_value_from_the_start(charm: Charm, refusing_option: Option):
    after = run_with(charm, {refusing_option.name: refusing_option.parser.invalid_example})
    status, message = after.status
    assert status == "blocked"
    assert f"option {refusing_option.name} accepts {refusing_option.parser.accepts}" in message


def test_bad_value_on_a_unit_that_does_not_lead(charm: Charm, refusing_option: Option):
    before = charm.complete
    config = {refusing_option.name: refusing_option.parser.invalid_example}
    state = dataclasses.replace(charm.as_unit(before.state, 1), config=config)
    assert (
        charm.run(state, "config_changed", unit=1, cluster=before.cluster).status[0] == "blocked"
    )


def test_refused_secret_is_not_shown(charm: Charm, refusing_option: Option):
    bad = refusing_option.parser.invalid_example
    after = run_with(charm, {refusing_option.name: bad})
    if refusing_option.parser.secret:
        assert f"(got: {bad})" not in after.status[1]


def test_good_value_heals(charm: Charm, refusing_option: Option):
    before = charm.complete
    config = {refusing_option.name: refusing_option.parser.invalid_example}
    blocked = run_with(charm, config, before)
    healed = run_with(charm, {}, blocked)
    assert healed.status == before.status
    assert healed.seen == before.seen


def test_change_makes_a_difference(charm: Charm, option: Option):
    before = run_with(charm, option.base)
    after = run_with(charm, option.change, before)
    assert before.status[0] == "active"
    assert after.status[0] == "active"
    assert after.seen != before.seen


def test_change_and_back(charm: Charm, option: Option):
    before = run_with(charm, option.base)
    after = run_with(charm, option.change, before)
    back = run_with(charm, option.base, after)
    assert _without_versions(back) == _without_versions(before)


def test_port_moves_everywhere(charm: Charm, port_option: Option):
    """The Service, the listener, and whoever is told of the port by relation."""
    old, new = int(port_option.default), FREE_PORT
    before = charm.complete
    after = run_with(charm, {port_option.name: type(port_option.default)(new)}, before)
    assert new in _service_ports(charm, after)
    assert old not in _service_ports(charm, after)
    fixed = _service_ports(charm, after)[new] == _service_ports(charm, before)[old]
    listener = _moved(_listener(before, port_option), old, old if fixed else new)
    assert _listener(after, port_option) == listener
    told = {name: bag for name, bag in _told(before).items() if not _scraped(name)}
    assert {name: _told(after)[name] for name in told} == _moved(told, old, new)
    scraped = {name: bag for name, bag in _told(before).items() if _scraped(name)}
    expected = scraped if fixed else _moved(scraped, old, new)
    assert {name: _told(after)[name] for name in scraped} == expected


def _service_ports(charm: Charm, result: Result) -> dict[int, int]:
    """Ports that clients can connect to, and what each leads to in the pod."""
    service = result.seen["objects"][f"Service/kubeflow/{charm.name}"]
    opened = {int(port.port): int(port.port) for port in result.state.opened_ports if port.port}
    return opened | {port["port"]: port["targetPort"] for port in service["spec"]["ports"]}


def _listener(result: Result, option: Option) -> Any:
    """Plans and files, without the digest of the files in the plans."""
    seen = {"plans": result.seen["plans"], "files": result.seen["files"]}
    return observe.replaced(_without(seen, option.constants), r"[0-9a-f]{64}", "digest")


def _without(value: Any, names: tuple[str, ...]) -> Any:
    """Nested mappings without some keys."""
    if not isinstance(value, dict):
        return value
    return {name: _without(item, names) for name, item in value.items() if name not in names}


def _told(result: Result) -> dict[str, Any]:
    return {name: bag["app"] for name, bag in result.seen["databags"].items()}


def _scraped(endpoint: str) -> bool:
    """Prometheus goes to the pods, everybody else to the Service."""
    return endpoint.startswith("metrics-endpoint:")


def _moved(value: Any, old: int, new: int) -> Any:
    return observe.replaced(value, rf"\b{old}\b", str(new))


def _without_versions(result: Result) -> Any:
    """What is seen, without what Kubernetes counts up with each change, or chooses anew."""
    seen = dict(result.seen)
    seen["objects"] = {name: _essence(obj) for name, obj in seen["objects"].items()}
    return seen


def _essence(obj: dict[str, Any]) -> dict[str, Any]:
    counted = ("resourceVersion", "generation", "managedFields", "uid", "creationTimestamp")
    metadata = {name: obj["metadata"][name] for name in obj["metadata"] if name not in counted}
    if obj["kind"] in ("Deployment", "StatefulSet"):
        obj = {name: value for name, value in obj.items() if name != "status"}
    return _without_node_ports({**obj, "metadata": metadata})


def _without_node_ports(obj: dict[str, Any]) -> dict[str, Any]:
    if obj["kind"] != "Service":
        return obj
    ports = [{**port, "nodePort": 0} for port in obj["spec"]["ports"]]
    return {**obj, "spec": {**obj["spec"], "ports": ports}}
