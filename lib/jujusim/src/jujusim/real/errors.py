# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Errors of a cluster."""


class ClusterError(Exception):
    """A cluster cannot be used; the message is a sentence for the person who chose it."""
