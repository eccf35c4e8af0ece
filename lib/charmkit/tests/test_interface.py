# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The description of a Juju interface."""

from __future__ import annotations

import dataclasses

import charmkit
import pytest
from charmkit import wire


def test_an_interface_has_plain_keys_and_sends_nothing_unless_it_says_so() -> None:
    described = charmkit.Interface[None, None]("some")
    assert described.codec == wire.Plain()
    assert (described.provider, described.requirer) == (None, None)
    assert (described.provider_unit, described.requirer_unit) == (None, None)


def test_an_interface_is_frozen() -> None:
    described = charmkit.Interface[None, None]("some")
    with pytest.raises(dataclasses.FrozenInstanceError):
        described.name = "other"  # pyright: ignore[reportAttributeAccessIssue]
