# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A Kubernetes API in memory, for the simulator and for tests.

Nothing listens anywhere, no time passes but the cluster's own, and one seed gives one course of
events.

    cluster = Cluster(seed=7)
    with transport.connected(cluster, user="system:serviceaccount:ml:minio", namespace="ml"):
        lightkube.Client(field_manager="minio").apply(...)

`Cluster.request` answers a `Request` with a `Response`; `kubefake.transport` puts lightkube
on top of it. Hooks of the simulator:

- `cluster.authorize`: who may do what; `kubefake.rbac.Authorizer(cluster)` decides by the
  cluster's own roles and bindings.
- `cluster.faults`: called before every request; returns an answer, an exception to be raised, or
  None.
- `cluster.mutators`: mutating admission.
- `cluster.journal`: every request with user, verb, resource, status, and whether it changed
  anything.
- `cluster.objects()`, `cluster.object()`, `cluster.create()`: the content, for tests.
- `cluster.copy()`: an independent cluster in the same state, in less than a millisecond.

What it does is defined by `tests/kube`, which also runs on a real API server. The modules, bottom
up: `values` and `errors`; `schema`, `defaults`, `structural` and `quantity` (what objects look
like); `fields`, `managed` and `patch` (how they are merged, and who owns what); `names`,
`strategy`, `kinds` and one module per larger kind (what is allowed); `correlation`, `rules`,
`cel` and `evaluation` (what definitions allow); `resources`, `store` and `state`; `wire`,
`routing`, `rbac`, `access`, `reads`, `writes`, `patches`, `deletes`, `reviews` and `projection`
(verbs); `controllers`, `replicas` and `kubelet`; `cluster`.

What it does not do: run anything (`Cluster(pods=True)` makes pods that say so; those of DaemonSets
and Jobs are not made), call webhooks over HTTP, enforce quotas, limit ranges and pod security
levels, convert custom resources by webhook, answer in anything but JSON. Built-in resources are
those listed in `resources.txt`, each in one version; of their subresources `status`, and `token`.
What is constant about them is in `builtin.yaml`.
"""

from .cluster import Cluster
from .errors import ApiError
from .state import Entry
from .wire import Attributes, Call, Request, Response

__all__ = ["ApiError", "Attributes", "Call", "Cluster", "Entry", "Request", "Response"]
