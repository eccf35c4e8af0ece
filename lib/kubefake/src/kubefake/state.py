# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The state of an API server: its objects, its resources, its clock and its settings."""

import datetime
import random
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass

from . import crds, errors, resources, schema, structural
from .kubelet import Failure
from .resources import Resource
from .store import Key, Store
from .values import Object, at, copy
from .wire import Attributes, Call, Request, Response

Authorize = Callable[[str, Attributes], bool]
"""Decides whether a user may."""
Faults = Callable[[Request], Response | Exception | None]
"""Is called before each request; an answer is given, and an exception raised, instead of it."""
Mutator = Callable[[Call, Object], Object]
"""Mutating admission: returns what is stored of an object (no subresource); nobody owns it."""
_CA = "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n"
LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""What generated names are made of: no word comes of it."""
_START = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)


@dataclass(frozen=True)
class Entry:
    """One line of the journal."""

    user: str
    verb: str  # the API verb; `get` for paths that are no resources
    group: str  # the API group; empty for the core group
    resource: str  # the plural, with the subresource after a slash; empty for other paths
    namespace: str  # empty for cluster-scoped objects and all namespaces
    name: str  # empty for collections
    status: int  # the HTTP status; 0 where an exception was raised instead
    changed: bool
    path: str


class State:
    """The state of an API server, on which verbs and controllers work.

    Args:
        release: Major and minor version of Kubernetes, such as `1.34`.
        seed: What uids and generated names are drawn from; one seed gives one course of events.
        clock: Returns the time; by default a fixed start plus one second per stored change.
        crd_delay: Requests that pass between the creation of a CustomResourceDefinition and its
            establishment.
        load_balancer: Whether Services of type LoadBalancer get an address from outside, as a
            cloud gives it, or MetalLB; the API server alone does not.
        knative_operator: Whether components of Knative that are asked for are reported as ready.
        pods: Whether Deployments and StatefulSets get pods, and a status; each pod runs at once
            unless something that it needs is missing, or `Cluster.fail_pods` lets it fail.
        store: The objects to start with; by default those of `initial`.
    """

    def __init__(
        self,
        *,
        release: str = schema.RELEASE,
        seed: int = 0,
        clock: Callable[[], datetime.datetime] | None = None,
        crd_delay: int = 0,
        load_balancer: bool = False,
        knative_operator: bool = True,
        pods: bool = False,
        store: Store | None = None,
    ) -> None:
        self.release = release
        self.random = random.Random(seed)  # noqa: S311  reproducible, protects nothing
        self.clock = clock
        self.crd_delay = crd_delay
        self.load_balancer = load_balancer
        self.knative_operator = knative_operator
        self.pods = pods
        self.failing: dict[tuple[str, str], Failure] = {}  # by namespace and name of a workload
        self.authorize: Authorize | None = None  # everybody may everything until it is set
        self.faults: Faults | None = None
        self.mutators: list[Mutator] = []
        self.ca = _CA  # what each namespace's `kube-root-ca.crt` has
        self.journal: list[Entry] = []
        self.store = self.initial() if store is None else store
        self.waiting: dict[Key, int] = {}  # requests until definitions are established
        self._served: dict[tuple[str, str, str], Resource] | None = None

    def initial(self) -> Store:
        """Return the objects of a new server."""
        return Store()

    def now(self) -> str:
        """Return the time as metadata carries it, in whole seconds."""
        if self.clock is None:
            time = _START + datetime.timedelta(seconds=self.store.revision)
        else:
            time = self.clock().astimezone(datetime.timezone.utc)
        return time.strftime("%Y-%m-%dT%H:%M:%SZ")

    def uid(self) -> str:
        """Return a new uid."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def suffix(self) -> str:
        """Return what makes a generated name unique."""
        return "".join(self.random.choices(LETTERS, k=5))

    def address(self) -> str:
        """Return the lowest cluster IP that no Service has."""
        taken = {at(row.obj, "spec", "clusterIP") for _, row in self.store.rows(("", "services"))}
        every = (f"10.152.{183 + i // 254}.{1 + i % 254}" for i in range(1, 254 * 60))
        return next(address for address in every if address not in taken)

    def port(self, others: Collection[int]) -> int:
        """Return the lowest node port that no Service has, and none of the others."""
        taken = {*others} | {
            port.get("nodePort")
            for _, row in self.store.rows(("", "services"))
            for port in at(row.obj, "spec", "ports") or ()
        }
        return next(port for port in range(30000, 32768) if port not in taken)

    def resources(self) -> dict[tuple[str, str, str], Resource]:
        """Return what is served, by group, version and plural."""
        if self._served is None:
            self._served = {
                (each.group, each.version, each.plural): each
                for each in resources.builtin(self.release).values()
            }
            for _, crd in self.store.rows(crds.TABLE):
                if crd.served is None:
                    served = crds.established(crd.obj)
                    crd.served = tuple(resources.from_crd(crd.obj, self.release)) if served else ()
                for each in crd.served:
                    self._served[each.group, each.version, each.plural] = each
        return self._served

    def forget_resources(self) -> None:
        """Look at the custom resource definitions again before the next request."""
        self._served = None

    def resource_of_kind(self, group: str, kind: str) -> Resource | None:
        """Return the resource of a kind in any served version; None where there is none."""
        for resource in self.resources().values():
            if (resource.group, resource.kind) == (group, kind):
                return resource
        return None

    def to_storage_version(self, resource: Resource, obj: Object) -> Object:
        """Return a custom object in the version that its definition stores.

        Raises:
            ApiError: 500 when a webhook would have to convert it: none is called here.
        """
        crd = self.store.get(crds.TABLE, ("", f"{resource.plural}.{resource.group}"))
        if crd is None:
            return obj
        stored = next(each for each in crd.obj["spec"]["versions"] if each.get("storage"))
        if stored["name"] == resource.version:
            return obj
        if resource.webhook_converted:
            raise errors.no_conversion(resource.api_version, resource.kind)
        new = {**copy(obj), "apiVersion": f"{resource.group}/{stored['name']}"}
        compiled = resources.compiled(stored, self.release)
        structural.prune(compiled, new)
        structural.fill(compiled, new)
        return new

    def objects(
        self, kind: str = "", namespace: str = "", group: str | None = None
    ) -> list[Object]:
        """Return copies of stored objects, ordered by resource, namespace and name."""
        found = [
            (table, key, stored)
            for table, key, stored in self.store.everything()
            if (not kind or stored.obj["kind"] == kind)
            and (not namespace or key[0] == namespace)
            and (group is None or table[0] == group)
        ]
        return [copy(stored.obj) for _, _, stored in sorted(found, key=lambda row: row[:2])]

    def object(
        self, kind: str, name: str, namespace: str = "", group: str | None = None
    ) -> Object:
        """Return a copy of one stored object.

        Raises:
            LookupError: There is none, or there are several.
        """
        found = [
            obj for obj in self.objects(kind, namespace, group) if obj["metadata"]["name"] == name
        ]
        if len(found) != 1:
            raise LookupError(f"{len(found)} objects {kind} {namespace}/{name}")
        return found[0]
