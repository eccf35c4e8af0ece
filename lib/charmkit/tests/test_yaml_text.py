# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""YAML that others wrote: read, or refused without showing it."""

from __future__ import annotations

from typing import Any

import pytest
from charmkit import yaml_text


@pytest.mark.parametrize(
    ("text", "value"),
    [("", None), ("# nothing", None), ("a: 1", {"a": 1}), ("[a, b]", ["a", "b"]), ("x", "x")],
)
def test_yaml_is_read(text: str, value: Any) -> None:
    assert yaml_text.load(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b: secret", "not YAML, line 1"),
        ("a: 1\nb: [secret}", "not YAML, line 2"),
        ("!!python/object:secret {}", "not YAML, line 1"),
        ("secret\0", "not YAML"),
        ("!!int secret", "not YAML"),
        ("!!bool secret", "not YAML"),
        ("!!timestamp secret", "not YAML"),
        ("2024-13-45", "not YAML"),
    ],
)
def test_what_is_not_yaml_is_refused_without_showing_it(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="not YAML") as caught:
        yaml_text.load(text)
    assert str(caught.value) == message
