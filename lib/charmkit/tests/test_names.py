# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Names that Kubernetes takes."""

from __future__ import annotations

import pytest
from charmkit import names


@pytest.mark.parametrize("text", ["a", "a-b", "0a", "a" * 63])
def test_a_label_is_accepted(text: str) -> None:
    assert names.is_label(text)


@pytest.mark.parametrize("text", ["", "A", "-a", "a-", "a.b", "a_b", "a" * 64, "a\n"])
def test_what_is_no_label_is_refused(text: str) -> None:
    assert not names.is_label(text)


@pytest.mark.parametrize("text", ["a", "a.b", "a-b.example.com"])
def test_a_subdomain_is_accepted(text: str) -> None:
    assert names.is_subdomain(text)


@pytest.mark.parametrize("text", ["", "a..b", ".a", "a.", "A.b", "a b", ".".join(["a" * 63] * 4)])
def test_what_is_no_subdomain_is_refused(text: str) -> None:
    assert not names.is_subdomain(text)


@pytest.mark.parametrize("text", ["a", "A_b.c", "example.com/a", "service.beta.kubernetes.io/x-y"])
def test_a_qualified_name_is_accepted(text: str) -> None:
    assert names.is_qualified(text)


@pytest.mark.parametrize("text", ["", "/a", "a/", "a/b/c", "A.com/a", "-a", "a b", "a" * 64])
def test_what_is_no_qualified_name_is_refused(text: str) -> None:
    assert not names.is_qualified(text)


@pytest.mark.parametrize(
    ("name", "port", "what"), [("No", 80, "service"), ("a", 0, "port"), ("a", 65536, "port")]
)
def test_what_can_be_no_service_or_port_is_refused(name: str, port: int, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        names.check_service(name, port)


@pytest.mark.parametrize(
    "text",
    [
        "busybox",
        "busybox:1.28",
        "charmedkubeflow/filebrowser:2.27.0-f21fe9d",
        "localhost:5000/a/b__c:TAG_1.0",
        "Registry.example.com/a-b.c@sha256:" + "0123456789abcdef" * 4,
        "ghcr.io/kubeflow/kubeflow/notebook-servers/jupyter-pytorch-cuda-full:v1.10.0",
    ],
)
def test_an_image_is_accepted(text: str) -> None:
    assert names.is_image(text)


@pytest.mark.parametrize(
    "text",
    ["", "a b", "a:", ":1", "A", "a/", "/a", "a//b", "a@sha256:12", "https://a/b", "a:1:2", "a\n"],
)
def test_what_is_no_image_is_refused(text: str) -> None:
    assert not names.is_image(text)
