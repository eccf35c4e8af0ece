# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The `token` subresource of ServiceAccounts: a token for a while, signed by nobody.

It has the shape of a real one, so that whoever reads when it ends finds it, and no more.
"""

import base64
import datetime
import json

from . import errors
from .state import State
from .values import Object, map_at
from .wire import Call, Response, respond

SUBRESOURCE = "token"
SHORTEST, LONGEST = 600, 1 << 32
"""Seconds between which a token may be asked for."""


def create(cluster: State, call: Call, request: Object) -> Response:
    """Answer a TokenRequest.

    Raises:
        ApiError: 404 where there is no such ServiceAccount, 422 where the time can not be had.
    """
    account = cluster.store.get(call.resource.key, (call.namespace, call.name))
    if account is None:
        raise errors.not_found("", call.resource.plural, call.name)
    spec = map_at(request, "spec")
    seconds = int(spec.get("expirationSeconds") or 3600)
    _check(seconds)
    start = (cluster.clock or _now)()
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


def _check(seconds: int) -> None:
    if SHORTEST <= seconds <= LONGEST:
        return
    why = "may not specify a duration less than 10 minutes"
    if seconds > LONGEST:
        why = "may not specify a duration larger than 2^32 seconds"
    cause = errors.invalid_value("spec.expirationSeconds", seconds, why)
    raise errors.invalid("authentication.k8s.io", "TokenRequest", "", [cause])


def _token(claims: Object) -> str:
    header = {"alg": "none", "typ": "JWT"}
    return ".".join((_part(header), _part(claims), "c2lnbmVkLWJ5LW5vYm9keQ"))


def _part(data: Object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)
