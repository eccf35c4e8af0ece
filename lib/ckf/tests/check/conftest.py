# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A small repository with two charms, and bundles of them."""

from __future__ import annotations

import pathlib
import textwrap
from collections.abc import Callable

import pytest

CHARM = "import ops\nclass C(ops.CharmBase):\n    pass\n"
SERVER = """
    name: server
    assumes: [k8s-api, juju >= 3.6.4]
    containers: {server: {resource: oci-image}}
    resources: {oci-image: {type: oci-image}}
    storage: {data: {type: filesystem, minimum-size: 10G}}
    provides: {api: {interface: http}, admin: {interface: admin}}
    config: {options: {port: {type: int, default: 80}}}
"""
CLIENT = """
    name: client
    assumes: [k8s-api, juju >= 3.6.4]
    requires: {api: {interface: http, limit: 1}, database: {interface: sql}}
"""
BUNDLE = """\
bundle: kubernetes
applications:
  server:
    charm: ./build/server.charm
    scale: 1
    options:
      port: 8080
    resources:
      oci-image: example.com/server:1
    storage:
      data: 10G
  client:
    charm: ./build/client.charm
    scale: 1
relations:
  - [server:api, client:api]
"""


@pytest.fixture
def repository(tmp_path: pathlib.Path) -> pathlib.Path:
    for name, text in (("server", SERVER), ("client", CLIENT)):
        source = tmp_path / "charms" / name / "src"
        source.mkdir(parents=True)
        (source / "charm.py").write_text(CHARM)
        (source.parent / "charmcraft.yaml").write_text(textwrap.dedent(text))
    (tmp_path / "bundle.yaml").write_text(BUNDLE)
    return tmp_path


@pytest.fixture
def change(repository: pathlib.Path) -> Callable[[str, str], pathlib.Path]:
    """Change the bundle's text."""
    path = repository / "bundle.yaml"

    def change(old: str, new: str) -> pathlib.Path:
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
        return path

    return change
