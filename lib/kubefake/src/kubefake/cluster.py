"""The API server: one request in, one response out."""

import datetime
import functools
import json
import random
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from . import (
    access,
    admission,
    controllers,
    crds,
    deletes,
    errors,
    kubelet,
    managed,
    patches,
    projection,
    rbac,
    reads,
    replicas,
    resources,
    reviews,
    routing,
    schema,
    structural,
    writes,
)
from .defaults import RBAC
from .managed import Manager
from .resources import Resource
from .store import Key, Store, Stored, Table
from .values import Object, at, copy
from .wire import (
    Attributes,
    Call,
    Request,
    Response,
    fail,
    target,
)

Authorize = Callable[[str, Attributes], bool]
Faults = Callable[[Request], Response | Exception | None]
Mutator = Callable[[Call, Object], Object]
_BOOTSTRAP = Path(__file__).with_name("bootstrap.json")
"""The roles and bindings that every cluster has, as far as charms refer to them."""
_CA = "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n"
_START = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)


@dataclass(frozen=True)
class Entry:
    """One line of the journal.

    Attributes:
        user: Who asked.
        verb: The API verb; `get` for paths that are no resources.
        group: The API group; empty for the core group.
        resource: The plural, with the subresource after a slash; empty for other paths.
        namespace: Empty for cluster-scoped objects and all namespaces.
        name: Empty for collections.
        status: The HTTP status; 0 where an exception was raised instead.
        changed: Something was stored.
        path: The path.
    """

    user: str
    verb: str
    group: str
    resource: str
    namespace: str
    name: str
    status: int
    changed: bool
    path: str


class Cluster:
    """A Kubernetes API in memory.

    Args:
        release: Major and minor version of Kubernetes, such as `1.34`.
        seed: What uids and generated names are drawn from; one seed gives one course of events.
        clock: Returns the time; by default a fixed start plus one second per stored change.
        crd_delay: Requests that pass between the creation of a CustomResourceDefinition and its
            establishment.
        load_balancer: Whether Services of type LoadBalancer get an address from outside, as a
            cloud gives it, or MetalLB; the API server alone does not.
        pods: Whether Deployments and StatefulSets get pods, and a status; each pod runs at once
            unless something that it needs is missing, or `fail_pods` lets it fail.
        store: What to start with; by default the namespaces, roles and bindings that every
            cluster has.

    Attributes:
        authorize: Decides whether a user may; everybody may everything until it is set.
        faults: Called before each request; what it returns is the answer, an exception that it
            returns is raised.
        failing: By namespace and name of a Deployment or StatefulSet, why its pods fail.
        mutators: Mutating admission: each is given a create or an update of an object (not of a
            subresource) and returns the object to be stored. No field manager owns what it adds.
        journal: Every request.
        ca: The PEM text in each namespace's `kube-root-ca.crt`.
    """

    def __init__(
        self,
        *,
        release: str = schema.RELEASE,
        seed: int = 0,
        clock: Callable[[], datetime.datetime] | None = None,
        crd_delay: int = 0,
        load_balancer: bool = False,
        pods: bool = False,
        store: Store | None = None,
    ) -> None:
        self.release = release
        self.random = random.Random(seed)  # noqa: S311  reproducible, protects nothing
        self.clock = clock
        self.crd_delay = crd_delay
        self.load_balancer = load_balancer
        self.pods = pods
        self.failing: dict[tuple[str, str], kubelet.Failure] = {}
        self.authorize: Authorize | None = None
        self.faults: Faults | None = None
        self.mutators: list[Mutator] = []
        self.journal: list[Entry] = []
        self.ca = _CA
        self.store = _bootstrapped(release).copy() if store is None else store
        self._waiting: dict[Key, int] = {}
        self._served: dict[tuple[str, str, str], Resource] | None = None

    def copy(self) -> "Cluster":
        """Return an independent cluster in the same state; it costs no copy of any object."""
        new = Cluster.__new__(Cluster)
        new.__dict__.update(self.__dict__)
        new.random = random.Random()  # noqa: S311  reproducible, protects nothing
        new.random.setstate(self.random.getstate())
        new.journal = list(self.journal)
        new.mutators = list(self.mutators)
        new.failing = dict(self.failing)
        new.store = self.store.copy()
        new._waiting = dict(self._waiting)
        if isinstance(self.authorize, rbac.Authorizer):
            new.authorize = rbac.Authorizer(new)
        return new

    # What the server knows

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

    def address(self) -> str:
        """Return the lowest cluster IP that no Service has."""
        taken = {at(row.obj, "spec", "clusterIP") for _, row in self.store.rows(("", "services"))}
        every = (f"10.152.{183 + i // 254}.{1 + i % 254}" for i in range(1, 254 * 60))
        return next(address for address in every if address not in taken)

    def port(self, beside: Collection[int]) -> int:
        """Return the lowest node port that no Service has, and none of those beside it."""
        taken = {*beside} | {
            port.get("nodePort")
            for _, row in self.store.rows(("", "services"))
            for port in at(row.obj, "spec", "ports") or ()
        }
        return next(port for port in range(30000, 32768) if port not in taken)

    def resources(self) -> dict[tuple[str, str, str], Resource]:
        """Return what is served, by group, version and plural."""
        if self._served is None:
            builtin = resources.builtin(self.release).values()
            self._served = {
                (each.group, each.version, each.plural): each
                for each in (*builtin, *reviews.resources(self.release))
            }
            for _, crd in self.store.rows(crds.TABLE):
                if crds.established(crd.obj):
                    for each in resources.from_crd(crd.obj, self.release):
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

    # Time passes

    def advance(self) -> bool:
        """Let one request's worth of time pass: definitions that wait come closer to being served.

        Returns:
            Whether anything is still going to happen without a further request.
        """
        before = self.store.revision
        for key, left in list(self._waiting.items()):
            self._waiting[key] = left - 1
            if left <= 1:
                self._establish(key)
        return bool(self._waiting) or self.store.revision != before

    def may_establish(self, key: Key) -> bool:
        """Tell whether a definition need not wait; else it is put on the list of those that do."""
        if not self.crd_delay:
            return True
        self._waiting.setdefault(key, self.crd_delay)
        return False

    def _establish(self, key: Key) -> None:
        del self._waiting[key]
        stored = self.store.get(crds.TABLE, key)
        if stored is not None:
            before = self.store.revision
            new = crds.establish(stored.obj, self.now())
            self.rewrite(crds.TABLE, key, new, controllers.CRD_WRITER)
            controllers.settle(self, before)

    def fail_pods(self, namespace: str, workload: str, reason: str, message: str = "") -> None:
        """Let the pods of a Deployment or StatefulSet fail until `heal_pods`.

        Args:
            namespace: Its namespace.
            workload: Its name.
            reason: The waiting reason of their containers, such as those in `kubelet`.
            message: The waiting message; by default the kubelet's own.
        """
        self.failing[namespace, workload] = kubelet.Failure(reason, message)
        self._sync_pods(namespace)

    def heal_pods(self, namespace: str, workload: str) -> None:
        """Let the pods of a Deployment or StatefulSet run again."""
        self.failing.pop((namespace, workload), None)
        self._sync_pods(namespace)

    def _sync_pods(self, namespace: str) -> None:
        before = self.store.revision
        replicas.sync(self, namespace)
        controllers.settle(self, before)

    # Requests

    def request(self, request: Request) -> Response:
        """Answer one request.

        Raises:
            Exception: Only what `faults` returned.
        """
        self.advance()
        before = self.store.revision
        call: Call | None = None
        response = Response(0)
        try:
            fault = self.faults(request) if self.faults else None
            if isinstance(fault, Exception):
                raise fault
            if fault is not None:
                response = fault
            else:
                call = routing.understand(self, request)
                response = self._answer(request, call)
        except errors.ApiError as error:
            response = fail(error)
        finally:
            changed = self.store.revision != before
            controllers.settle(self, before)
            self._note(request, call, response.status, changed)
        for text in call.warnings if call else ():
            response.headers.append(("warning", f"299 - {json.dumps(text)}"))
        return response

    def _note(self, request: Request, call: Call | None, status: int, changed: bool) -> None:
        named = target(request.path)
        resource = named.plural if named else ""
        if named and named.subresource:
            resource += f"/{named.subresource}"
        self.journal.append(
            Entry(
                request.user,
                call.verb if call else request.method.lower(),
                named.group if named else "",
                resource,
                named.namespace if named else "",
                call.name if call else named.name if named else "",
                status,
                changed,
                request.path,
            )
        )

    def _answer(self, request: Request, call: Call | None) -> Response:
        if call is None:
            return routing.other(self, request)
        access.allow(self, call, call.verb)
        call.warnings += admission.deprecation(call)
        if call.verb not in {"get", "list", "watch"}:
            call.check_options()
        return projection.project(call, _HANDLERS[call.verb](self, call))

    def to_storage_version(self, resource: Resource, obj: Object) -> Object:
        """Return a custom object in the version that its definition stores.

        Raises:
            ApiError: 500 when a webhook would have to convert it: none is called here.
        """
        crd = self.store.get(crds.TABLE, ("", f"{resource.plural}.{resource.group}"))
        if crd is None:
            return obj
        name = crds.storage_version(crd.obj)
        if name == resource.version:
            return obj
        if resource.webhook_converted:
            raise errors.no_conversion(resource.api_version, resource.kind)
        new = {**copy(obj), "apiVersion": f"{resource.group}/{name}"}
        compiled = resources.stored_schema(crd.obj, self.release)
        structural.prune(compiled, new)
        structural.fill(compiled, new)
        return new

    # What tests look at

    def objects(
        self, kind: str = "", namespace: str = "", group: str | None = None
    ) -> list[Object]:
        """Return copies of stored objects, ordered by resource, namespace and name.

        Args:
            kind: Only objects of this kind.
            namespace: Only objects in this namespace.
            group: Only objects of this API group.
        """
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

    def create(self, obj: Object, user: str = "admin") -> Object:
        """Create an object through the API, and return it.

        Raises:
            ApiError: As the request is refused.
        """
        group, _, version = str(obj["apiVersion"]).rpartition("/")
        for resource in self.resources().values():
            if (resource.group, resource.version, resource.kind) == (group, version, obj["kind"]):
                break
        else:
            raise errors.no_such_resource()
        base = f"/apis/{obj['apiVersion']}" if group else f"/api/{version}"
        if resource.namespaced:
            base += f"/namespaces/{obj['metadata']['namespace']}"
        response = self.request(Request("POST", f"{base}/{resource.plural}", body=obj, user=user))
        answer = response.json()
        if response.status >= 400:
            raise errors.from_status(answer)
        return answer

    # What controllers do directly

    def install(self, group: str, plural: str, obj: Object) -> Stored:
        """Store a new object of a built-in resource as a controller would.

        Raises:
            ApiError: 422 when it is invalid.
        """
        resource = resources.builtin(self.release)[group, plural]
        meta = obj["metadata"]
        request = Request("POST", "", user="system:kube-controller-manager")
        namespace, groups = meta.get("namespace", ""), (rbac.MASTERS,)
        call = Call(request, resource, "create", namespace, meta["name"], "", request.user, groups)
        new = writes.decode(call, copy(obj), strict=False)
        writer = Manager("kube-controller-manager", "Update", resource.api_version, "")
        owners = managed.update(resource.schema, {}, new, {}, writer, now=self.now())
        return writes.insert(self, call, new, owners)

    def rewrite(self, table: Table, key: Key, obj: Object, writer: Manager | None = None) -> None:
        """Store a new version of an object as a controller would; the last finalizer frees it.

        Args:
            table: The object's resource.
            key: Its namespace and name.
            obj: The new version.
            writer: The field manager, where it is not the controller manager's usual one.
        """
        old = self.store.get(table, key)
        resource = self.resource_of_kind(table[0], obj["kind"])
        if old is None or resource is None:
            return
        if writer is None:
            writer = Manager("kube-controller-manager", "Update", obj["apiVersion"], "")
        owners = managed.update(
            resource.schema,
            writes.bare(old.obj),
            writes.bare(obj),
            old.managers,
            writer,
            now=self.now(),
        )
        meta = {**obj["metadata"], "managedFields": managed.write(owners)}
        obj = {**obj, "metadata": meta}
        self.store.put(table, key, obj, owners)
        held = meta.get("finalizers") or at(obj, "spec", "finalizers")
        if "deletionTimestamp" in meta and not held:
            self.store.remove(table, key)

    def own(self, table: Table, key: Key, fields: Object, manager: str) -> None:
        """Apply top-level fields as a controller would: by force, and as their only owner."""
        old = self.store.get(table, key)
        if old is None:
            return
        paths = frozenset((f"f:{name}",) for name in fields)
        owners = {
            each: managed.Owned(owned.fields - paths, owned.time)
            for each, owned in old.managers.items()
            if owned.fields - paths
        }
        owner = Manager(manager, "Apply", old.obj["apiVersion"], "")
        owners[owner] = managed.Owned(paths, self.now())
        metadata = {**old.obj["metadata"], "managedFields": managed.write(owners)}
        self.store.put(table, key, {**old.obj, **fields, "metadata": metadata}, owners)

    def discard(self, table: Table, key: Key, stored: Stored) -> None:
        """Delete an object as a controller would: finalizers are honoured."""
        if self.store.get(table, key) is None:
            return
        resource = self.resource_of_kind(table[0], stored.obj["kind"])
        if resource is None:
            self.store.remove(table, key)
            return
        request = Request("DELETE", "", user="system:kube-controller-manager")
        call = Call(request, resource, "delete", key[0], key[1], "")
        deletes.mark(self, call, self.store.get(table, key) or stored, "Background")


_HANDLERS: dict[str, Callable[[Cluster, Call], Response]] = {
    "create": writes.create,
    "delete": deletes.delete,
    "deletecollection": deletes.delete_collection,
    "get": reads.get,
    "list": reads.list_objects,
    "patch": patches.patched,
    "update": writes.update,
    "watch": reads.watch,
}


@functools.lru_cache
def _bootstrapped(release: str) -> Store:
    """Return what every cluster starts with: namespaces, and default roles and bindings."""
    cluster = Cluster(release=release, store=Store())
    for name in ("default", "kube-node-lease", "kube-public", "kube-system"):
        cluster.install("", "namespaces", {"metadata": {"name": name}})
    for obj in json.loads(_BOOTSTRAP.read_bytes()):
        cluster.install(RBAC, f"{obj['kind'].lower()}s", obj)
    controllers.settle(cluster, 1)
    return cluster.store
