# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Bundles and overlays: read with line numbers, merged by Juju's rules, checked before a run.

bundle = bundles.load("bundle.yaml", ["overlays/ha.yaml"])
problems = bundles.check(bundle, bundles.load_charms(bundle))
"""

from .charms import Charms, charmkit, directory, is_known, load_charms, repository
from .check import check, load_checked
from .errors import BundleError, InputError, Place, Problem, hint
from .load import load
from .spec import Application, Bundle, Relation, text
from .unsimulated import notes

__all__ = [
    "Application",
    "Bundle",
    "BundleError",
    "Charms",
    "InputError",
    "Place",
    "Problem",
    "Relation",
    "charmkit",
    "check",
    "directory",
    "hint",
    "is_known",
    "load",
    "load_charms",
    "load_checked",
    "notes",
    "repository",
    "text",
]
