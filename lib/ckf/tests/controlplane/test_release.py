# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The requirements of a release follow from those that Kubernetes itself publishes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ckf.controlplane import ControlPlaneError, release

UPSTREAM = {
    "Go": "1.24.0",
    "Replace": [
        {"Old": {"Path": "k8s.io/api"}, "New": {"Path": "./staging/src/k8s.io/api"}},
        {"Old": {"Path": "k8s.io/kms"}, "New": {"Path": "./staging/src/k8s.io/kms"}},
    ],
}
WANTED = """module controlplane

go 1.24.0

require k8s.io/kubernetes v1.34.4

replace (
	k8s.io/api => k8s.io/api v0.34.4
	k8s.io/kms => k8s.io/kms v0.34.4
)
"""
GO = """
case "$1 $2" in
"mod download") echo '{"GoMod": "kubernetes.mod"}' ;;
"mod edit") [ "$4" = kubernetes.mod ] && echo '%s' ;;
"mod tidy") grep -q package main.go && echo tidied >> go.mod && echo checksums > go.sum ;;
esac
"""


def test_every_staging_module_is_the_published_one_of_the_same_release() -> None:
    assert release.requirements(UPSTREAM, "1.34.4") == WANTED


def test_a_release_is_added_with_its_checksums(
    module: Path,
    tmp_path: Path,
    script: Callable[[Path, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    upstream = '{"Go": "1.24.0", "Replace": [{"Old": {"Path": "k8s.io/api"}}]}'
    script(tmp_path / "bin/go", GO % upstream)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    written = release.add("1.35.4")
    assert written == module / "releases/1.35.4.mod"
    assert "k8s.io/api => k8s.io/api v0.35.4\n" in written.read_text()
    assert written.read_text().endswith("tidied\n")
    assert written.with_suffix(".sum").read_text() == "checksums\n"


def test_what_go_says_of_a_failure_is_told_without_its_downloads(
    module: Path,
    tmp_path: Path,
    script: Callable[[Path, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script(tmp_path / "bin/go", "echo go: downloading a >&2; echo no such version >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    with pytest.raises(ControlPlaneError, match=r"kubernetes@v1\.35\.4 failed:\nno such version$"):
        release.add("1.35.4")
    assert not (module / "releases/1.35.4.mod").exists()


@pytest.mark.parametrize("name", ["1.34", "v1.34.4", "2.0.0", "../1.34.4", "1.34.4\n"])
def test_a_release_has_three_numbers(module: Path, name: str) -> None:
    with pytest.raises(ControlPlaneError, match="is not a Kubernetes release"):
        release.add(name)
