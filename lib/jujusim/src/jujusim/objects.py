# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The objects that Juju itself creates in Kubernetes for a model and its applications.

Names, labels and rules are those of Juju 3.6, ``caas/kubernetes/provider/application``
(application.go, trust.go) and ``provider/utils/labels.go``. StatefulSets are left out: their pods
and volume claims are made here, as the StatefulSet controller would make them.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from . import admission, constraints
from .entities import Application, Unit
from .provisioner import Refused
from .state import ModelState, Objects

if TYPE_CHECKING:
    from .charm import CharmDir
    from .cluster_backend import ClusterBackend

RBAC = "rbac.authorization.k8s.io"
MANAGED = {admission.MANAGED_BY: "juju"}
PLACEHOLDER = {"name": "placeholder", "port": 65535, "protocol": "TCP", "targetPort": 65535}
CHARM_CONTAINER = "charm"
_ROLES = ("Role", "ClusterRole")


class KubernetesObjects(Objects):
    """The objects in the model's cluster."""

    def __init__(self, model: ModelState, backend: ClusterBackend):
        # Loaded here, so that a model without a cluster does without lightkube.
        from . import controller, programs

        self.model = model
        self.webhook = admission.Webhook(model.name, model.uuid)
        backend.admit(self.webhook)
        self.juju = controller.Connection(backend, model.name)
        self.programs = programs.Programs(backend, model.name)
        self._ports: dict[str, list[tuple[str, int]]] = {}
        self._ready: dict[str, dict[str, bool]] = {}
        self._volume_ids: dict[str, str] = {}

    def add_model(self) -> None:
        """The namespace, which is the model's own."""
        labels = {**MANAGED, admission.MODEL_NAME: self.model.name}
        labels[admission.MODEL_ID] = self.model.uuid
        self.juju.apply("v1", "Namespace", self.model.name, labels)

    def add_app(self, app: Application) -> None:
        """Account, roles, the agents' settings and both Services."""
        model, name = self.model.name, app.name
        subjects = [{"kind": "ServiceAccount", "name": name, "namespace": model}]
        apply, labels = self.juju.apply, _labels(app)
        apply("v1", "ServiceAccount", name, labels, automountServiceAccountToken=False)
        settings = {"JUJU_K8S_APPLICATION": name, "JUJU_K8S_MODEL": self.model.uuid}
        apply("v1", "Secret", f"{name}-application-config", labels, stringData=settings)
        for kind, who, rules in zip(_ROLES, self._roles(name), self.model.rules(app), strict=True):
            role = {"apiGroup": RBAC, "kind": kind, "name": who}
            apply(f"{RBAC}/v1", kind, who, labels, rules=rules)
            bound = {"roleRef": role, "subjects": subjects}
            apply(f"{RBAC}/v1", f"{kind}Binding", who, labels, **bound)
        if name not in self._ports:
            self._add_services(app)

    def _add_services(self, app: Application) -> None:
        """Once: charms may change the ports of the first one."""
        selector = _selector(app)
        self._ports[app.name] = []
        spec = {"type": "ClusterIP", "selector": selector, "ports": [PLACEHOLDER]}
        self.juju.apply("v1", "Service", app.name, _labels(app), spec=spec)
        headless = {
            "type": "ClusterIP",
            "clusterIP": "None",
            "selector": selector,
            "publishNotReadyAddresses": True,
        }
        self.juju.apply("v1", "Service", f"{app.name}-endpoints", _labels(app), spec=headless)

    def remove_app(self, app: Application) -> None:
        """Everything of `add_app`, by name, and what carries the application's labels.

        Volume claims stay, as they do when a StatefulSet is deleted.
        """
        name, delete = app.name, self.juju.delete
        self.juju.delete_labelled(self.webhook.labels(name))
        delete("v1", "Service", f"{name}-endpoints")
        delete("v1", "Service", name)
        delete("v1", "Secret", f"{name}-application-config")
        for kind, who in zip(_ROLES, self._roles(name), strict=True):
            delete(f"{RBAC}/v1", f"{kind}Binding", who)
            delete(f"{RBAC}/v1", kind, who)
        delete("v1", "ServiceAccount", name)
        self._ports.pop(name, None)
        self._volume_ids.pop(name, None)

    def remove_model(self) -> None:
        """The namespace, with all that is in it."""
        self.juju.delete("v1", "Namespace", self.model.name)

    def _roles(self, app: str) -> tuple[str, str]:
        """Return the names of an application's Role and ClusterRole, and of their bindings."""
        return app, f"{self.model.name}-{app}"

    def add_unit(self, unit: Unit) -> None:
        """The pod, and the claims of its storage."""
        app = unit.app
        unique = self._volume_ids.setdefault(app.name, self.model.uuid_part())
        for storage in sorted({name.partition("/")[0] for name in unit.storages}):
            size = app.storage.get(storage) or unit.charm.storage[storage].get("minimum-size")
            claim = f"{app.name}-{storage}-{unique}-{app.name}-{unit.number}"
            spec: dict[str, Any] = {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": constraints.mebibytes(str(size or "1G"))}},
            }
            if pool := app.pools.get(storage):
                spec["storageClassName"] = pool
            labels = {**_labels(app), "storage.juju.is/name": storage}
            self.juju.apply("v1", "PersistentVolumeClaim", claim, labels, spec=spec)
        self._add_pod(unit)

    def replace_pod(self, unit: Unit) -> None:
        """The same name, another pod."""
        self.remove_unit(unit)
        self._add_pod(unit)

    def remove_unit(self, unit: Unit) -> None:
        """The pod; its claims stay."""
        self.juju.delete("v1", "Pod", _pod_name(unit), gracePeriodSeconds=0)
        self._ready.pop(unit.name, None)

    def update(self, unit: Unit) -> None:
        """Ports of the Service, and the condition Ready of the pod."""
        app = unit.app
        if _opened(app) != self._ports.get(app.name, []):
            self._later_ports(app)
        if _ready(unit) != self._ready.get(unit.name):
            self._set_status(unit)
        self.programs.work()

    def noticed(self) -> bool:
        """See `Objects`."""
        return self.programs.noticed()

    def _later_ports(self, app: Application) -> None:
        """Let the provisioner write the Service's ports, up to half a minute after the hook."""
        act = functools.partial(self._update_ports, app)
        self.model.provisioner.later(f"ports of {app.name}", act, 10)

    def _update_ports(self, app: Application) -> None:
        """Write the union of the old and new ports, and what is left of it the next time.

        Raises:
            Refused: Kubernetes does not take them, such as two of one number.
        """
        opened, before = _opened(app), self._ports.get(app.name, [])
        if self.model.apps.get(app.name) is not app or opened == before:
            return
        union = sorted({*before, *opened})
        self._write_ports(app.name, opened if union == before else union)
        self._ports[app.name] = opened if union == before else union
        if self._ports[app.name] != opened:
            self._later_ports(app)

    def _write_ports(self, app: str, ports: list[tuple[str, int]]) -> None:
        current: list[Any] = self.juju.get("v1", "Service", app)["spec"].get("ports") or []
        patch = {"spec": {"ports": merged_ports(current, ports)}}
        answer = self.juju.patch(f"services/{app}", patch)
        if not answer.is_success:
            raise Refused(answer.json()["message"])

    def _add_pod(self, unit: Unit) -> None:
        name = _pod_name(unit)
        labels = {**_selector(unit.app), "statefulset.kubernetes.io/pod-name": name}
        labels["apps.kubernetes.io/pod-index"] = str(unit.number)
        spec = {
            "serviceAccountName": unit.app.name,
            "initContainers": [self._init_container(unit)],
            "containers": self._containers(unit),
            **constraints.placement(unit.app.constraints),
        }
        self.juju.apply("v1", "Pod", name, labels, spec=spec)
        self._set_status(unit)

    def _init_container(self, unit: Unit) -> dict[str, Any]:
        """Return what puts Juju's agent and Pebble into the pod before anything else runs."""
        workloads = {"name": "JUJU_CONTAINER_NAMES"}
        if unit.charm.containers:  # The API server keeps no empty value.
            workloads["value"] = ",".join(unit.charm.containers)
        return {
            "name": "charm-init",
            "image": f"{self.model.image_repo}/jujud-operator:{self.model.juju_version}",
            "command": ["/opt/containeragent"],
            "args": ["init"],
            "env": [workloads],
        }

    def _containers(self, unit: Unit) -> list[dict[str, Any]]:
        """Return the charm's own container, and the workload's."""
        own: dict[str, Any] = {
            "name": CHARM_CONTAINER,
            "image": f"{self.model.image_repo}/charm-base:{_base(unit.charm)}",
            "resources": constraints.CHARM,
        }
        return [own, *_workload_containers(unit)]

    def _set_status(self, unit: Unit) -> None:
        containers = self._ready[unit.name] = _ready(unit)
        ready = "True" if unit.ready else "False"
        images = {each["name"]: each["image"] for each in self._containers(unit)}
        status: dict[str, Any] = {
            "phase": "Running",
            "podIP": unit.address,
            "conditions": [
                {"type": "ContainersReady", "status": ready},
                {"type": "Ready", "status": ready},
            ],
            "containerStatuses": [
                {
                    "name": name,
                    "image": image,
                    "imageID": "",
                    "ready": containers[name],
                    "restartCount": 0,
                    "state": {"running": {}},
                }
                for name, image in images.items()
            ],
        }
        self.juju.set_status(_pod_name(unit), status)


def merged_ports(
    current: list[dict[str, Any]], opened: list[tuple[str, int]]
) -> list[dict[str, Any]]:
    """The Service's ports: those that Juju does not manage, and the opened ones (UpdatePorts)."""
    kept = [
        port
        for port in current
        if not port["name"].startswith("juju-") and not (opened and port["name"] == "placeholder")
    ]
    new = [
        {
            "name": f"juju-{number}-{protocol}",
            "port": number,
            "protocol": protocol.upper(),
            "targetPort": number,
        }
        for protocol, number in opened
        if protocol != "icmp"
    ]
    # Juju would leave none, which Kubernetes refuses.
    return [*kept, *new] or [PLACEHOLDER]


def _selector(app: Application) -> dict[str, str]:
    return {"app.kubernetes.io/name": app.name}


def _labels(app: Application) -> dict[str, str]:
    return {**_selector(app), **MANAGED}


def _opened(app: Application) -> list[tuple[str, int]]:
    """Protocol and number of each port that a unit of an application has opened."""
    ports = {(port.protocol, port.port or 0) for unit in app.units.values() for port in unit.ports}
    return sorted(ports)


def _pod_name(unit: Unit) -> str:
    return f"{unit.app.name}-{unit.number}"


def _ready(unit: Unit) -> dict[str, bool]:
    """Return which containers of a unit's pod are ready; nothing is asked of the charm's own."""
    workload = {name: container.healthy() for name, container in unit.containers.items()}
    return {CHARM_CONTAINER: True, **workload}


def _base(charm: CharmDir) -> str:
    name, _, channel = str(charm.meta.get("base") or "ubuntu@24.04").partition("@")
    return f"{name}-{channel.partition('/')[0] or '24.04'}"


def _workload_containers(unit: Unit) -> list[dict[str, Any]]:
    charm = unit.charm
    resources: dict[str, Any] = charm.meta.get("resources") or {}
    containers: list[dict[str, Any]] = []
    limited = constraints.resources(unit.app.constraints)
    for name, declared in charm.containers.items():
        name_of = str(declared.get("resource"))
        resource: dict[str, Any] = resources.get(name_of) or {}
        upstream = str(resource.get("upstream-source") or "")
        image = unit.app.resources.get(name_of) or upstream or f"{unit.app.name}/{name}"
        who = {
            key: declared[field]
            for key, field in (("runAsUser", "uid"), ("runAsGroup", "gid"))
            if field in declared
        }
        containers.append(
            {
                "name": name,
                "image": image,
                "command": ["/charm/bin/pebble"],
                "env": [{"name": "JUJU_CONTAINER_NAME", "value": name}],
                **({"securityContext": who} if who else {}),
                **({"resources": limited} if limited else {}),
            }
        )
    return containers
