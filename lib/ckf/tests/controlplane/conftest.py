# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ckf.controlplane import source

Script = Callable[[Path, str], None]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's: an empty cache, and no choice made in the environment."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.delenv("K8S", raising=False)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a Go module for two releases."""
    module = tmp_path / "checkout" / source.MODULE
    (module / "releases").mkdir(parents=True)
    (module / "main.go").write_text("package main\n")
    for release in ("1.9.1", "1.34.4"):
        (module / "releases" / f"{release}.mod").write_text(f"require v{release}\n")
        (module / "releases" / f"{release}.sum").write_text("checksums\n")
    package = tmp_path / "checkout" / "lib/ckf/src/ckf/controlplane"
    monkeypatch.setattr(source, "__file__", str(package / "source.py"))
    return module


@pytest.fixture
def script() -> Script:
    """Write an executable shell script."""

    def write(path: Path, body: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    return write
