# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the tool says of the whole bundle: the same of the same, what differs, which images."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from ckf import diff, images
from ckf.images import probe
from ckf.preview import Deployment, Request, cluster, prepare
from ckf.report import files, resources
from ckf.report.redaction import Redactor

pytestmark = pytest.mark.xdist_group("tool")
REGISTRY = "registry.example:5000/ckf"
SEED = 3
ROOT = pathlib.Path(__file__).parents[2]


def deployed(**options: Any) -> Deployment:
    made = prepare(Request(ROOT / "bundle.yaml", seed=SEED, **options))
    made.settle()
    return made


def tree(made: Deployment) -> dict[str, bytes]:
    return dict(files.tree(made, Redactor(active=False)))


@pytest.fixture(scope="module")
def base() -> Deployment:
    return deployed()


@pytest.fixture(scope="module")
def again() -> Deployment:
    return deployed()


@pytest.fixture(scope="module")
def changed() -> Deployment:
    return deployed(config={"jupyter-ui": {"port": 5999}})


def test_two_runs_of_one_seed_write_the_same_bytes(base: Deployment, again: Deployment):
    assert tree(base) == tree(again)
    assert list(base.model.trace.lines()) == list(again.model.trace.lines())


def test_a_deployment_does_not_differ_from_itself(base: Deployment, again: Deployment):
    one, two = diff.Snapshot.of(base), diff.Snapshot.of(again)
    assert not list(diff.differences(one, two))
    assert not list(diff.disruptions(one, two))


def test_one_changed_option_shows_only_what_it_changes(base: Deployment, changed: Deployment):
    one, two = diff.Snapshot.of(base), diff.Snapshot.of(changed)
    found = list(diff.differences(one, two))
    assert {each.change for each in found} == {"changed"}
    for each in found:
        lines = [
            line for line in each.lines if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ]
        assert lines
        assert all("5999" in line for line in lines if line.startswith("+")), each
    assert [what for what, _ in diff.disruptions(one, two)] == [
        "jupyter-ui/0: jupyter-ui in jupyter-ui"
    ]


@pytest.fixture(scope="module")
def catalogue(base: Deployment) -> list[images.Image]:
    return probe.completed(base, images.of(base))


def test_every_image_is_moved_by_something(catalogue: list[images.Image]):
    assert not [image for image in catalogue if not image.moved_by]


def test_every_container_of_the_cluster_has_its_image_in_the_list(
    base: Deployment, catalogue: list[images.Image]
):
    text = b"".join(content for path, content in tree(base).items() if "/Pod-" in path).decode()
    pulled = {line.split()[-1] for line in text.splitlines() if " image: " in line}
    assert pulled <= {image.reference for image in catalogue if image.now}


def test_sums_of_resources_count_the_pods_that_are_there(base: Deployment):
    found = resources.of(base)
    pods = [obj for (kind, *_), obj in cluster.everything(base.model.backend) if kind == "pods"]
    assert sum(use.pods for use in found.platform) == len(pods)
    assert set(found.by_app()) == set(base.model.apps)
    assert not found.users


def test_with_the_overlay_no_image_is_outside_of_the_registry(
    base: Deployment, catalogue: list[images.Image], tmp_path: pathlib.Path
):
    overlay = tmp_path / "registry.yaml"
    overlay.write_bytes(files.yaml_bytes(images.overlay(base.model, catalogue, REGISTRY)))
    made = deployed(overlays=(overlay,), image_repo=f"{REGISTRY}/jujusolutions")
    assert made.good
    found = {image.reference for image in images.of(made)}
    assert not {name for name in found if not name.startswith(f"{REGISTRY}/")}
    assert found == {images.moved(image, REGISTRY)[1] for image in catalogue}


def test_images_stay_in_the_order_of_their_list(catalogue: list[images.Image], base: Deployment):
    offered = [image.reference for image in catalogue if "option jupyter-images" in image.moved_by]
    text = next(
        content.decode() for path, content in tree(base).items() if path.endswith("ui_config.yaml")
    )
    assert offered == sorted(offered, key=text.index)


def test_a_move_keeps_the_path_below_the_registry():
    for reference, target in (
        ("charmedkubeflow/dex:2", "docker.io/charmedkubeflow/dex:2 r.io/x/charmedkubeflow/dex:2"),
        ("ghcr.io/a/b:1", "ghcr.io/a/b:1 r.io/x/a/b:1"),
        ("busybox:1.28", "docker.io/library/busybox:1.28 r.io/x/busybox:1.28"),
    ):
        move = images.moved(images.Image(reference, "app", ()), "r.io/x/")
        assert " ".join(move) == target
