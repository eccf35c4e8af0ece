# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Become a program that ends when the process which started it does, however that one ends.

Run as a script, `python -I -S launch.py PARENT PROGRAM ARGUMENT...`, so that the wish is made in
the child without Python code between fork and exec, which threads of the parent could hang.

Linux sends the signal when the parent's *thread* that started the program ends (prctl(2),
PR_SET_PDEATHSIG). Other systems have no such call; there, only an orderly end stops the program.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, program: str, *arguments: str) -> None:
    """Replace this process by `program`; `parent` is the process that must be alive for it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the process that asked for this program has ended")
    os.execv(program, [program, *arguments])  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
