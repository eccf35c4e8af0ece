# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the tests on a real Juju share; tested itself, without one, in `unit`."""
