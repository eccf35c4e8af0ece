# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf terraform`: the bundle as data for the Terraform module in `terraform/`."""
