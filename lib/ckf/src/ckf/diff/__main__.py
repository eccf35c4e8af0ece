# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Deploy what standard input says, and write its snapshot to standard output, both as JSON.

A revision of the repository is deployed in a process of its own: charms of one revision and
charmkit of another are not mixed.
"""

import dataclasses
import json
import sys

from ..bundle import InputError
from ..preview import Request
from . import sides


def main() -> int:
    """Return the exit status: 2 for wrong input, else 0."""
    asked = json.load(sys.stdin)
    try:
        found = sides.deployed(Request.from_dict(asked["request"]), show=asked["show"])
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(dataclasses.asdict(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
