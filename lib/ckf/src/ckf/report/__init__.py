# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Reports on a deployment for persons and programs: status, tables, files, progress."""
