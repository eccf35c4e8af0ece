# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The action that deletes definitions, and what users have made of them."""

from __future__ import annotations

import pathlib

import charmkit
import kubefake
import ops
import pytest
from ops import testing

ACTIONS = {"purge": {"params": {"confirm": {"type": "string"}}, "required": ["confirm"]}}
DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: boxes.example.com
spec:
  group: example.com
  names: {kind: Box, plural: boxes}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object}}
"""


class Boxes(ops.CharmBase):
    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        charmkit.Reconciler(self).add(charmkit.Manifests(self, purge="boxes"))


@pytest.fixture
def ctx(tmp_path: pathlib.Path, cluster: kubefake.Cluster) -> testing.Context[Boxes]:
    """The charm, after a hook in which its definition was made."""
    folder = tmp_path / "src/manifests"
    folder.mkdir(parents=True)
    (folder / "crd.yaml.j2").write_text(DEFINITION)
    made = testing.Context(Boxes, {"name": "app"}, actions=ACTIONS, charm_root=tmp_path)
    made.run(made.on.update_status(), state())
    assert definitions(cluster)
    return made


def state() -> testing.State:
    return testing.State(leader=True, model=testing.Model("ml"))


def definitions(cluster: kubefake.Cluster) -> list[str]:
    table = ("apiextensions.k8s.io", "customresourcedefinitions")
    return [row.obj["metadata"]["name"] for _, row in cluster.store.rows(table)]


def run(ctx: testing.Context[Boxes], confirm: str) -> None:
    ctx.run(ctx.on.action("purge", {"confirm": confirm}), state())


def test_a_purge_that_is_confirmed_deletes_the_definitions(
    ctx: testing.Context[Boxes], cluster: kubefake.Cluster
) -> None:
    run(ctx, "ml")
    assert ctx.action_results == {"deleted": "boxes.example.com"}
    assert not definitions(cluster)


@pytest.mark.parametrize("confirm", ["", "yes", "kubeflow"])
def test_a_purge_that_is_not_confirmed_deletes_nothing(
    ctx: testing.Context[Boxes], cluster: kubefake.Cluster, confirm: str
) -> None:
    message = "to delete all boxes, confirm with the model's name: ml"
    with pytest.raises(testing.ActionFailed, match=message):
        run(ctx, confirm)
    assert definitions(cluster)


def test_a_purge_that_the_cluster_denies_says_how_to_allow_it(
    ctx: testing.Context[Boxes], cluster: kubefake.Cluster
) -> None:
    cluster.authorize = lambda *_, **__: False
    with pytest.raises(testing.ActionFailed, match="juju trust app --scope=cluster"):
        run(ctx, "ml")
    cluster.authorize = None
    assert definitions(cluster)
