"""The resources that the API serves: a table of built-in ones, and what CRDs add."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field

from . import schema
from .schema import Schema
from .values import Object, map_at

VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")

_TABLE = """
v1 ConfigMap configmaps N cm
v1 Endpoints endpoints N ep
v1 Event events N ev
v1 LimitRange limitranges N limits
v1 Namespace namespaces C ns /status
v1 Node nodes C no /status
v1 PersistentVolume persistentvolumes C pv /status
v1 PersistentVolumeClaim persistentvolumeclaims N pvc /status
v1 Pod pods N po /status g
v1 PodTemplate podtemplates N -
v1 ResourceQuota resourcequotas N quota /status
v1 Secret secrets N -
v1 Service services N svc /status
v1 ServiceAccount serviceaccounts N sa
admissionregistration.k8s.io/v1 MutatingWebhookConfiguration mutatingwebhookconfigurations C - g
admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration validatingwebhookconfigurations C - g
apiextensions.k8s.io/v1 CustomResourceDefinition customresourcedefinitions C crd,crds /status g
apiregistration.k8s.io/v1 APIService apiservices C - /status
apps/v1 ControllerRevision controllerrevisions N -
apps/v1 DaemonSet daemonsets N ds /status g
apps/v1 Deployment deployments N deploy /status /scale g
apps/v1 ReplicaSet replicasets N rs /status /scale g
apps/v1 StatefulSet statefulsets N sts /status /scale g
autoscaling/v2 HorizontalPodAutoscaler horizontalpodautoscalers N hpa /status
batch/v1 CronJob cronjobs N cj /status g
batch/v1 Job jobs N - /status g
coordination.k8s.io/v1 Lease leases N - upsert
discovery.k8s.io/v1 EndpointSlice endpointslices N - g
networking.k8s.io/v1 Ingress ingresses N ing /status g
networking.k8s.io/v1 IngressClass ingressclasses C - g
networking.k8s.io/v1 NetworkPolicy networkpolicies N netpol g
node.k8s.io/v1 RuntimeClass runtimeclasses C -
policy/v1 PodDisruptionBudget poddisruptionbudgets N pdb /status g
rbac.authorization.k8s.io/v1 ClusterRole clusterroles C - upsert
rbac.authorization.k8s.io/v1 ClusterRoleBinding clusterrolebindings C - upsert
rbac.authorization.k8s.io/v1 Role roles N - upsert
rbac.authorization.k8s.io/v1 RoleBinding rolebindings N - upsert
scheduling.k8s.io/v1 PriorityClass priorityclasses C pc g
storage.k8s.io/v1 StorageClass storageclasses C sc
"""
"""  # noqa: E501  one resource a line
"""apiVersion, kind, resource, namespaced or cluster-scoped, short names, subresources; `g`: spec
changes are counted in metadata.generation; `upsert`: PUT creates."""


@dataclass(frozen=True)
class Resource:
    """One resource in one version.

    Attributes:
        group: The API group; empty for the core group.
        version: The version.
        kind: The kind of its objects.
        plural: The name in paths.
        namespaced: Objects live in namespaces.
        short_names: Abbreviations for kubectl.
        subresources: Such as `status` and `scale`.
        generation: Changes of the spec are counted in `metadata.generation`.
        upsert: PUT creates an object that does not exist.
        custom: A CustomResourceDefinition defines it.
        release: The Kubernetes release that defines a built-in resource.
        list_kind: The kind of its lists.
        singular: The singular name.
        scale: The `scale` subresource's paths, of a custom resource.
        own_schema: The compiled schema of a custom resource.
        selectable: Further field paths that field selectors may use.
    """

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    short_names: tuple[str, ...] = ()
    subresources: frozenset[str] = frozenset()
    generation: bool = False
    upsert: bool = False
    custom: bool = False
    release: str = schema.RELEASE
    list_kind: str = ""
    singular: str = ""
    categories: tuple[str, ...] = ()
    scale: Object = field(default_factory=dict[str, str], compare=False)
    own_schema: Schema | None = field(default=None, compare=False)
    selectable: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Group and plural: what its objects are stored under, in every version."""
        return self.group, self.plural

    @property
    def api_version(self) -> str:
        """The apiVersion of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @functools.cached_property
    def schema(self) -> Schema:
        """The schema of its objects."""
        if self.own_schema is not None:
            return self.own_schema
        return schema.definitions(self.release).of(self.group, self.version, self.kind)


@functools.lru_cache
def builtin(release: str) -> dict[tuple[str, str], Resource]:
    """Return the built-in resources of a release by group and plural."""
    rows = (_row(line, release) for line in _TABLE.strip().splitlines())
    return {resource.key: resource for resource in rows}


def _row(line: str, release: str) -> Resource:
    api_version, kind, plural, scope, short, *flags = line.split()
    group, _, version = api_version.rpartition("/")
    return Resource(
        group,
        version,
        kind,
        plural,
        namespaced=scope == "N",
        short_names=() if short == "-" else tuple(short.split(",")),
        subresources=frozenset(flag[1:] for flag in flags if flag[0] == "/"),
        generation="g" in flags,
        upsert="upsert" in flags,
        release=release,
        list_kind=f"{kind}List",
        singular=kind.lower(),
    )


def from_crd(crd: Object, release: str) -> Iterator[Resource]:
    """Yield the resources that a CustomResourceDefinition serves, one per served version."""
    spec = crd["spec"]
    names = crd.get("status", {}).get("acceptedNames") or spec["names"]
    for version in spec["versions"]:
        if not version.get("served"):
            continue
        parts = map_at(version, "subresources")
        yield Resource(
            spec["group"],
            version["name"],
            names["kind"],
            names["plural"],
            namespaced=spec["scope"] == "Namespaced",
            short_names=tuple(names.get("shortNames", ())),
            subresources=frozenset(parts),
            generation=True,
            custom=True,
            release=release,
            list_kind=names.get("listKind", ""),
            singular=names.get("singular", ""),
            categories=tuple(names.get("categories", ())),
            scale=map_at(parts, "scale"),
            own_schema=schema.from_crd(
                version.get("schema", {}).get("openAPIV3Schema", {}), release
            ),
            selectable=tuple(each["jsonPath"] for each in version.get("selectableFields", ())),
        )
