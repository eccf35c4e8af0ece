# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The connection to an API server, from a kubeconfig."""

import pathlib
from typing import Any

import httpx2
import yaml
from lightkube.config import client_adapter
from lightkube.config.kubeconfig import KubeConfig
from lightkube.core import exceptions

from .errors import ClusterError

SECONDS = 30.0
"""Seconds that an answer may take."""


USER_AGENT = "ckf-preview"
"""The field manager of what a preview itself sets."""


# lightkube takes what it reads for a kubeconfig, whatever it is.
_NO_KUBECONFIG = (ValueError, LookupError, TypeError, AttributeError)


def connection(kubeconfig: pathlib.Path) -> httpx2.Client:
    """Return a client with the address and the credentials of the current context.

    Raises:
        ClusterError: It cannot be read, or the server does not answer.
    """
    try:
        config = KubeConfig.from_file(str(kubeconfig)).get()
        given = client_adapter.ConnectionParams(timeout=httpx2.Timeout(SECONDS))
        if config is None:
            raise ClusterError(f"{kubeconfig} has no current context")
        client = client_adapter.Client(config, given)
    except (*_NO_KUBECONFIG, exceptions.ConfigError, OSError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise ClusterError(f"cannot use the kubeconfig {kubeconfig}: {why}") from error
    client.headers["user-agent"] = USER_AGENT
    _greet(client, kubeconfig)
    return client


def _greet(client: httpx2.Client, kubeconfig: pathlib.Path) -> None:
    try:
        answer = client.get("/version")
    except (httpx2.TransportError, exceptions.ConfigError) as error:
        client.close()
        raise ClusterError(f"the cluster of {kubeconfig} does not answer: {error}") from error
    if not answer.is_success:
        client.close()
        raise ClusterError(f"the cluster of {kubeconfig} refuses: {reason(answer)}")


def reason(answer: httpx2.Response) -> str:
    """Return what a response that is no success says."""
    try:
        content: Any = answer.json()
        return str(content["message"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason_phrase}"
