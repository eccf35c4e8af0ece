# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Objects that ask and are stored nowhere: reviews of access, and requests for tokens.

A token has the shape of a real one, so that whoever reads when it ends finds it, and no more:
nobody has signed it.
"""

import base64
import datetime
import json

from . import errors, rbac
from .state import State
from .values import Object, list_at, map_at
from .wire import Attributes, Call, Response, respond

GROUP = "authorization.k8s.io"
TOKENS = "token"
"""The subresource of ServiceAccounts."""
SHORTEST, LONGEST = 600, 1 << 32
"""Seconds between which a token may be asked for."""


def _access(cluster: State, call: Call, spec: Object) -> Object:
    user, groups = call.user, call.groups
    if not call.resource.plural.startswith("self"):
        user = str(spec.get("user", ""))
        groups = tuple(list_at(spec, "groups")) or rbac.groups_of(user)
    asked = {**map_at(spec, "nonResourceAttributes"), **map_at(spec, "resourceAttributes")}
    names = ("verb", "group", "resource", "subresource", "namespace", "name", "path")
    attributes = Attributes(**{name: str(asked.get(name, "")) for name in names}, groups=groups)
    return {"allowed": cluster.authorize is None or cluster.authorize(user, attributes)}


def _rules(cluster: State, call: Call, spec: Object) -> Object:
    rules = rbac.EVERYTHING
    if isinstance(cluster.authorize, rbac.Authorizer) and rbac.MASTERS not in call.groups:
        namespace = str(spec.get("namespace", ""))
        rules = cluster.authorize.rules(call.user, call.groups, namespace)
    return {
        "resourceRules": [rule for rule in rules if rule.get("resources")],
        "nonResourceRules": [rule for rule in rules if rule.get("nonResourceURLs")],
        "incomplete": False,
    }


def create(cluster: State, call: Call, review: Object) -> Response:
    """Answer a review."""
    answer = _rules if call.resource.plural == "selfsubjectrulesreviews" else _access
    status = answer(cluster, call, map_at(review, "spec"))
    return respond({**review, "status": status}, 201)


def create_token(cluster: State, call: Call, request: Object) -> Response:
    """Answer a TokenRequest.

    Raises:
        ApiError: 404 where there is no such ServiceAccount, 422 where the time can not be had.
    """
    account = cluster.store.get(call.resource.key, (call.namespace, call.name))
    if account is None:
        raise errors.not_found(call.resource.key, call.name)
    spec = map_at(request, "spec")
    seconds = int(spec.get("expirationSeconds") or 3600)
    if not SHORTEST <= seconds <= LONGEST:
        raise _no_such_time(seconds)
    start = cluster.clock() if cluster.clock else datetime.datetime.now(datetime.timezone.utc)
    end = start + datetime.timedelta(seconds=seconds)
    claims = {
        "aud": spec.get("audiences") or ["https://kubernetes.default.svc"],
        "exp": int(end.timestamp()),
        "iat": int(start.timestamp()),
        "sub": f"system:serviceaccount:{call.namespace}:{call.name}",
    }
    ends = end.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    status = {"token": _token(claims), "expirationTimestamp": ends}
    metadata = {"name": call.name, "namespace": call.namespace}
    kind = {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1"}
    return respond({**kind, "metadata": metadata, "spec": spec, "status": status}, 201)


def _no_such_time(seconds: int) -> errors.ApiError:
    limit = "less than 10 minutes" if seconds < SHORTEST else "larger than 2^32 seconds"
    why = f"may not specify a duration {limit}"
    cause = errors.invalid_value("spec.expirationSeconds", seconds, why)
    return errors.invalid(("authentication.k8s.io", "TokenRequest"), "", [cause])


def _token(claims: Object) -> str:
    header = {"alg": "none", "typ": "JWT"}
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims))
    return ".".join((*(part.decode().rstrip("=") for part in parts), "c2lnbmVkLWJ5LW5vYm9keQ"))
