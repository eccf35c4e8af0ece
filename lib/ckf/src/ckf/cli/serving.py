# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf preview --serve`: the cluster of a preview, kept up for kubectl."""

import contextlib
import shlex
import threading

from jujusim.cluster_backend import InMemory
from kubefake import serve
from rich.text import Text

from ..bundle import InputError
from ..preview import Deployment, target
from . import output


def keep(deployment: Deployment) -> None:
    """Serve the cluster until the process is interrupted; then all is gone.

    What stands on standard error tells how to reach it. Nothing goes wrong in it any more, also
    where faults were asked for.

    Raises:
        InputError: This machine gives no port.
    """
    backend = deployment.model.backend
    if not isinstance(backend, InMemory):
        raise TypeError("a real cluster is served already")
    backend.cluster.faults = None
    try:
        with (
            target.ended_in_order(),
            contextlib.suppress(KeyboardInterrupt),
            serve.served(backend.cluster) as server,
        ):
            path = server.folder / "kubeconfig"
            server.kubeconfig(path, namespace=deployment.model.name)
            output.tell(map(Text, _words(server.url, str(path))))
            threading.Event().wait()
    except OSError as error:
        raise InputError(f"the cluster cannot be served: {error}") from error


def _words(url: str, path: str) -> tuple[str, ...]:
    return (
        "",
        f"The cluster is served at {url} until Ctrl-C ends it. In another terminal:",
        f"  export KUBECONFIG={shlex.quote(path)}",
        "  kubectl get all -A",
    )
