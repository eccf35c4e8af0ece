"""Bundles and overlays: read with line numbers, merged by Juju's rules, checked before a run.

bundle = bundles.load("bundle.yaml", ["overlays/ha.yaml"])
problems = bundles.check(bundle, bundles.load_charms(bundle))
"""

from __future__ import annotations

from ckf.bundle.charms import Charms, directory, load_charms
from ckf.bundle.check import check
from ckf.bundle.errors import BundleError, InputError, Problem
from ckf.bundle.load import load
from ckf.bundle.nodes import Place
from ckf.bundle.spec import Application, Bundle, Relation

__all__ = [
    "Application",
    "Bundle",
    "BundleError",
    "Charms",
    "InputError",
    "Place",
    "Problem",
    "Relation",
    "check",
    "directory",
    "load",
    "load_charms",
]
