"""From a command line to an exit status."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..bundle import InputError
from . import arguments

WRONG_INPUT = 2
INTERRUPTED = 130


def main(words: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        words: The command line after the command's name; that of the process by default.

    Returns:
        The exit status: 0 if all is well, 1 if not, 2 for wrong input, 130 when interrupted.
    """
    options = arguments.parser().parse_args(words)
    try:
        return options.run(options)
    except InputError as error:
        print(f"ckf: {error}", file=sys.stderr)
        return WRONG_INPUT
    except KeyboardInterrupt:
        print("ckf: interrupted", file=sys.stderr)
        return INTERRUPTED
