"""Slices of the bundle, and other images."""

from __future__ import annotations

import pathlib

import pytest
import yaml
from ckf import bundle as bundles

from ..helpers import deployment


@pytest.fixture
def root(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A repository in which every charm is packed."""
    bundle = deployment.ROOT / "bundle.yaml"
    (tmp_path / "bundle.yaml").write_text(bundle.read_text())
    (tmp_path / "build").mkdir()
    for app in bundles.load(bundle).applications.values():
        if app.is_local:
            (tmp_path / app.charm).touch()
    monkeypatch.setattr(deployment, "ROOT", tmp_path)
    return tmp_path


def images(root: pathlib.Path, text: str) -> pathlib.Path:
    path = root / "images.yaml"
    path.write_text(text)
    return path


def test_the_whole_bundle(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    made = yaml.safe_load(deployment.write(deployment.read(), tmp_path / "build").read_text())
    plain = yaml.safe_load((root / "bundle.yaml").read_text())
    assert set(made["applications"]) == set(plain["applications"])
    assert len(made["relations"]) == len(plain["relations"])
    charm = made["applications"]["minio"].pop("charm")
    plain["applications"]["minio"].pop("charm")
    assert charm == str(root / "build/minio.charm")
    assert made["applications"]["minio"] == plain["applications"]["minio"]


def test_a_slice_has_the_relations_within_it(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    only = ["dex-auth", "oidc-gatekeeper"]
    made = yaml.safe_load(deployment.write(deployment.read(), tmp_path, only).read_text())
    assert list(made["applications"]) == only
    ends = {end.partition(":")[0] for ends in made["relations"] for end in ends}
    assert ends == set(only)


def test_other_images(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    text = "applications: {minio: {resources: {oci-image: mine/minio:1}}}\n"
    bundle = deployment.read(images(root, text))
    made = yaml.safe_load(deployment.write(bundle, tmp_path, ["minio"]).read_text())
    assert made["applications"]["minio"]["resources"] == {"oci-image": "mine/minio:1"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("applications: {mino: {charm: x, scale: 1}}", "adds or removes applications"),
        ("applications: {minio: {resources: {image: x}}}", 'has no resource "image"'),
        ("applications: {minio: {scale: 3}}", 'changes more of "minio" than its resources'),
    ],
)
def test_a_file_of_images_that_is_more_than_that(
    root: pathlib.Path, text: str, message: str
) -> None:
    with pytest.raises(bundles.BundleError, match=message):
        deployment.read(images(root, text))


def test_a_charm_is_found_by_its_own_name(root: pathlib.Path) -> None:
    text = "applications: {gate: {charm: ./build/istio-gateway.charm, scale: 1}}\n"
    bundle = bundles.load(root / "bundle.yaml", [images(root, text)])
    assert deployment.runs(bundle, "istio-gateway")
    assert not deployment.runs(bundle, "gate")


def test_a_charm_that_is_not_packed(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (root / "build/minio.charm").unlink()
    with pytest.raises(FileNotFoundError, match="run make pack first"):
        deployment.write(deployment.read(), tmp_path, ["minio"])
