# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Each charm's metadata against the published charm's: it can take that charm's place."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jujusim.testing import Charm


def test_every_published_charm_is_known(contract: dict[str, Any], published_charm: Charm):
    assert published_charm.name in contract["charms"]


def test_every_charm_here_is_in_the_contract(
    contract: dict[str, Any], pytestconfig: pytest.Config
):
    paths = (pytestconfig.rootpath / "charms").glob("*/charmcraft.yaml")
    assert {path.parent.name for path in paths} == set(contract["charms"])


def test_directory_has_the_charms_name(published_charm: Charm):
    assert published_charm.directory.root.name == published_charm.name


@pytest.mark.parametrize("role", ["provides", "requires"])
def test_endpoints(contract: dict[str, Any], published_charm: Charm, role: str):
    later = contract["not_declared_yet"]["interfaces"]
    published = contract["charms"][published_charm.name].get(role, {})
    ours = published_charm.directory.meta.get(role) or {}
    for name, endpoint in published.items():
        if endpoint["interface"] in later:
            assert name not in ours
        else:
            assert ours[name]["interface"] == endpoint["interface"]
            assert ours[name].get("limit") == endpoint.get("limit")


def test_ambient_endpoints_are_the_only_ones_missing(
    contract: dict[str, Any], published_charm: Charm
):
    assert contract["not_declared_yet"]["reason"]
    interfaces = {item.interface for item in published_charm.directory.endpoints.values()}
    assert not interfaces & set(contract["not_declared_yet"]["interfaces"])


def test_nothing_more_is_needed(contract: dict[str, Any], published_charm: Charm):
    """A relation that the published charm does without is optional here too."""
    needed = set(published_charm.parts.sides) - set(published_charm.optional())
    assert needed == set(contract["needed"].get(published_charm.name, []))


def test_options(contract: dict[str, Any], published_charm: Charm):
    published = contract["charms"][published_charm.name].get("config", {})
    ours = published_charm.directory.options
    for name, option in published.items():
        assert ours[name]["type"] == option["type"]
        theirs = _data(option.get("default"))
        default = _data(ours[name].get("default"))
        assert _without_new_names(default, theirs) == theirs, name


def _without_new_names(default: Any, published: Any) -> Any:
    """Return a default without names to which one may give a value, and that have none."""
    if not isinstance(published, dict):
        return default
    return {name: value for name, value in default.items() if value or name in published}


def _data(default: Any) -> Any:
    """A default that is YAML or JSON text is compared by what it says."""
    said = yaml.safe_load(default) if isinstance(default, str) else default
    return said if isinstance(said, (list, dict)) else default


def test_containers(contract: dict[str, Any], published_charm: Charm):
    published = contract["charms"][published_charm.name].get("containers", {})
    ours = published_charm.directory.containers
    assert set(ours) == set(published)
    for name, container in published.items():
        assert container.items() <= ours[name].items()


def test_resources(contract: dict[str, Any], published_charm: Charm):
    published = contract["charms"][published_charm.name].get("images", {})
    ours = published_charm.directory.meta.get("resources") or {}
    images = {name: item["upstream-source"] for name, item in ours.items()}
    assert images == published
    assert {item["type"] for item in ours.values()} <= {"oci-image"}


def test_storage(contract: dict[str, Any], published_charm: Charm):
    """Juju 4.0 compares every field."""
    published = contract["charms"][published_charm.name].get("storage", {})
    assert published_charm.directory.storage == published


def test_charm_runs_as_nobody_in_particular(published_charm: Charm):
    meta = published_charm.directory.meta
    assert meta["charm-user"] == "non-root"
    assert set(meta["assumes"]) == {"k8s-api", "juju >= 3.6.4"}


def test_containers_run_as_published(contract: dict[str, Any], published_charm: Charm):
    published = contract["charms"][published_charm.name].get("containers", {})
    for name, container in published_charm.directory.containers.items():
        uid = published[name].get("uid")
        assert (container.get("uid"), container.get("gid")) == (uid, uid)


def test_container_resources_are_declared(published_charm: Charm):
    resources = published_charm.directory.meta.get("resources") or {}
    used = {item["resource"] for item in published_charm.directory.containers.values()}
    assert used == set(resources)
