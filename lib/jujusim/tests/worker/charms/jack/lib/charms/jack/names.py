# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A library that only this charm has."""

LABEL = "jack-secret"
