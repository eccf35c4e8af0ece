# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`kubernetes_manifest`: manifests in databags and in Juju secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from charmkit import wire
from charmkit.interfaces import kubernetes_manifest

SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}}
CODEC = kubernetes_manifest.INTERFACE.codec


def decode(bag: dict[str, str], **secrets: dict[str, str]) -> tuple[dict[str, Any], ...]:
    opened = {f"secret:{name}": content for name, content in secrets.items()}
    return CODEC.decode(kubernetes_manifest.Manifests, bag, opened.__getitem__).manifests


def test_manifests_in_the_databag_are_read():
    assert decode({"kubernetes_manifests": json.dumps([SECRET])}) == (SECRET,)


def test_manifests_in_a_secret_are_read():
    bag = {"kubernetes_manifests": "secret:one", "is_secret": "true"}
    assert decode(bag, one={"manifests": json.dumps([SECRET])}) == (SECRET,)


@pytest.mark.parametrize("bag", [{}, {"is_secret": "true"}, {"kubernetes_manifests": ""}])
def test_application_that_has_sent_nothing_has_no_objects(bag: dict[str, str]):
    assert decode(bag) == ()


@pytest.mark.parametrize("flag", ["True", "false", "", "yes"])
def test_only_the_word_true_means_a_secret(flag: str):
    bag = {"kubernetes_manifests": json.dumps([SECRET]), "is_secret": flag}
    assert decode(bag) == (SECRET,)


@pytest.mark.parametrize(
    ("bag", "content"),
    [
        ({"kubernetes_manifests": "{"}, "[]"),
        ({"kubernetes_manifests": "{}"}, "[]"),
        ({"kubernetes_manifests": "[1]"}, "[]"),
        ({"kubernetes_manifests": "[]", "is_secret": "true"}, "[]"),
        ({"kubernetes_manifests": "secret:one", "is_secret": "true"}, "[1]"),
    ],
)
def test_what_is_no_list_of_objects_is_malformed(bag: dict[str, str], content: str):
    with pytest.raises(wire.MalformedError):
        decode(bag, one={"manifests": content})


def test_requirer_sends_its_manifests_in_a_secret():
    kept: list[dict[str, str]] = []

    def keep(content: dict[str, str]) -> str:
        kept.append(content)
        return "secret:one"

    data = kubernetes_manifest.Manifests((SECRET,))
    bag = CODEC.encode(kubernetes_manifest.Manifests, data, "", keep)
    assert bag == {"kubernetes_manifests": "secret:one", "is_secret": "true"}
    assert decode(bag, one=kept[0]) == (SECRET,)


def test_requirer_without_manifests_takes_back_what_it_sent():
    bag = CODEC.encode(kubernetes_manifest.Manifests, None, "", lambda _: "")
    assert bag == {"kubernetes_manifests": "", "is_secret": ""}
