# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Errors as the API server answers them: a Status object with code, reason and details.

Messages follow k8s.io/apimachinery/pkg/api/errors, so that a program which reads them meets what
it would meet on a real server.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .values import Object, at, dumps


@dataclass(frozen=True)
class Cause:
    """One reason among those of a Status: the field at fault and what is wrong with it."""

    reason: str
    message: str
    field: str

    def as_object(self) -> Object:
        """Return the cause as it stands in `details.causes`."""
        return {"reason": self.reason, "message": self.message, "field": self.field}


Causes = Iterator[Cause]
"""What is wrong with an object."""


@dataclass
class ApiError(Exception):
    """A request that failed."""

    code: int  # the HTTP status
    reason: str  # the machine-readable reason, such as `NotFound`; empty where the server has none
    message: str  # one sentence for a person
    details: Object | None = None  # the Status object's `details`, if it has any
    headers: dict[str, str] = field(default_factory=dict[str, str])  # such as `Retry-After`

    def __str__(self) -> str:
        return f"{self.code} {self.reason}: {self.message}"

    def status(self) -> Object:
        """Return the Status object that tells of the error."""
        body: Object = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "code": self.code,
        }
        if self.reason:
            body["reason"] = self.reason
        if self.details is not None:
            body["details"] = self.details
        return body


What = tuple[str, str]
"""What an error is about: an API group, and a plural or a kind."""


def qualified(what: What) -> str:
    """Return `resource.group`, or the resource alone for the core group."""
    return f"{what[1]}.{what[0]}" if what[0] else what[1]


def _about(
    code: int, reason: str, what: What, name: str, message: str, causes: Sequence[Cause] = ()
) -> ApiError:
    """Return an error with details of what it is about."""
    listed = [cause.as_object() for cause in causes]
    details = {"name": name, "group": what[0], "kind": what[1], "causes": listed}
    return ApiError(code, reason, message, {key: part for key, part in details.items() if part})


def _named(what: What, name: str) -> str:
    return f'{qualified(what)} "{name}"'


def not_found(what: What, name: str) -> ApiError:
    """Return the error for an object that does not exist."""
    return _about(404, "NotFound", what, name, f"{_named(what, name)} not found")


def no_such_resource() -> ApiError:
    """Return the error for a path of no resource that is served."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def already_exists(what: What, name: str) -> ApiError:
    """Return the error for a create that met an object of that name."""
    return _about(409, "AlreadyExists", what, name, f"{_named(what, name)} already exists")


def conflict(what: What, name: str, why: str) -> ApiError:
    """Return the error for an object in another state than the request requires."""
    message = f"Operation cannot be fulfilled on {_named(what, name)}: {why}"
    return _about(409, "Conflict", what, name, message)


def modified(what: What, name: str) -> ApiError:
    """Return the error for a resourceVersion that is not the stored one."""
    why = "the object has been modified; please apply your changes to the latest version and"
    return conflict(what, name, f"{why} try again")


def apply_conflict(causes: list[Cause], message: str) -> ApiError:
    """Return the error for an apply that met fields of others."""
    details = {"causes": [cause.as_object() for cause in causes]}
    return ApiError(409, "Conflict", message, details)


def forbidden(what: What, name: str, why: str, causes: Sequence[Cause] = ()) -> ApiError:
    """Return the error for what a user may not do, or admission refuses."""
    shown = _named(what, name) if name else qualified(what)
    return _about(403, "Forbidden", what, name, f"{shown} is forbidden: {why}", causes)


def bad_request(message: str) -> ApiError:
    """Return the error for a request that cannot be understood."""
    return ApiError(400, "BadRequest", message)


def invalid(what: What, name: str, causes: list[Cause]) -> ApiError:
    """Return the error for an object that was understood and breaks a rule."""
    parts = [f"{cause.field}: {cause.message}" for cause in causes]
    text = parts[0] if len(parts) == 1 else f"[{', '.join(parts)}]"
    message = f"{_named(what, name)} is invalid: {text}"
    return _about(422, "Invalid", what, name, message, causes)


def method_not_allowed() -> ApiError:
    """Return the error for a method that the path does not support."""
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message, {})


def failed(message: str) -> ApiError:
    """Return the error for a failure that the server has no name for."""
    return ApiError(500, "", message)


def no_conversion(api_version: str, kind: str) -> ApiError:
    """Return the error for an object that a webhook would have to convert."""
    message = "webhooks are not called in memory"
    return failed(f"conversion webhook for {api_version}, Kind={kind} failed: {message}")


def unsupported_media_type(accepted: list[str]) -> ApiError:
    """Return the error for a content type that the path does not take."""
    if not accepted:
        return ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
    message = (
        "the body of the request was in an unknown format - accepted media types include: "
        + ", ".join(accepted)
    )
    return ApiError(415, "UnsupportedMediaType", message)


def not_acceptable(offered: list[str]) -> ApiError:
    """Return the error for a client that accepts no media type of the server."""
    message = "only the following media types are accepted: " + ", ".join(offered)
    return ApiError(406, "NotAcceptable", message)


def expired(message: str) -> ApiError:
    """Return the error for a resourceVersion or token older than what is kept."""
    return ApiError(410, "Expired", message)


def invalid_value(field: str, value: Any, why: str) -> Cause:
    """Return the cause for a field whose value breaks a rule."""
    shown = dumps(value)
    return Cause("FieldValueInvalid", f"Invalid value: {shown}: {why}", field)


def invalid_values(field: str, value: Any, whys: Iterable[str]) -> Causes:
    """Yield a cause for each rule that the value of a field breaks."""
    for why in whys:
        yield invalid_value(field, value, why)


def required(field: str, why: str = "") -> Cause:
    """Return the cause for a field that is not given and must be."""
    return Cause("FieldValueRequired", f"Required value{': ' + why if why else ''}", field)


def unsupported(field: str, value: Any, choices: Iterable[Any]) -> Cause:
    """Return the cause for a value that is not one of the choices."""
    shown = ", ".join(dumps(choice) for choice in choices)
    message = f"Unsupported value: {dumps(value)}: supported values: {shown}"
    return Cause("FieldValueNotSupported", message, field)


def not_allowed(field: str, why: str) -> Cause:
    """Return the cause for a field that may not be given."""
    return Cause("FieldValueForbidden", f"Forbidden: {why}", field)


def duplicate(field: str, value: Any) -> Cause:
    """Return the cause for a value that a list holds twice."""
    return Cause("FieldValueDuplicate", f"Duplicate value: {dumps(value)}", field)


def frozen(old: Object | None, new: Object, *path: str, why: str = "field is immutable") -> Causes:
    """Yield what is wrong when a field that may not change has another value than before."""
    if old is not None and at(old, *path) != at(new, *path):
        yield invalid_value(".".join(path), at(new, *path), why)
