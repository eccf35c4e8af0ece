# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The programs that charms run, built once per machine: their tests judge the charms with them.

pebble = workloads.find("pebble")
"""

from .build import find

__all__ = ["find"]
