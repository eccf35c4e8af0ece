"""Run a charm's program, by the charm's own interpreter.

`python launcher.py src/charm.py` does what `python src/charm.py` would do. One thing is different:
ops looks for Pebble's sockets under /charm/containers, a folder that only a pod has; here they are
in the folder that CKF_CONTAINERS names. Must run on every Python that charms are written for.
"""

import os
import runpy
import sys
from typing import Any

PREFIX = "/charm/containers/"


def _redirect_pebble() -> None:
    try:
        from ops import pebble
    except ImportError:
        # Without ops the charm has no client of Pebble, or it fails to start and says so itself.
        return
    folder = os.environ["CKF_CONTAINERS"] + "/"
    init = pebble.Client.__init__

    def redirected(self: Any, socket_path: Any, *args: Any, **kwargs: Any) -> None:
        if isinstance(socket_path, str) and socket_path.startswith(PREFIX):
            socket_path = folder + socket_path[len(PREFIX) :]
        init(self, socket_path, *args, **kwargs)

    pebble.Client.__init__ = redirected


sys.argv = sys.argv[1:]
sys.path[0] = os.path.abspath(os.path.dirname(sys.argv[0]))  # noqa: PTH100, PTH120
_redirect_pebble()
runpy.run_path(sys.argv[0], run_name="__main__")
