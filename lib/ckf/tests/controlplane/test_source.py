# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Which releases there are, and when a cached build no longer fits its source."""

from __future__ import annotations

from pathlib import Path

import pytest
from ckf.controlplane import ControlPlaneError, source


def test_releases_are_in_the_order_of_their_numbers(module: Path) -> None:
    assert source.releases(module) == ["1.9.1", "1.34.4"]


def test_the_default_release_can_be_built() -> None:
    assert source.DEFAULT_RELEASE in source.releases(source.directory())


def test_the_makefile_has_the_same_default() -> None:
    makefile = source.directory().parents[2] / "Makefile"
    assert f"K8S ?= {source.DEFAULT_RELEASE}\n" in makefile.read_text()


@pytest.mark.parametrize("release", source.releases(source.directory()))
def test_every_release_has_checksums_and_published_staging_modules(release: str) -> None:
    requirements = source.modfile(source.directory(), release)
    checksums = requirements.with_suffix(".sum").read_text()
    assert f"k8s.io/kubernetes v{release} h1:" in checksums
    published = f"k8s.io/api v0.{release.removeprefix('1.')}"
    assert f"k8s.io/api => {published}\n" in requirements.read_text()
    assert f"{published} h1:" in checksums


def test_an_unknown_release_is_refused_with_those_there_are(module: Path) -> None:
    with pytest.raises(ControlPlaneError, match=r"1\.2\.3 cannot .* one of 1\.9\.1, 1\.34\.4"):
        source.modfile(module, "1.2.3")


def test_a_release_is_no_path(module: Path) -> None:
    with pytest.raises(ControlPlaneError):
        source.modfile(module, "../releases/1.34.4")


@pytest.mark.parametrize("changed", ["main.go", "releases/1.34.4.mod", "releases/1.34.4.sum"])
def test_any_change_of_the_source_changes_the_digest(module: Path, changed: str) -> None:
    before = source.digest(module, "1.34.4")
    assert source.digest(module, "1.34.4") == before
    with (module / changed).open("a") as content:
        content.write("\n")
    assert source.digest(module, "1.34.4") != before


def test_a_change_for_one_release_leaves_the_others(module: Path) -> None:
    before = source.digest(module, "1.34.4")
    (module / "releases" / "1.9.1.mod").write_text("require something\n")
    assert source.digest(module, "1.34.4") == before


def test_the_environment_chooses_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    assert source.requested() == source.DEFAULT_RELEASE
    monkeypatch.setenv("K8S", "1.36.3")
    assert source.requested() == "1.36.3"
    assert source.requested("1.33.13") == "1.33.13"


def test_without_a_checkout_the_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "lib/python3/site-packages/ckf/controlplane/source.py"
    monkeypatch.setattr(source, "__file__", str(installed))
    with pytest.raises(ControlPlaneError, match=r"checkout of the repository, or .*KUBEBUILDER"):
        source.directory()
