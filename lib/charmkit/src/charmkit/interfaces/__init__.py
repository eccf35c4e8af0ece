# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Interfaces of the platform: one module per Juju interface."""
