"""Requests and limits of containers, as options have them."""

from __future__ import annotations

import pytest
from charmkit import pod_resources


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("500m", 0.5),
        ("1.5k", 1500),
        ("2Ki", 2048),
        (".5Gi", 2**29),
        ("1e3", 1000),
        ("1E-2", 0.01),
        ("3E", 3e18),
        ("-1", -1),
    ],
)
def test_quantities_are_numbers(text: str, number: float):
    assert pod_resources.amount(text) == pytest.approx(number)


@pytest.mark.parametrize("text", ["", "much", "1 Gi", "1Gb", "1KiB", "e3", "--1", "1e"])
def test_text_that_is_no_quantity_is_refused(text: str):
    with pytest.raises(ValueError, match="is not a quantity"):
        pod_resources.amount(text)


def test_numbers_become_text():
    assert pod_resources.parse({"limits": {"cpu": 2, "nvidia.com/gpu": 1}}) == {
        "limits": {"cpu": "2", "nvidia.com/gpu": "1"}
    }


@pytest.mark.parametrize("item", [None, {}])
def test_nothing_is_no_resources(item: object):
    assert pod_resources.parse(item) == {}


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ([], "it is not a mapping"),
        ({"limit": {}}, "limit is not requests or limits"),
        ({"limits": "1Gi"}, "limits is not a mapping"),
        ({"limits": {"memory": "much"}}, "limits.memory: much is not a quantity"),
        (
            {"requests": {"memory": "1Gi"}, "limits": {"memory": "512Mi"}},
            "requests.memory 1Gi is above limits.memory 512Mi",
        ),
    ],
)
def test_what_kubernetes_would_refuse_is_named(item: object, reason: str):
    with pytest.raises(ValueError, match=reason):
        pod_resources.parse(item)


def test_a_request_above_the_limit_that_is_filled_in_is_refused():
    filled_in = {"limits": {"memory": "100Mi"}}
    with pytest.raises(ValueError, match=r"requests\.memory 1Gi is above limits\.memory 100Mi"):
        pod_resources.parse({"requests": {"memory": "1Gi"}}, filled_in)


def test_a_limit_that_is_lifted_limits_no_request():
    filled_in = {"limits": {"memory": "100Mi"}}
    lifted = {"requests": {"memory": "1Gi"}, "limits": {"memory": "-1"}}
    assert pod_resources.parse(lifted, filled_in) == lifted
