# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The identity of who asks, and the decision of the authorizer."""

from . import errors, rbac
from .state import State
from .values import Object
from .wire import Attributes, Call, Request


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
    for asked in _impersonations(wanted, extra, groups):
        require(cluster, user, asked)
    if not extra:
        return wanted, rbac.groups_of(wanted)
    return wanted, (*extra, "system:authenticated")


def _impersonations(
    wanted: str, extra: tuple[str, ...], groups: tuple[str, ...]
) -> list[Attributes]:
    """Return what has to be allowed to somebody who wants to be another user in some groups."""
    verb, parts = "impersonate", wanted.split(":")
    if wanted.startswith("system:serviceaccount:") and len(parts) == 4:
        asked = Attributes(verb, "", "serviceaccounts", "", parts[2], parts[3], "", groups)
    else:
        asked = Attributes(verb, "", "users", "", "", wanted, "", groups)
    return [asked, *(Attributes(verb, "", "groups", "", "", each, "", groups) for each in extra)]


def attributes(call: Call, verb: str) -> Attributes:
    """Return a call as authorizers see it; on create the name is not known to them."""
    return Attributes(
        verb,
        call.resource.group,
        call.resource.plural,
        call.subresource,
        call.namespace,
        "" if verb == "create" else call.name,
        "",
        call.groups,
    )


def require(cluster: State, user: str, asked: Attributes) -> None:
    """Let the authorizer decide.

    Raises:
        ApiError: 403.
    """
    if cluster.authorize is None or cluster.authorize(user, asked):
        return
    if not asked.resource:
        message = f'forbidden: User "{user}" cannot {asked.verb} path "{asked.path}"'
        raise errors.ApiError(403, "Forbidden", message, {})
    where = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
    what = f"{asked.resource}/{asked.subresource}".rstrip("/")
    group = f'in API group "{asked.group}"'
    why = f'User "{user}" cannot {asked.verb} resource "{what}" {group} {where}'
    raise errors.forbidden(asked.group, asked.resource, asked.name, why)


def allow(cluster: State, call: Call, verb: str) -> None:
    """Let the authorizer decide about a verb on what a call is about.

    Raises:
        ApiError: 403.
    """
    require(cluster, call.user, attributes(call, verb))


def check_grant(cluster: State, call: Call, old: Object | None, new: Object) -> None:
    """Refuse a role or binding that gives more than its writer has.

    Raises:
        ApiError: 403; 404 for a binding to a role that does not exist.
    """
    if isinstance(cluster.authorize, rbac.Authorizer):
        resource = call.resource
        asked = Attributes(
            call.verb, resource.group, resource.plural, "", call.namespace, call.name, "",
            call.groups,
        )  # fmt: skip
        rbac.check_grant(cluster.authorize, call.user, asked, old, new)
