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

    Args:
        path: The file; one that exists is replaced.
        name: The cluster's, and the context's.
        cluster: Where it is, and whom to trust, as the format has it.
        user: The user's name.
        token: Its bearer token.
        namespace: Where what is asked for lies that does not say; `default` if empty.

    Returns:
        The file.
    """
    context = {"cluster": name, "user": user}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": dict(cluster)}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [
            {
                "name": name,
                "context": {**context, "namespace": namespace} if namespace else context,
            }
        ],
        "current-context": name,
    }
    path.unlink(missing_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(file, "w", encoding="utf-8") as text:  # noqa: PTH123  a descriptor, no path
        yaml.safe_dump(content, text, sort_keys=False)
    return path
