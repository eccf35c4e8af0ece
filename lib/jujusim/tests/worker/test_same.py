# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""One of our charms in a process of its own does what it does in this one."""

import pathlib
import sys

import jujusim
import kubefake
import pytest
from jujusim import worker

MINIO = pathlib.Path(__file__).parents[4] / "charms" / "minio"


def outcome(charm):
    """All that a deployment of a charm leaves."""
    cluster = kubefake.Cluster(seed=5)
    model = jujusim.Model("m", seed=5, cluster=cluster)
    model.deploy(charm, "minio", trust=True, config={"access-key": "somebody"})
    model.settle()
    model.configure("minio", {"port": 9100, "secret-key": "a long password"})
    model.settle()
    unit = model.units["minio/0"]
    found = {
        "hooks": [(record.unit, record.event, record.error) for record in model.trace],
        "kubernetes": [record.kubernetes for record in model.trace],
        "pebble": [record.pebble for record in model.trace],
        "status": (model.status().apps["minio"], unit.controller_state),
        "plans": {name: container.plan() for name, container in unit.containers.items()},
        "files": {name: container.files() for name, container in unit.containers.items()},
        "databags": {n: (r.apps, r.units) for n, r in model.relations.items()},
        "secrets": [
            (secret.owner, secret.label, sorted(secret.revisions))
            for secret in model.secrets.secrets.values()
        ],
        "objects": {key: plain(stored.obj) for key, _, stored in everything(cluster)},
    }
    model.close()
    return found


def everything(cluster):
    for (group, plural), (namespace, name), stored in cluster.store.everything():
        yield (group, plural, namespace, name), None, stored


def plain(obj):
    """An object without the times at which it was written."""
    if isinstance(obj, dict):
        return {k: plain(v) for k, v in obj.items() if k not in ("time", "creationTimestamp")}
    return [plain(each) for each in obj] if isinstance(obj, list) else obj


@pytest.fixture(scope="module")
def outcomes():
    """What it leaves in this process, and in processes of its own."""
    return outcome(jujusim.CharmDir.load(MINIO)), outcome(
        worker.load(MINIO, python=sys.executable)
    )


@pytest.mark.parametrize(
    "part",
    [
        "hooks",
        "kubernetes",
        "pebble",
        "status",
        "plans",
        "files",
        "databags",
        "secrets",
        "objects",
    ],
)
def test_the_outcome_is_the_same(outcomes, part):
    here, there = outcomes
    assert here[part]
    assert there[part] == here[part]
