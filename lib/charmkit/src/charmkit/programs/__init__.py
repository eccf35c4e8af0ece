# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Programs that charms push into workload containers; each is one file and needs no other."""
