"""A Kubernetes API in memory, for the simulator and for tests.

    cluster = Cluster(seed=7)
    with transport.connected(cluster, user="system:serviceaccount:ml:minio", namespace="ml"):
        lightkube.Client(field_manager="minio").apply(...)

`Cluster.request` takes a `Request` and gives a `Response`; nothing is listening anywhere, no time
passes but the cluster's own, and one seed gives one course of events.
"""

from .cluster import Cluster, Entry
from .errors import ApiError
from .wire import Attributes, Request, Response

__all__ = ["ApiError", "Attributes", "Cluster", "Entry", "Request", "Response"]
