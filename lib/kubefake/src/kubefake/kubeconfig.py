# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Files by which clients find a cluster: one cluster, one user with a token, one context."""

import os
import pathlib
from collections.abc import Mapping

import yaml


def write(
    path: pathlib.Path,
    name: str,
    cluster: Mapping[str, str],
    user: str,
    token: str,
    namespace: str = "",
) -> pathlib.Path:
    """Write a kubeconfig that only the owner of this process may read.

    A file that exists is replaced. The cluster, which gives the context its name too, is described
    as the format has it; the user has a bearer token, and asks in a namespace if it does not say.
    """
    context = {"cluster": name, "user": user}
    if namespace:
        context["namespace"] = namespace
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": dict(cluster)}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": name, "context": context}],
        "current-context": name,
    }
    path.unlink(missing_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(file, "w", encoding="utf-8") as text:  # noqa: PTH123  a descriptor, no path
        yaml.safe_dump(content, text, sort_keys=False)
    return path
