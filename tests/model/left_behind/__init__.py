# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the published charms leave behind, one YAML file each, and how a model comes to hold it."""
