# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The environment of a program behind a proxy."""

from __future__ import annotations

from charmkit import proxy


def test_without_a_proxy_nothing_is_set():
    assert proxy.environment("", "", "example.com", ["minio"]) == {}


def test_both_spellings_are_set():
    found = proxy.environment("http://proxy:1", "http://proxy:2", "")
    assert found["HTTP_PROXY"] == found["http_proxy"] == "http://proxy:1"
    assert found["HTTPS_PROXY"] == found["https_proxy"] == "http://proxy:2"


def test_services_of_the_cluster_are_reached_directly():
    found = proxy.environment("http://proxy:1", "", " example.com, .svc ", ["minio.kubeflow"])
    assert found["no_proxy"] == found["NO_PROXY"]
    assert found["no_proxy"].split(",") == [
        "example.com",
        ".svc",
        ".cluster.local",
        "localhost",
        "127.0.0.1",
        "minio.kubeflow",
    ]
    assert "HTTPS_PROXY" not in found
