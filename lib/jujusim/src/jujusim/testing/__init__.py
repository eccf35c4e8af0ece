# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The test kit: any charm directory of this repository in `ops.testing`, with nothing missing.

    charm = Charm.at("charms/minio")
    first = charm.run(charm.state(), "config_changed")
    again = charm.run(first.state, cluster=first.cluster)

A `Result` has the state, the cluster, the requests and the log; what is `seen` of it is plain data
that can be compared.
"""

from .charm import MODEL, Charm, Parts, Result, Side
from .observe import Seen, leaves, objects, seen

__all__ = ["MODEL", "Charm", "Parts", "Result", "Seen", "Side", "leaves", "objects", "seen"]
