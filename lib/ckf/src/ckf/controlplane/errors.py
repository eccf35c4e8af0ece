# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Errors of a control plane, as one sentence for the person who asked for it."""


class ControlPlaneError(Exception):
    """The control plane cannot be built, found or started; the text says what to do."""
