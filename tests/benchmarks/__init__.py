# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What a hook costs. Run with `python -m tests.benchmarks`."""
