# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Answers of a served API beyond the cluster's own requests."""

from .. import ApiError, Cluster, Request, Response, errors, wire
from . import openapi

_PROGRAMS = ("attach", "exec", "log", "portforward", "proxy")
_PROTOBUF = "application/vnd.kubernetes.protobuf"
_NO_PROTOBUF = (
    "the simulator takes JSON and YAML, and no protobuf: apply a manifest, which kubectl writes "
    "with --dry-run=client -o yaml"
)


def answer(cluster: Cluster, request: Request) -> Response:
    """Answer a request.

    Raises:
        BaseException: Only what the cluster's faults return or raise: there is no answer.
    """
    refusal = _refusal(request)
    if refusal:
        return wire.fail(refusal)
    if not request.path.startswith("/openapi/"):
        return cluster.request(request)
    if request.method != "GET":
        return wire.fail(errors.method_not_allowed())
    document = openapi.answer(cluster, request.path)
    return wire.respond(document) if document else wire.fail(errors.no_such_resource())


def _refusal(request: Request) -> ApiError | None:
    """Return why a request is not for a cluster of this kind; None where it is."""
    if request.headers.get("content-type", "").startswith(_PROTOBUF):
        return ApiError(415, "UnsupportedMediaType", _NO_PROTOBUF)
    named = wire.target(request.path)
    part = named.subresource.partition("/")[0] if named else ""
    if named is None or named.group or part not in _PROGRAMS:
        return None
    message = f"nothing runs in the simulator: there is no {part} of {named.plural} {named.name}"
    return ApiError(501, "NotImplemented", message)
