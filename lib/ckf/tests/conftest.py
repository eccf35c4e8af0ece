# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A small bundle of two charms, in a directory of its own."""

from __future__ import annotations

import pathlib
import shutil
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from ckf.cli import main

CHARMS = pathlib.Path(__file__).parent / "preview" / "charms"
BUNDLE = """\
bundle: kubernetes
applications:
  store:
    charm: ./build/store.charm
    scale: 1
    trust: true
    options:
      motd: welcome
    resources:
      oci-image: example/store:1
    storage:
      data: 2G
  client:
    charm: ./charms/client
    scale: 1
relations:
  - [store:kv, client:kv]
"""

Write = Callable[[str, str], pathlib.Path]
Run = Callable[..., tuple[Any, str, str]]


@pytest.fixture
def write(tmp_path: pathlib.Path) -> Write:
    """Write a file beside the bundle."""

    def write(name: str, text: str) -> pathlib.Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    return write


@pytest.fixture
def bundle(tmp_path: pathlib.Path, write: Write) -> pathlib.Path:
    """The bundle's file, with the charms that it names."""
    shutil.copytree(CHARMS, tmp_path / "charms")
    return write("bundle.yaml", BUNDLE)


@pytest.fixture
def ckf(
    bundle: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Run the command beside the bundle: exit status, standard output, standard error."""
    monkeypatch.chdir(bundle.parent)
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def run(*words: str) -> tuple[Any, str, str]:
        status: Any
        try:
            status = main(words)
        except SystemExit as stop:
            status = stop.code
        out, err = capsys.readouterr()
        return status, out, err

    return run
