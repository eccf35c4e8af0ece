# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The places where objects may be created."""

from . import crds, errors
from .state import State
from .wire import Call

NAMESPACES = ("", "namespaces")


def check_place(cluster: State, call: Call) -> None:
    """Refuse to create where there is no namespace, or something that is going.

    Raises:
        ApiError: 404 or 403.
    """
    if call.resource.custom:
        _check_definition(cluster, call)
    if not call.namespace:
        return
    found = cluster.store.get(NAMESPACES, ("", call.namespace))
    if found is None:
        raise errors.not_found("", "namespaces", call.namespace)
    if "deletionTimestamp" in found.obj["metadata"]:
        why = (
            f"unable to create new content in namespace {call.namespace} because it is being "
            "terminated"
        )
        error = errors.forbidden(call.resource.group, call.resource.plural, call.name, why)
        message = f"namespace {call.namespace} is being terminated"
        cause = errors.Cause("NamespaceTerminating", message, "metadata.namespace")
        error.details = {**(error.details or {}), "causes": [cause.as_object()]}
        raise error


def _check_definition(cluster: State, call: Call) -> None:
    name = f"{call.resource.plural}.{call.resource.group}"
    found = cluster.store.get(crds.TABLE, ("", name))
    if found is not None and "deletionTimestamp" in found.obj["metadata"]:
        why = "create not allowed while custom resource definition is terminating"
        raise errors.forbidden(call.resource.group, call.resource.plural, call.name, why)
