# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The Kubernetes cluster that the model is in, read and disturbed directly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lightkube
from lightkube.core.exceptions import ApiError
from lightkube.generic_resource import GenericGlobalResource, create_global_resource
from lightkube.models.core_v1 import EnvVar
from lightkube.resources.core_v1 import Event, Namespace, Pod, Service

PROFILE: type[GenericGlobalResource] = create_global_resource(
    "kubeflow.org", "v1", "Profile", "profiles"
)


class Cluster:
    """The objects that belong to one model.

    Args:
        client: A client for the cluster that the controller puts the model in.
        model: The model's name, which is the namespace's.
    """

    def __init__(self, client: lightkube.Client, model: str) -> None:
        self.client = client
        self.namespace = model.rpartition("/")[2]

    def check(self) -> None:
        """Make sure that it is the model's cluster.

        Raises:
            LookupError: The namespace is not there.
        """
        try:
            self.client.get(Namespace, self.namespace)
        except ApiError as error:
            raise LookupError(
                f"the cluster of the kubeconfig has no namespace {self.namespace}: set KUBECONFIG "
                "to the configuration of the cluster that the Juju controller is in"
            ) from error

    def pod(self, unit: str) -> Pod:
        """The pod of a unit."""
        return self.client.get(Pod, pod_name(unit), namespace=self.namespace)

    def pods(self, app: str) -> list[Pod]:
        """The pods of an application, those that are going left out."""
        found = self.client.list(
            Pod, namespace=self.namespace, labels={"app.kubernetes.io/name": app}
        )
        return [pod for pod in found if pod.metadata and not pod.metadata.deletionTimestamp]

    def kill(self, unit: str) -> str:
        """Delete the pod of a unit at once.

        Returns:
            The uid that it had.
        """
        uid = identity(self.pod(unit))
        self.client.delete(Pod, pod_name(unit), namespace=self.namespace, grace_period=0)
        return uid

    def events(self, unit: str) -> Iterator[str]:
        """What happened to the pod of a unit, one line each, oldest first."""
        found = self.client.list(
            Event,
            namespace=self.namespace,
            fields={"involvedObject.name": pod_name(unit), "involvedObject.kind": "Pod"},
        )
        for event in sorted(found, key=lambda each: str(each.lastTimestamp or each.eventTime)):
            times = f" (x{event.count})" if (event.count or 1) > 1 else ""
            yield f"{event.type} {event.reason}: {(event.message or '').strip()}{times}"

    def address(self, service: str) -> str:
        """The address at which a Service of type LoadBalancer is reached from outside.

        Raises:
            LookupError: It has none (yet).
        """
        found = self.client.get(Service, service, namespace=self.namespace)
        balancer = found.status and found.status.loadBalancer
        for ingress in (balancer and balancer.ingress) or ():
            if ingress.ip or ingress.hostname:
                return str(ingress.ip or ingress.hostname)
        raise LookupError(
            f"the Service {service} has no address: the cluster needs MetalLB or such"
        )


def pod_name(unit: str) -> str:
    """The name of the pod that runs a unit."""
    return unit.replace("/", "-")


def identity(pod: Pod) -> str:
    """The uid of a pod."""
    return str(pod.metadata and pod.metadata.uid)


def image(pod: Pod, container: str) -> str:
    """The image of a pod's container.

    Raises:
        LookupError: It has no such container.
    """
    for each in (pod.spec and pod.spec.containers) or ():
        if each.name == container:
            return str(each.image)
    raise LookupError(f"the pod has no container {container}")


def environment(pod: Pod) -> dict[str, str]:
    """The environment of a pod's first container."""
    containers = (pod.spec and pod.spec.containers) or []
    variables: list[EnvVar] = (containers[0].env if containers else None) or []
    return {variable.name: str(variable.value or "") for variable in variables}


def profile(name: str, owner: str) -> GenericGlobalResource:
    """A Profile of a user."""
    content: dict[str, Any] = {
        "metadata": {"name": name},
        "spec": {"owner": {"kind": "User", "name": owner}},
    }
    return PROFILE(**content)
