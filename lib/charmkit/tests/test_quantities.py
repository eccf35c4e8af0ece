# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Quantities: in the form in which the Kubernetes API keeps them."""

from __future__ import annotations

import pytest
from charmkit import quantities


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("1", "1"),
        ("0", "0"),
        ("0.5", "500m"),
        ("1.0", "1"),
        ("1000m", "1"),
        ("1500m", "1500m"),
        ("50m", "50m"),
        (".1", "100m"),
        ("+2", "2"),
        ("1000", "1k"),
        ("1000000u", "1"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Gi", "512Mi"),
        ("128Mi", "128Mi"),
        ("0.5Ki", "512"),
        ("1500M", "1500M"),
        ("1Ei", "1Ei"),
    ],
)
def test_quantity_has_the_form_that_the_api_keeps(text: str, kept: str):
    assert quantities.canonical(text) == kept
    assert quantities.canonical(kept) == kept


@pytest.mark.parametrize("text", ["", "much", "1 Gi", "1gi", "-1", "1e3", "0.5n", "1K", "1Kii"])
def test_what_is_no_quantity_is_refused(text: str):
    with pytest.raises(ValueError, match="quantity"):
        quantities.canonical(text)


def test_resources_are_parsed_with_their_quantities():
    text = "{requests: {cpu: 0.5, memory: 1024Mi}, limits: {nvidia.com/gpu: 1}}"
    assert quantities.parse_resources(text) == {
        "requests": {"cpu": "500m", "memory": "1Gi"},
        "limits": {"nvidia.com/gpu": "1"},
    }


@pytest.mark.parametrize("text", ["", "{}", "{requests: {}}", "{limits: null}"])
def test_no_resources_are_nothing(text: str):
    assert quantities.parse_resources(text) == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "not a mapping"),
        ("{request: {cpu: 1}}", "request is neither requests nor limits"),
        ("{requests: 1}", "requests is not a mapping"),
        ("{requests: {cpu: much}}", "requests.cpu: much is no quantity"),
        ("{requests: {cpu: true}}", "requests.cpu is not a quantity"),
        ("{requests: {'a b': 1}}", "requests: a b is not the name of a resource"),
        ("{requests: {cpu: 2}, limits: {cpu: 1500m}}", "requests.cpu is above limits.cpu"),
        ("{requests: {memory: 1Gi}, limits: {memory: 1G}}", "requests.memory is above"),
    ],
)
def test_bad_resources_are_refused_with_a_reason(text: str, reason: str):
    with pytest.raises(ValueError, match=reason):
        quantities.parse_resources(text)
