# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Tests that share a deployment run in one process."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.xdist_group("together")


def test_groups_are_known_to_what_spreads_the_tests(request: pytest.FixtureRequest) -> None:
    """Without groups every process deploys everything, and tests that destroy it fail."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("all tests run in one process")
    assert request.node.nodeid.endswith("@together")
