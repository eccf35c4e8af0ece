# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How a Knative component gets from one version to another, and with which images."""

from __future__ import annotations

import pytest
from charmkit import knative_release
from charmkit.knative_release import Step

KNOWN = {
    "1.14": {"activator": "a:1.14", "webhook": "w:1.14"},
    "1.15": {"activator": "a:1.15", "webhook": "w:1.15"},
    "1.16": {"activator": "a:1.16", "webhook": "w:1.16"},
}


@pytest.mark.parametrize(
    ("installed", "wanted", "expected"),
    [
        ("", "1.16.0", Step("1.16.0")),
        ("1.16.0", "1.16.0", Step("1.16.0")),
        ("1.15.2", "1.16.0", Step("1.16.0")),
        ("1.16.0", "1.15.2", Step("1.15.2")),
        ("1.14.1", "1.16.0", Step("1.15", "upgrading 1.14 of 1.16")),
        ("1.13.2", "1.16.0", Step("1.14", "upgrading 1.13 of 1.16")),
    ],
)
def test_goes_by_one_minor_release_at_a_time(installed: str, wanted: str, expected: Step):
    assert knative_release.step(installed, wanted, KNOWN) == expected


@pytest.mark.parametrize(
    ("installed", "wanted", "expected"),
    [
        ("1.14.1", "1.16.0", Step("1.14", "upgrading 1.14 of 1.16")),
        ("1.15.2", "1.16.0", Step("1.15", "upgrading 1.15 of 1.16")),
        ("1.16.0", "1.16.0", Step("1.16.0")),
        ("1.15.2", "1.14.1", Step("1.14.1")),
    ],
)
def test_stays_at_a_release_on_the_way_until_it_is_ready(
    installed: str, wanted: str, expected: Step
):
    assert knative_release.step(installed, wanted, KNOWN, is_settling=True) == expected


@pytest.mark.parametrize(
    ("installed", "wanted", "reason"),
    [
        ("1.16.0", "1.14.1", "set version to 1.15 first"),
        ("2.1.0", "1.16.0", "2.1 is installed"),
        ("1.10.2", "1.16.0", "refresh to the charm of 1.11 first"),
    ],
)
def test_refuses_a_way_that_the_operator_does_not_go(installed: str, wanted: str, reason: str):
    with pytest.raises(ValueError, match=reason):
        knative_release.step(installed, wanted, KNOWN)


def test_custom_images_are_those_of_the_wanted_version_only():
    custom, steps = {"activator": "mine:1", "webhook": ""}, {"1.15": {"webhook": "mine:2"}}
    now = Step("1.15", "upgrading 1.14 of 1.16")
    assert knative_release.overrides(KNOWN, "1.16.0", now, custom, steps) == {
        "activator": "a:1.15",
        "webhook": "mine:2",
    }
    at_last = knative_release.overrides(KNOWN, "1.16.0", Step("1.16.0"), custom, steps)
    assert at_last == {"activator": "mine:1", "webhook": "w:1.16"}


@pytest.mark.parametrize("text", ["", None, "{}", "activator: ''"])
def test_no_image_is_no_override(text: str | None):
    assert not any(knative_release.parse_images(text).values())


@pytest.mark.parametrize("text", ["- a", "a: [b]", "1: b", "text"])
def test_images_that_are_not_images_by_name_are_refused(text: str):
    with pytest.raises(ValueError, match="not"):
        knative_release.parse_images(text)


@pytest.mark.parametrize("text", ["1.14: {a: b}", "'one': {a: b}", "'1.14': [a]"])
def test_steps_that_are_not_images_by_release_are_refused(text: str):
    with pytest.raises(ValueError, match="not"):
        knative_release.parse_steps(text)


def test_registries_of_images():
    images = {
        "a": "example.com/a:1",
        "b": "localhost:5000/b",
        "c": "ubuntu/c:1",
        "d": "d",
        "e": "",
        "f": "docker.io/f:1",
    }
    assert knative_release.registries(images) == ["example.com", "localhost:5000"]
