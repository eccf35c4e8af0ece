# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Which tests run in one process, one after the other: those of a file, or of a folder."""

from __future__ import annotations

import pathlib

import pytest

HERE = pathlib.Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a folder share a control plane."""
    for item in items:
        if item.path.is_relative_to(HERE):
            group = item.path.relative_to(HERE).parts[0]
            item.add_marker(pytest.mark.xdist_group(group))
