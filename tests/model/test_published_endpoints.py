# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Taking over on a Juju that takes no new endpoints: what `ckf pack --endpoints-of` packs."""

from __future__ import annotations

import pathlib
import shutil

import jujusim
import kubefake
import pytest
import yaml
from ckf.pack import variant

from . import test_adoption
from .left_behind import published

JUJU = "4.0.13"
FILES = [name for name in published.files() if name != "istio-pilot-tls"]


@pytest.fixture(params=FILES)
def adopted(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> jujusim.Model:
    """The published charm, on a Juju that refuses ours as it is, refreshed to the variant."""
    left = published.Left.load(request.param, "kubeflow", **test_adoption.variables())
    cluster = kubefake.Cluster(pods=True, load_balancer=True)
    model = jujusim.Model("kubeflow", cluster=cluster, juju_version=JUJU)
    published.seeded(left, model, tmp_path)
    model.settle()
    app = model.app(left.app)
    if app.charm.endpoints.keys() < published.ours(left.charm).endpoints.keys():
        with pytest.raises(jujusim.NewEndpoints):
            model.refresh(left.app, published.ours(left.charm))
    model.refresh(left.app, limited(app.charm, left.charm, tmp_path / "variant"))
    model.settle()
    return model


def limited(old: jujusim.CharmDir, name: str, folder: pathlib.Path) -> jujusim.CharmDir:
    """Our charm with the endpoints of the one that is deployed."""
    shutil.copytree(published.ROOT / "charms" / name, folder)
    path = folder / "charmcraft.yaml"
    project = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump(variant.limited(project, old.meta)))
    return jujusim.CharmDir.load(folder)


def test_no_hook_of_the_variant_fails(adopted: jujusim.Model):
    failed = adopted.trace.failures()
    assert not failed, f"{failed[0]}\n{failed[0].traceback}"


def test_the_variant_is_active_unless_it_has_lost_its_peers(adopted: jujusim.Model):
    """`ckf pack` does not pack one that has lost them: it would wait for ever."""
    app = next(app for name, app in adopted.apps.items() if "neighbour" not in name)
    project = published.ours(app.charm.name).meta
    if variant.lost_peers(project, app.charm.meta):
        assert app.units[0].status.name == "waiting"
    else:
        assert app.units[0].status.name == "active"
