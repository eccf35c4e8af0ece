# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Who asks, whether they may, and where objects may be created."""

from . import crds, errors, rbac
from .state import State
from .wire import Attributes, Call, Request

NAMESPACES = ("", "namespaces")


def identity(cluster: State, request: Request) -> tuple[str, tuple[str, ...]]:
    """Return user and groups: those that the request impersonates, if its sender may.

    Raises:
        ApiError: 403.
    """
    user, groups = request.user, rbac.groups_of(request.user)
    wanted = request.headers.get("impersonate-user")
    if not wanted:
        return user, groups
    given = request.headers.get("impersonate-group", "")
    extra = tuple(group.strip() for group in given.split(",") if group.strip())
    parts = wanted.split(":")
    if wanted.startswith("system:serviceaccount:") and len(parts) == 4:
        asked = [("serviceaccounts", parts[2], parts[3])]
    else:
        asked = [("users", "", wanted)]
    for plural, namespace, name in (*asked, *(("groups", "", each) for each in extra)):
        what = Attributes("impersonate", "", plural, "", namespace, name, "", groups)
        require(cluster, user, what)
    return wanted, (*extra, "system:authenticated") if extra else rbac.groups_of(wanted)


def require(cluster: State, user: str, asked: Attributes) -> None:
    """Let the authorizer decide. Raises ApiError 403."""
    if cluster.authorize is None or cluster.authorize(user, asked):
        return
    if not asked.resource:
        message = f'forbidden: User "{user}" cannot {asked.verb} path "{asked.path}"'
        raise errors.ApiError(403, "Forbidden", message, {})
    where = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
    group = f'in API group "{asked.group}"'
    why = f'User "{user}" cannot {asked.verb} resource "{asked.what}" {group} {where}'
    raise errors.forbidden((asked.group, asked.resource), asked.name, why)


def allow(cluster: State, call: Call, verb: str) -> None:
    """Let the authorizer decide about a verb on what a call is about; a new name is not known.

    Raises:
        ApiError: 403.
    """
    name, resource = "" if verb == "create" else call.name, call.resource
    what = (resource.group, resource.plural, call.subresource, call.namespace, name)
    require(cluster, call.user, Attributes(verb, *what, "", call.groups))


def check_place(cluster: State, call: Call) -> None:
    """Refuse to create where there is no namespace, or something that is going.

    Raises:
        ApiError: 404 or 403.
    """
    resource = call.resource
    definition = cluster.store.get(crds.TABLE, ("", f"{resource.plural}.{resource.group}"))
    if resource.custom and definition and definition.ending:
        why = "create not allowed while custom resource definition is terminating"
        raise errors.forbidden(resource.key, call.name, why)
    if not call.namespace:
        return
    found = cluster.store.get(NAMESPACES, ("", call.namespace))
    if found is None:
        raise errors.not_found(("", "namespaces"), call.namespace)
    if found.ending:
        why = (
            f"unable to create new content in namespace {call.namespace} because it is being "
            "terminated"
        )
        message = f"namespace {call.namespace} is being terminated"
        cause = errors.Cause("NamespaceTerminating", message, "metadata.namespace")
        raise errors.forbidden(resource.key, call.name, why, [cause])
