# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Tests on a real Juju: see docs/how-to/integration-tests.md."""
