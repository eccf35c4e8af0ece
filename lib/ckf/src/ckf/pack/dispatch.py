# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The program in a charm that Juju runs for each event, and the virtual environment it uses.

Charmcraft's has the same effect: a charm is packed without an interpreter, so the first event
links the machine's own into `venv/bin`, where `pyvenv.cfg` makes it use `venv/lib`.
"""

from .target import Target

DISPATCH = """\
#!/bin/sh
set -eu
charm=$(dirname "$(realpath "$0")")
python=$charm/venv/bin/python
if [ ! -e "$python" ]; then
    mkdir -p "$charm/venv/bin"
    ln -sf "$(command -v python3)" "$python"
fi
export PYTHONPATH="$charm/lib:$charm/src"
cd "$charm"
exec "$python" src/charm.py
"""


def files(target: Target) -> dict[str, bytes]:
    """Return both files of a charm, by path."""
    environment = (
        "home = /usr/bin\n"
        "include-system-site-packages = false\n"
        f"version_info = {target.python}\n"
        "relocatable = true\n"
    )
    return {"dispatch": DISPATCH.encode(), "venv/pyvenv.cfg": environment.encode()}
