# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Two deployments compared: what each has in Kubernetes, in Pebble, in files and in databags."""

from .compare import Difference, differences, disruptions
from .sides import Side, take
from .snapshot import Snapshot

__all__ = ["Difference", "Side", "Snapshot", "differences", "disruptions", "take"]
