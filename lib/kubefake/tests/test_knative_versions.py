# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Versions of Knative's components, as the operator installs them."""

from __future__ import annotations

import pytest
from kubefake import knative


@pytest.mark.parametrize(
    ("kind", "wanted", "installed"),
    [
        ("KnativeServing", "1.15", "1.15.2"),
        ("KnativeEventing", "1.15", "1.15.3"),
        ("KnativeEventing", "1.15.0", "1.15.0"),
    ],
)
def test_of_a_release_the_components_newest_patch_is_installed(
    kind: str, wanted: str, installed: str
) -> None:
    asked = {"kind": kind, "spec": {"version": wanted}}
    done = {**asked, "status": {"version": installed}}
    assert knative.status(asked)["version"] == installed
    assert knative.is_reported(done)
    assert not knative.is_reported({**done, "status": {"version": "1.14.0"}})
