"""The description of a Juju interface."""

from __future__ import annotations

import dataclasses

import pytest
from charmkit import interface


def test_it_speaks_plain_keys_and_hands_over_no_secret_unless_it_says_so() -> None:
    described = interface.Interface[None, None]("some", provider=None, requirer=None)
    assert (described.versions, described.secret_version) == ((), "")


def test_it_is_frozen() -> None:
    described = interface.Interface[None, None]("some", provider=None, requirer=None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        described.name = "other"  # pyright: ignore[reportAttributeAccessIssue]
