# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A test run makes thousands of models."""

from __future__ import annotations

import gc
import pathlib
import weakref

from ckf import preview


def test_a_model_is_let_go(bundle: pathlib.Path) -> None:
    model = preview.deploy(bundle)
    left = weakref.ref(model)
    del model
    gc.collect()
    assert left() is None
