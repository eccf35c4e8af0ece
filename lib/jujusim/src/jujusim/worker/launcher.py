# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Run a charm's program, by the charm's own interpreter.

`python launcher.py src/charm.py` does what `python src/charm.py` would do. One thing is different:
two folders that only a pod has are elsewhere, that of Pebble's sockets and the service account's.
CKF_CONTAINERS and CKF_SERVICE_ACCOUNT tell where. The account has the name of its namespace and no
token: clients of Kubernetes take the kubeconfig, as they do out of a pod.

Must run on every Python that charms are written for.
"""

import builtins
import io
import os
import pathlib
import runpy
import signal
import sys
from typing import Any

CONTAINERS = "/charm/containers/"
PR_SET_PDEATHSIG = 1
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/"


def _moved(path: Any, folder: str, variable: str) -> Any:
    """Return the place here of a path that begins with a pod's folder."""
    text = str(path) if isinstance(path, (str, pathlib.PurePath)) else ""
    if text.startswith(folder):
        return os.path.join(os.environ[variable], text[len(folder) :])  # noqa: PTH118
    return path


def _end_with_the_simulator() -> None:
    """Let Linux kill this process when the one that has started it is gone."""
    if not sys.platform.startswith("linux"):
        return
    try:
        import ctypes
    except ImportError:
        # A Python that was built without it.
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _move_pebble() -> None:
    try:
        from ops import pebble
    except ImportError:
        # Without ops the charm has no client of Pebble, or it fails to start and says so itself.
        return
    init = pebble.Client.__init__

    def moved(self: Any, socket_path: Any, *args: Any, **kwargs: Any) -> None:
        init(self, _moved(socket_path, CONTAINERS, "CKF_CONTAINERS"), *args, **kwargs)

    pebble.Client.__init__ = moved


def _move_service_account() -> None:
    plain: Any = io.open

    def opened(file: Any, *args: Any, **kwargs: Any) -> Any:
        return plain(_moved(file, SERVICE_ACCOUNT, "CKF_SERVICE_ACCOUNT"), *args, **kwargs)

    builtins.open = io.open = opened
    # Paths of Python 3.10 keep the function that they have found when they were imported.
    accessor = getattr(pathlib, "_NormalAccessor", None)
    if getattr(accessor, "open", None) is plain:
        setattr(accessor, "open", staticmethod(opened))  # noqa: B010  others have no such class


sys.argv = sys.argv[1:]
sys.path[0] = os.path.abspath(os.path.dirname(sys.argv[0]))  # noqa: PTH100, PTH120
_end_with_the_simulator()
_move_service_account()
_move_pebble()
runpy.run_path(sys.argv[0], run_name="__main__")
