# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Slices of the bundle, and other images."""

from __future__ import annotations

import pathlib
import zipfile

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


def test_a_further_revision_is_the_same_but_for_its_version(tmp_path: pathlib.Path) -> None:
    packed = tmp_path / "minio.charm"
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in {"metadata.yaml": "name: minio\n", "version": "1\n"}.items():
            archive.writestr(name, text)
        executable = zipfile.ZipInfo("dispatch")
        executable.external_attr = 0o100755 << 16
        archive.writestr(executable, "#!/bin/sh\n")
    made = deployment.revision(packed, tmp_path / "next.charm", "2")
    with zipfile.ZipFile(made) as archive:
        assert sorted(archive.namelist()) == ["dispatch", "metadata.yaml", "version"]
        assert archive.read("version") == b"2\n"
        assert archive.read("metadata.yaml") == b"name: minio\n"
        assert archive.getinfo("dispatch").external_attr >> 16 == 0o100755


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


def test_a_charm_that_is_not_packed(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (root / "build/minio.charm").unlink()
    with pytest.raises(FileNotFoundError, match="run make pack first"):
        deployment.write(deployment.read(), tmp_path, ["minio"])
