# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What Juju compares in a refresh from a published charm to the one here."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import jujusim
import pytest
import yaml
from ckf.pack import variant
from jujusim import refresh, versions
from jujusim.testing import Charm

PARTS = ("provides", "requires", "peers", "storage", "containers")
JUJU_4 = "4.0.13"

Publish = Callable[[dict[str, Any]], jujusim.CharmDir]


def published_metadata(contract: dict[str, Any], charm: Charm) -> dict[str, Any]:
    """What is known of the published charm's charmcraft.yaml."""
    known = contract["charms"][charm.name]
    resources = {name: {"type": "oci-image"} for name in known.get("images", {})}
    parts = {name: known[name] for name in PARTS if name in known}
    return {"name": charm.name, **parts, "resources": resources}


def application(charm: jujusim.CharmDir) -> jujusim.Application:
    return jujusim.Application(charm.name, charm)


@pytest.fixture
def publish(tmp_path: pathlib.Path) -> Publish:
    """Make a charm directory of metadata."""

    def make(metadata: dict[str, Any]) -> jujusim.CharmDir:
        folder = tmp_path / f"charm-{len(list(tmp_path.iterdir()))}"
        (folder / "src").mkdir(parents=True)
        (folder / "charmcraft.yaml").write_text(yaml.safe_dump(metadata))
        code = "import ops\nclass C(ops.CharmBase):\n    pass\n"
        (folder / "src/charm.py").write_text(code)
        return jujusim.CharmDir.load(folder)

    return make


def test_juju_3_takes_every_charm(
    contract: dict[str, Any], published_charm: Charm, publish: Publish
):
    app = application(publish(published_metadata(contract, published_charm)))
    refresh.check(app, published_charm.directory, (), versions.DEFAULT)


def test_juju_4_refuses_nothing_but_new_endpoints(
    contract: dict[str, Any], published_charm: Charm, publish: Publish
):
    before = published_metadata(contract, published_charm)
    app = application(publish(before))
    ours = published_charm.directory
    added = tuple(sorted(ours.endpoints.keys() - app.charm.endpoints.keys()))
    if added:
        with pytest.raises(jujusim.NewEndpoints) as refused:
            refresh.check(app, ours, (), JUJU_4)
        assert refused.value.names == added
    else:
        refresh.check(app, ours, (), JUJU_4)


def test_juju_4_takes_the_variant_with_the_published_endpoints(
    contract: dict[str, Any], published_charm: Charm, publish: Publish
):
    before = published_metadata(contract, published_charm)
    app = application(publish(before))
    project = yaml.safe_load((published_charm.directory.root / "charmcraft.yaml").read_text())
    step = publish(variant.limited(project, before))
    refresh.check(app, step, (), JUJU_4)
    left = set(variant.left_out(project, before))
    assert step.endpoints.keys() == published_charm.directory.endpoints.keys() - left


def test_containers_are_those_of_the_published_charm(
    contract: dict[str, Any], published_charm: Charm
):
    published = contract["charms"][published_charm.name].get("containers", {})
    assert published_charm.directory.containers.keys() == published.keys()


def test_the_charms_user_and_what_it_assumes_are_what_juju_3_6_has(published_charm: Charm):
    """`charm-user` needs Juju 3.6.4; a controller that lacks what is assumed refuses a refresh."""
    meta = published_charm.directory.meta
    assumed = [text for text in meta["assumes"] if str(text).startswith("juju")]
    least = [versions.parse(str(text).rpartition(" ")[2]) for text in assumed]
    assert meta.get("charm-user", "root") in ("root", "sudoer", "non-root")
    assert least
    assert max(least) <= versions.parse(versions.DEFAULT) <= versions.parse(JUJU_4)
