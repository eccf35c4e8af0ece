# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The proxy that programs reach the internet by, as environment variables.

Programs differ in which spelling they read, upper or lower case, so both are set.
"""

from __future__ import annotations

from collections.abc import Iterable

CLUSTER = (".svc", ".cluster.local", "localhost", "127.0.0.1")
"""What is never reached by a proxy: the cluster's Services, and the program's own pod."""

KUBERNETES = "$(KUBERNETES_SERVICE_HOST)"
"""The Kubernetes API, as the environment of a container in a pod spec refers to it."""


def environment(http: str, https: str, no_proxy: str, also: Iterable[str] = ()) -> dict[str, str]:
    """Return the variables; none if there is no proxy.

    Args:
        http: the proxy for HTTP.
        https: the proxy for HTTPS.
        no_proxy: what is reached without one, separated by commas.
        also: what else is reached without one.
    """
    if not http and not https:
        return {}
    direct = [item.strip() for item in no_proxy.split(",") if item.strip()]
    values = {
        "HTTP_PROXY": http,
        "HTTPS_PROXY": https,
        "NO_PROXY": ",".join(dict.fromkeys([*direct, *CLUSTER, *also])),
    }
    upper = {name: value for name, value in values.items() if value}
    return {**upper, **{name.lower(): value for name, value in upper.items()}}
