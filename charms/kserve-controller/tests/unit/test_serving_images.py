# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Images and users of models' pods, as the options have them."""

from __future__ import annotations

import pathlib

import pytest
from jujusim.testing import Charm

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
with CHARM.directory.importable():
    import serving_images
    from serving_images import IMAGES, USERS, Explainer


@pytest.mark.parametrize("text", ["", None, "{}", "configmap__agent: ''"])
def test_nothing_given_is_the_charms_own(text: str | None):
    assert serving_images.parse_images(text) == IMAGES


def test_images_may_have_ports_and_digests():
    image = f"localhost:5000/agent@sha256:{'0' * 64}"
    found = serving_images.parse_images(f"configmap__agent: {image}")
    assert found == {**IMAGES, "configmap__agent": image}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- a", "not a mapping"),
        ("configmap__nothing: a", "configmap__nothing"),
        ("configmap__agent: 1", "not text"),
        ("{", "not YAML"),
    ],
)
def test_images_that_are_refused(text: str, reason: str):
    with pytest.raises(ValueError, match=reason):
        serving_images.parse_images(text)


def test_names_of_the_next_release_are_accepted():
    text = "serving_runtimes__predictiveserver: a"
    assert serving_images.parse_images(text) == IMAGES


def test_every_image_has_a_user_that_is_not_root():
    assert USERS.keys() == IMAGES.keys()
    assert min(USERS.values()) > 0


def test_users():
    found = serving_images.parse_users("serving_runtimes__sklearnserver: 1000")
    assert found == {**USERS, "serving_runtimes__sklearnserver": 1000}


@pytest.mark.parametrize("user", ["0", "root", "true", "-1", "''"])
def test_users_that_are_refused(user: str):
    with pytest.raises(ValueError, match="not a number from 1 on"):
        serving_images.parse_users(f"configmap__agent: {user}")


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("a/art:1", Explainer("a/art", "1")),
        ("a/art", Explainer("a/art", "latest")),
        ("localhost:5000/art", Explainer("localhost:5000/art", "latest")),
        ("localhost:5000/art:2", Explainer("localhost:5000/art", "2")),
        ("a/art@sha256:0f", Explainer("a/art@sha256", "0f")),
    ],
)
def test_explainer_is_put_together_again_by_a_colon(image: str, expected: Explainer):
    assert serving_images.explainer(image) == expected
