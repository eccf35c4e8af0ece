# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Charms of other repositories: each hook in a process of its own, as Juju runs it.

charm = worker.load("mlflow-server.charm")
model.deploy(charm, "mlflow-server", trust=True)

Only Juju's own boundary is used: environment variables, hook tools on the path, Pebble's socket
and the Kubernetes API. A charm may so have any version of ops, and modules that nobody else has.
See docs/explanation/simulator.md.
"""

from .charm import TIME_LIMIT, load

__all__ = ["TIME_LIMIT", "load"]
