"""What the API server does to built-in kinds on their way into storage, kind by kind.

Preparation fills in what is allocated or reset; validation knows the rules that a schema cannot
say. Both restate k8s.io/kubernetes/pkg/registry and pkg/apis/*/validation for what charms create.
"""

import re
from collections.abc import Callable
from typing import Any, Protocol

from . import crds, errors, names, pods, selectors
from .defaults import RBAC
from .errors import Cause
from .resources import Resource
from .values import Object, at, list_at, map_at, maps_in


class Allocator(Protocol):
    """Gives out what is unique in a cluster."""

    def address(self) -> str:
        """Return a cluster IP that no Service has."""
        ...

    def port(self) -> int:
        """Return a node port that no Service has."""
        ...

    def uid(self) -> str:
        """Return a new uid."""
        ...


_INITIAL_STATUS: dict[tuple[str, str], Object] = {
    ("", "namespaces"): {"phase": "Active"},
    ("", "persistentvolumeclaims"): {"phase": "Pending"},
    ("", "persistentvolumes"): {"phase": "Pending"},
    ("", "pods"): {"phase": "Pending"},
    ("apps", "daemonsets"): {
        "currentNumberScheduled": 0,
        "desiredNumberScheduled": 0,
        "numberMisscheduled": 0,
        "numberReady": 0,
    },
    ("apps", "replicasets"): {"replicas": 0},
    ("apps", "statefulsets"): {"availableReplicas": 0, "replicas": 0},
    ("autoscaling", "horizontalpodautoscalers"): {"currentMetrics": None, "desiredReplicas": 0},
    ("", "services"): {"loadBalancer": {}},
    ("networking.k8s.io", "ingresses"): {"loadBalancer": {}},
    ("policy", "poddisruptionbudgets"): {
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "disruptionsAllowed": 0,
        "expectedPods": 0,
    },
}


_TEMPLATE: Object = {"metadata": {}, "spec": {"containers": None}}
_ZERO: dict[tuple[str, str], Object] = {
    ("", "persistentvolumeclaims"): {"resources": {}},
    ("", "pods"): {"containers": None},
    ("apps", "daemonsets"): {"template": _TEMPLATE, "selector": None, "updateStrategy": {}},
    ("apps", "deployments"): {"template": _TEMPLATE, "selector": None, "strategy": {}},
    ("apps", "statefulsets"): {"template": _TEMPLATE, "selector": None, "updateStrategy": {}},
    ("batch", "jobs"): {"template": _TEMPLATE},
    ("networking.k8s.io", "networkpolicies"): {"podSelector": {}},
}


def zero(resource: Resource) -> Object:
    """Return what Go makes of an empty object: structures that are there have no owner."""
    if resource.custom:
        return {}
    return {"metadata": {}, "rules": None, "spec": _ZERO.get(resource.key, {}), "status": {}}


def prepare(resource: Resource, old: Object | None, new: Object, allocator: Allocator) -> None:
    """Bring a new object, in place, into the state in which it is stored."""
    if old is None and "status" in resource.subresources and resource.plural != "nodes":
        new.pop("status", None)
        if not resource.custom:
            new["status"] = dict(_INITIAL_STATUS.get(resource.key, {}))
    handler = _PREPARE.get(resource.key)
    if handler is not None and not resource.custom:
        handler(old, new, allocator)


def _prepare_namespace(old: Object | None, new: Object, _: Allocator) -> None:
    spec = new.setdefault("spec", {})
    if old is None:
        spec["finalizers"] = ["kubernetes"]
    else:
        new["spec"] = old.get("spec", {})


def _prepare_service(old: Object | None, new: Object, allocator: Allocator) -> None:
    spec: Object = new.setdefault("spec", {})
    before = map_at(old, "spec")
    if spec.get("type") == "ExternalName":
        for name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            spec.pop(name, None)
        return
    _address(spec, before, allocator)
    free = spec["clusterIP"] == "None" and not spec.get("selector")
    families = ["IPv4", "IPv6"] if free else ["IPv4"]
    policy = "RequireDualStack" if free else "SingleStack"
    spec.setdefault("ipFamilies", before.get("ipFamilies") or families)
    spec.setdefault("ipFamilyPolicy", before.get("ipFamilyPolicy") or policy)
    _node_ports(spec, before, allocator)
    _forget_type(spec, before)


def _address(spec: Object, before: Object, allocator: Allocator) -> None:
    """Keep a Service's address, or give it one; `clusterIP` leads, `clusterIPs` follows."""
    if before.get("type") != "ExternalName":
        for name in ("clusterIP", "clusterIPs"):
            if not spec.get(name) and before.get(name):
                spec[name] = before[name]
    if not spec.get("clusterIP"):
        spec["clusterIP"] = (spec.get("clusterIPs") or [allocator.address()])[0]
    if not spec.get("clusterIPs") or spec["clusterIPs"] == before.get("clusterIPs"):
        spec["clusterIPs"] = [spec["clusterIP"], *list_at(spec, "clusterIPs")[1:]]


_PUBLIC = {"NodePort", "LoadBalancer"}


def _node_ports(spec: Object, before: Object, allocator: Allocator) -> None:
    if spec.get("type") not in _PUBLIC:
        return
    known = {_port_key(port): port.get("nodePort") for port in maps_in(before.get("ports"))}
    for port in maps_in(spec.get("ports")):
        if not port.get("nodePort"):
            port["nodePort"] = known.get(_port_key(port)) or allocator.port()


def _forget_type(spec: Object, before: Object) -> None:
    """Drop what belongs to the type that a Service had, unless it was set anew."""
    if before.get("type") not in _PUBLIC or spec.get("type") in _PUBLIC:
        return
    known = {port.get("nodePort") for port in maps_in(before.get("ports"))}
    for port in maps_in(spec.get("ports")):
        if port.get("nodePort") in known:
            port.pop("nodePort", None)
    for name in ("externalTrafficPolicy", "allocateLoadBalancerNodePorts", "healthCheckNodePort"):
        if name in spec and spec[name] == before.get(name):
            del spec[name]


def _port_key(port: Object) -> tuple[Any, Any]:
    return port.get("port"), port.get("protocol")


def _protect(name: str) -> "Prepare":
    """Return what gives a new object the finalizer that keeps it while it is in use."""

    def prepare(old: Object | None, new: Object, _: Allocator) -> None:
        finalizers = list_at(new, "metadata", "finalizers")
        if old is None and name not in finalizers:
            new["metadata"]["finalizers"] = [*finalizers, name]

    return prepare


def _prepare_pod(old: Object | None, new: Object, _: Allocator) -> None:
    spec: Object = new.get("spec", {})
    if old is not None:
        return
    if not spec.get("serviceAccountName"):
        spec["serviceAccountName"] = spec["serviceAccount"] = "default"
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    tolerations = list_at(spec, "tolerations")
    known = {toleration.get("key") for toleration in maps_in(tolerations)}
    spec["tolerations"] = tolerations + [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
        if key not in known
    ]
    new["status"]["qosClass"] = pods.quality(spec)


def _prepare_node(old: Object | None, new: Object, _: Allocator) -> None:
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    if old is None and taint not in list_at(new, "spec", "taints"):
        new["spec"] = {**map_at(new, "spec"), "taints": [*list_at(new, "spec", "taints"), taint]}


def _prepare_job(old: Object | None, new: Object, allocator: Allocator) -> None:
    """Give a new Job the labels by which it finds its pods; its uid is not known before."""
    if old is not None or new["spec"].get("manualSelector"):
        return
    uid = new["metadata"]["uid"] = allocator.uid()
    name = new["metadata"].get("name", "")
    selector = {"batch.kubernetes.io/controller-uid": uid}
    labels = {**selector, "controller-uid": uid, "job-name": name,
              "batch.kubernetes.io/job-name": name}  # fmt: skip
    new["spec"]["selector"] = {"matchLabels": selector}
    template = new["spec"].setdefault("template", {})
    meta = template["metadata"] = {**map_at(template, "metadata")}
    meta["labels"] = {**map_at(meta, "labels"), **labels}
    new["metadata"]["labels"] = {**labels, **map_at(new, "metadata", "labels")}


Prepare = Callable[[Object | None, Object, Allocator], None]
_PREPARE: dict[tuple[str, str], Prepare] = {
    ("", "namespaces"): _prepare_namespace,
    ("", "nodes"): _prepare_node,
    ("", "persistentvolumeclaims"): _protect("kubernetes.io/pvc-protection"),
    ("", "persistentvolumes"): _protect("kubernetes.io/pv-protection"),
    ("", "pods"): _prepare_pod,
    ("", "services"): _prepare_service,
    crds.TABLE: crds.prepare,
    ("batch", "jobs"): _prepare_job,
}


def validate(resource: Resource, old: Object | None, new: Object) -> list[Cause]:
    """Return what is wrong with an object about to be stored."""
    found = names.metadata(resource, new) + names.late_finalizers(old, new)
    handler = _VALIDATE.get(resource.key)
    if handler is not None and not resource.custom:
        found += handler(old, new)
    return found


def _frozen(
    old: Object | None, new: Object, *path: str, why: str = "field is immutable"
) -> list[Cause]:
    if old is None or at(old, *path) == at(new, *path):
        return []
    return [errors.invalid_value(".".join(path), at(new, *path), why)]


_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+\Z")
_CONFIG_KEY_WORDS = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
    "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
    "'[-._a-zA-Z0-9]+')"
)


def _config_keys(new: Object, *maps: str) -> list[Cause]:
    return [
        errors.invalid_value(f"{name}[{key}]", key, _CONFIG_KEY_WORDS)
        for name in maps
        for key in new.get(name) or ()
        if not _CONFIG_KEY.match(key)
    ]


def _immutable_data(old: Object | None, new: Object) -> list[Cause]:
    if not old or not old.get("immutable"):
        return []
    why = "field is immutable when `immutable` is set"
    found: list[Cause] = []
    if not new.get("immutable"):
        found.append(errors.not_allowed("immutable", why))
    found += [
        errors.not_allowed(name, why)
        for name in ("data", "binaryData")
        if map_at(old, name) != map_at(new, name)
    ]
    return found


def _config_map(old: Object | None, new: Object) -> list[Cause]:
    both = set(new.get("data") or ()) & set(new.get("binaryData") or ())
    found = [errors.invalid_value("data", key, "duplicate of key present in binaryData")
             for key in sorted(both)]  # fmt: skip
    return found + _config_keys(new, "data", "binaryData") + _immutable_data(old, new)


def _secret(old: Object | None, new: Object) -> list[Cause]:
    found = _config_keys(new, "data") + _immutable_data(old, new)
    if new.get("type") == "kubernetes.io/service-account-token":
        name = "kubernetes.io/service-account.name"
        if not map_at(new, "metadata", "annotations").get(name):
            found.append(errors.required(f"metadata.annotations[{name}]"))
    required = {
        "kubernetes.io/tls": ("tls.crt", "tls.key"),
        "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    }
    data = map_at(new, "data")
    for key in required.get(new.get("type", ""), ()):
        if key not in data:
            found.append(errors.required(f"data[{key}]"))
    return found + _frozen(old, new, "type")


_SERVICE_TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]


def _service(old: Object | None, new: Object) -> list[Cause]:
    spec = map_at(new, "spec")
    kind = spec.get("type")
    found: list[Cause] = []
    if kind not in _SERVICE_TYPES:
        found.append(errors.unsupported("spec.type", kind, list(_SERVICE_TYPES)))
    if kind == "ExternalName" and not spec.get("externalName"):
        found.append(errors.required("spec.externalName"))
    ports = list(maps_in(spec.get("ports")))
    if not ports and kind != "ExternalName" and spec.get("clusterIP") != "None":
        found.append(errors.required("spec.ports"))
    seen: set[Any] = set()
    for index, port in enumerate(ports):
        found += _service_port(port, f"spec.ports[{index}]", alone=len(ports) == 1)
        for key, where in ((port.get("name"), ".name"), (_port_key(port), "")):
            if key and key in seen:
                found.append(errors.duplicate(f"spec.ports[{index}]{where}", port.get("name")))
            seen.add(key)
    return found + _fixed_addresses(old, spec)


def _fixed_addresses(old: Object | None, spec: Object) -> list[Cause]:
    before = map_at(old, "spec")
    if not before.get("clusterIP") or "ExternalName" in {spec.get("type"), before.get("type")}:
        return []
    if before["clusterIP"] == spec.get("clusterIP"):
        return []
    why = "may not change once set"
    return [errors.invalid_value("spec.clusterIPs[0]", spec.get("clusterIPs"), why)]


def _service_port(port: Object, path: str, *, alone: bool) -> list[Cause]:
    found: list[Cause] = []
    if not port.get("name") and not alone:
        found.append(errors.required(f"{path}.name"))
    if port.get("name"):
        found += [errors.invalid_value(f"{path}.name", port["name"], why)
                  for why in names.label(port["name"])]  # fmt: skip
    found += pods.port_number(port.get("port", 0), f"{path}.port")
    target = port.get("targetPort", 0)
    if isinstance(target, int):
        found += pods.port_number(target, f"{path}.targetPort")
    else:
        found += pods.port_name(target, f"{path}.targetPort")
    return found + pods.protocol(port, path)


def _workload(old: Object | None, new: Object) -> list[Cause]:
    spec = map_at(new, "spec")
    found: list[Cause] = []
    if at(spec, "replicas") is not None and spec["replicas"] < 0:
        why = "must be greater than or equal to 0"
        found.append(errors.invalid_value("spec.replicas", spec["replicas"], why))
    found += _selector(spec)
    found += pods.validate(
        map_at(spec, "template", "spec"), "spec.template.spec", restart=["Always"]
    )
    return found + _frozen(old, new, "spec", "selector")


def _selector(spec: Object) -> list[Cause]:
    selector = spec.get("selector")
    labels = map_at(spec, "template", "metadata", "labels")
    if selector == {}:
        why = "empty selector is invalid for deployment"
        return [errors.invalid_value("spec.selector", selector, why)]
    found = [] if selector else [errors.required("spec.selector")]
    if not selector or not selectors.matches(selector, labels):
        why = "`selector` does not match template `labels`"
        found.append(errors.invalid_value("spec.template.metadata.labels", labels, why))
    return found


def _job(old: Object | None, new: Object) -> list[Cause]:
    found = pods.validate(
        map_at(new, "spec", "template", "spec"),
        "spec.template.spec",
        restart=["OnFailure", "Never"],
    )
    return found + _frozen(old, new, "spec", "template")


def _pod(old: Object | None, new: Object) -> list[Cause]:
    found = pods.validate(map_at(new, "spec"), "spec")
    if old is not None and pods.fixed(map_at(old, "spec")) != pods.fixed(map_at(new, "spec")):
        why = (
            "pod updates may not change fields other than `spec.containers[*].image`,"
            "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
            "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to "
            "be set to 1 if it was previously negative)"
        )
        found.append(errors.not_allowed("spec", why))
    return found


def _role(_: Object | None, new: Object) -> list[Cause]:
    found: list[Cause] = []
    aggregation = new.get("aggregationRule")
    if aggregation is not None and not list_at(aggregation, "clusterRoleSelectors"):
        why = "at least one clusterRoleSelector required if aggregationRule is non-nil"
        found.append(errors.required("aggregationRule.clusterRoleSelectors", why))
    for index, rule in enumerate(maps_in(new.get("rules"))):
        path = f"rules[{index}]"
        if not rule.get("verbs"):
            found.append(errors.required(f"{path}.verbs", "verbs must contain at least one value"))
        if rule.get("nonResourceURLs"):
            if new.get("kind") == "Role":
                why = "namespaced rules cannot apply to non-resource URLs"
                value = rule["nonResourceURLs"]
                found.append(errors.invalid_value(f"{path}.nonResourceURLs", value, why))
            continue
        if not rule.get("apiGroups"):
            why = "resource rules must supply at least one api group"
            found.append(errors.required(f"{path}.apiGroups", why))
        if not rule.get("resources"):
            why = "resource rules must supply at least one resource"
            found.append(errors.required(f"{path}.resources", why))
    return found


def _binding(old: Object | None, new: Object) -> list[Cause]:
    found: list[Cause] = []
    ref = map_at(new, "roleRef")
    kinds = ["ClusterRole"] if new.get("kind") == "ClusterRoleBinding" else ["Role", "ClusterRole"]
    if ref.get("apiGroup") != RBAC:
        found.append(errors.unsupported("roleRef.apiGroup", ref.get("apiGroup", ""), [RBAC]))
    if ref.get("kind") not in kinds:
        found.append(errors.unsupported("roleRef.kind", ref.get("kind", ""), list(kinds)))
    if not ref.get("name"):
        found.append(errors.required("roleRef.name"))
    found += _frozen(old, new, "roleRef", why="cannot change roleRef")
    for index, subject in enumerate(maps_in(new.get("subjects"))):
        found += _subject(subject, f"subjects[{index}]", new.get("kind") == "RoleBinding")
    return found


def _subject(subject: Object, path: str, namespaced: bool) -> list[Cause]:
    found = [] if subject.get("name") else [errors.required(f"{path}.name")]
    if subject.get("kind") == "ServiceAccount":
        if not subject.get("namespace") and not namespaced:
            found.append(errors.required(f"{path}.namespace"))
        if subject.get("apiGroup"):
            found.append(errors.unsupported(f"{path}.apiGroup", subject["apiGroup"], [""]))
    elif subject.get("kind") not in {"User", "Group"}:
        choices = ["ServiceAccount", "User", "Group"]
        found.append(errors.unsupported(f"{path}.kind", subject.get("kind", ""), list(choices)))
    return found


def _webhooks(_: Object | None, new: Object) -> list[Cause]:
    found: list[Cause] = []
    seen: set[str] = set()
    for index, hook in enumerate(maps_in(new.get("webhooks"))):
        path = f"webhooks[{index}]"
        name = hook.get("name", "")
        if name.count(".") < 2:
            why = "should be a domain with at least three segments separated by dots"
            found.append(errors.invalid_value(f"{path}.name", name, why))
        elif name in seen:
            found.append(errors.duplicate(f"{path}.name", name))
        seen.add(name)
        found += _webhook(hook, path)
    return found


def _webhook(hook: Object, path: str) -> list[Cause]:
    versions = list_at(hook, "admissionReviewVersions")
    found: list[Cause] = []
    if not versions:
        why = "must specify one of v1, v1beta1"
        found.append(errors.required(f"{path}.admissionReviewVersions", why))
    elif not {"v1", "v1beta1"} & set(versions):
        why = "must include at least one of v1, v1beta1"
        found.append(errors.invalid_value(f"{path}.admissionReviewVersions", versions, why))
    effects = ["None", "NoneOnDryRun"]
    if not hook.get("sideEffects"):
        why = f"must specify one of {', '.join(effects)}"
        found.append(errors.required(f"{path}.sideEffects", why))
    elif hook["sideEffects"] not in effects:
        found.append(errors.unsupported(f"{path}.sideEffects", hook["sideEffects"], list(effects)))
    if hook.get("failurePolicy") not in {"Fail", "Ignore"}:
        choices = ["Fail", "Ignore"]
        given = hook.get("failurePolicy")
        found.append(errors.unsupported(f"{path}.failurePolicy", given, list(choices)))
    if not 1 <= hook.get("timeoutSeconds", 10) <= 30:
        why = "the timeout value must be between 1 and 30 seconds"
        found.append(errors.invalid_value(f"{path}.timeoutSeconds", hook["timeoutSeconds"], why))
    return found + _webhook_rules(hook, path) + _webhook_client(hook, f"{path}.clientConfig")


def _webhook_rules(hook: Object, path: str) -> list[Cause]:
    return [
        errors.required(f"{path}.rules[{index}].{name}")
        for index, rule in enumerate(maps_in(hook.get("rules")))
        for name in ("operations", "apiGroups", "apiVersions", "resources")
        if not rule.get(name)
    ]


def _webhook_client(hook: Object, path: str) -> list[Cause]:
    client = map_at(hook, "clientConfig")
    url = client.get("url")
    if bool(url) == bool(client.get("service")):
        return [errors.required(path, "exactly one of url or service is required")]
    if url and not url.startswith("https://"):
        scheme = url.partition(":")[0]
        why = "'https' is the only allowed URL scheme; desired format: https://host[/path]"
        return [errors.invalid_value(f"{path}.url", scheme, why)]
    return []


_ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]


def _claim(old: Object | None, new: Object) -> list[Cause]:
    spec = map_at(new, "spec")
    found: list[Cause] = []
    modes = list_at(spec, "accessModes")
    if not modes:
        found.append(errors.required("spec.accessModes", "at least 1 access mode is required"))
    found += [
        errors.unsupported("spec.accessModes", mode, list(_ACCESS_MODES))
        for mode in modes
        if mode not in _ACCESS_MODES
    ]
    if not at(spec, "resources", "requests", "storage"):
        found.append(errors.required("spec.resources[storage]"))
    if old is not None and _claim_core(old, new) != _claim_core(new, old):
        why = (
            "spec is immutable after creation except resources.requests and "
            "volumeAttributesClassName for bound claims"
        )
        found.append(errors.not_allowed("spec", why))
    return found


def _claim_core(one: Object, other: Object) -> Object:
    """Return what of a claim's spec may not differ from another version's."""
    spec = dict(map_at(one, "spec"))
    if at(one, "status", "phase") == "Bound":
        spec.pop("resources", None)
        spec.pop("volumeAttributesClassName", None)
    for name in ("storageClassName", "volumeName"):
        if at(one, "spec", name) is None or at(other, "spec", name) is None:
            spec.pop(name, None)
    return spec


_STATEFULSET_MAY = (
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
)  # fmt: skip


def _statefulset(old: Object | None, new: Object) -> list[Cause]:
    found = _workload(None, new)
    if old is not None:
        before = {k: v for k, v in map_at(old, "spec").items() if k not in _STATEFULSET_MAY}
        after = {k: v for k, v in map_at(new, "spec").items() if k not in _STATEFULSET_MAY}
        if before != after:
            shown = ", ".join(f"'{name}'" for name in _STATEFULSET_MAY[:-1])
            why = (
                f"updates to statefulset spec for fields other than {shown} and "
                f"'{_STATEFULSET_MAY[-1]}' are forbidden"
            )
            found.append(errors.not_allowed("spec", why))
    return found


def _cronjob(_: Object | None, new: Object) -> list[Cause]:
    spec = map_at(new, "spec")
    schedule = str(spec.get("schedule", ""))
    parts = schedule.split()
    found: list[Cause] = []
    if not schedule:
        found.append(errors.required("spec.schedule"))
    elif not schedule.startswith("@") and len(parts) != 5:
        why = f"expected exactly 5 fields, found {len(parts)}: [{' '.join(parts)}]"
        found.append(errors.invalid_value("spec.schedule", schedule, why))
    return found + pods.validate(
        map_at(spec, "jobTemplate", "spec", "template", "spec"),
        "spec.jobTemplate.spec.template.spec",
        restart=["OnFailure", "Never"],
    )


def _ingress(_: Object | None, new: Object) -> list[Cause]:
    return [
        errors.required(
            f"spec.rules[{index}].http.paths[{place}].pathType", "pathType must be specified"
        )
        for index, rule in enumerate(maps_in(at(new, "spec", "rules")))
        for place, path in enumerate(maps_in(at(rule, "http", "paths")))
        if not path.get("pathType")
    ]


def _storage_class(old: Object | None, new: Object) -> list[Cause]:
    found = [] if new.get("provisioner") else [errors.required("provisioner")]
    return found + [
        errors.not_allowed(name, f"updates to {name} are forbidden.")
        for name in ("parameters", "provisioner")
        if old is not None and old.get(name) != new.get(name)
    ]


def _priority_class(old: Object | None, new: Object) -> list[Cause]:
    if old is not None and old.get("value") != new.get("value"):
        return [errors.not_allowed("value", "may not be changed in an update.")]
    return []


Validate = Callable[[Object | None, Object], list[Cause]]
_VALIDATE: dict[tuple[str, str], Validate] = {
    ("", "configmaps"): _config_map,
    ("", "persistentvolumeclaims"): _claim,
    ("", "pods"): _pod,
    ("", "secrets"): _secret,
    ("", "services"): _service,
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): _webhooks,
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): _webhooks,
    crds.TABLE: crds.validate,
    ("apps", "daemonsets"): _workload,
    ("apps", "deployments"): _workload,
    ("apps", "replicasets"): _workload,
    ("apps", "statefulsets"): _statefulset,
    ("batch", "cronjobs"): _cronjob,
    ("batch", "jobs"): _job,
    ("networking.k8s.io", "ingresses"): _ingress,
    (RBAC, "clusterrolebindings"): _binding,
    (RBAC, "clusterroles"): _role,
    (RBAC, "rolebindings"): _binding,
    (RBAC, "roles"): _role,
    ("scheduling.k8s.io", "priorityclasses"): _priority_class,
    ("storage.k8s.io", "storageclasses"): _storage_class,
}
