# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""From a path and a method to what is asked; and the paths that are about no resource."""

from . import access, discovery, errors, projection, resources, reviews, wire
from .access import NAMESPACES
from .resources import Resource
from .state import State
from .wire import Attributes, Call, Request, Response, Target


def understand(cluster: State, request: Request) -> Call | None:
    """Find out what a request is about; None where it is about no resource.

    Raises:
        ApiError: 404 or 405 when it makes no sense, 406 when JSON is not accepted, 403 when its
            sender may not impersonate.
    """
    wanted = projection.asked(request)
    named = wire.target(request.path)
    if named is None:
        if wanted.kind in {projection.ONE, projection.MANY}:
            raise errors.not_acceptable(["application/json"])
        return None
    resource = cluster.resources().get((named.group, named.version, named.plural))
    if resource is None or (named.namespace and not resource.namespaced):
        return None
    if named.name and resource.namespaced and not named.namespace:
        return None
    created = named.subresource == reviews.TOKENS
    verb = wire.verb_of(request, "" if created else named.name)
    _check_verb(resource, named, verb)
    user, groups = access.identity(cluster, request)
    name = named.name
    if verb in {"list", "watch", "deletecollection"}:
        name = wire.selected_name(request.query)
    return Call(request, resource, verb, named.namespace, name, named.subresource, user, groups)


def _check_verb(resource: Resource, named: Target, verb: str) -> None:
    """Refuse what cannot be done with a resource. Raises ApiError 404 or 405."""
    if named.subresource:
        if named.subresource not in resource.subresources:
            if resource.custom:
                raise errors.not_found(resource.key, named.name)
            raise errors.no_such_resource()
        created = named.subresource == reviews.TOKENS
        if verb not in ({"create"} if created else {"get", "update", "patch"}):
            raise errors.method_not_allowed()
    everywhere = resource.namespaced and not named.namespace
    if everywhere and verb in {"create", "deletecollection"}:
        raise errors.method_not_allowed()
    if verb == "deletecollection" and resource.key == NAMESPACES:
        raise errors.method_not_allowed()
    if verb not in resource.verbs:
        if named.name:
            raise errors.no_such_resource()
        raise errors.method_not_allowed()


def other(cluster: State, request: Request) -> Response:
    """Answer a request that is about no resource that is served.

    Raises:
        ApiError: 403, 404 or 405.
    """
    user, groups = access.identity(cluster, request)
    access.require(cluster, user, _attributes(request, groups))
    if request.path in {"/healthz", "/livez", "/readyz"}:
        return Response(200, [("content-type", "text/plain")], b"ok")
    document = discovery.answer(cluster, request.path)
    if document is None:
        parts = request.path.strip("/").split("/")
        built_in = {each.group for each in resources.builtin(cluster.release).values()}
        if parts[0] == "api" or (len(parts) > 2 and parts[1] in built_in):
            raise errors.no_such_resource()
        return Response(404, [("content-type", "text/plain")], b"404 page not found\n")
    if request.method != "GET":
        raise errors.method_not_allowed()
    return wire.respond(document)


def _attributes(request: Request, groups: tuple[str, ...]) -> Attributes:
    """Return what is asked; a resource that is not served is asked for all the same."""
    named = wire.target(request.path)
    if named is None:
        return Attributes(request.method.lower(), path=request.path, groups=groups)
    where = (named.group, named.plural, named.subresource, named.namespace, named.name)
    return Attributes(attempted_verb(request), *where, "", groups)


def attempted_verb(request: Request) -> str:
    """Return what a request does, also with a resource that is not served."""
    named = wire.target(request.path)
    try:
        return wire.verb_of(request, named.name) if named else request.method.lower()
    except errors.ApiError:
        return request.method.lower()
