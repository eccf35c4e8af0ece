# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Requests and responses, and what a request is about."""

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from . import errors, patch
from .resources import Resource
from .values import Object, encode, is_map


@dataclass
class Request:
    """One HTTP request."""

    method: str  # `GET`, `POST`, `PUT`, `PATCH` or `DELETE`
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])  # by lower-case name
    body: Any = b""  # the body's bytes, or a JSON value to be sent
    user: str = "admin"  # who asks, such as `system:serviceaccount:ml:minio`
    idle: Callable[[], bool] | None = None  # waits for more in a watch, or ends it

    def payload(self) -> Any:
        """Return the body as a JSON value; YAML is understood where it is announced.

        Raises:
            ApiError: 400 when the body cannot be read.
        """
        if not isinstance(self.body, bytes):
            return self.body
        try:
            return json.loads(self.body)
        except ValueError as error:
            if "yaml" not in self.headers.get("content-type", ""):
                raise errors.bad_request(f"couldn't get version/kind; json: {error}") from error
        try:
            return yaml.safe_load(self.body)
        except yaml.YAMLError as error:
            raise errors.bad_request(f"error decoding YAML: {error}") from error


@dataclass
class Response:
    """One HTTP response."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])  # lower-case
    body: bytes = b""  # the body; empty where there is a stream
    stream: Iterator[bytes] | None = None  # the lines of a watch, each one JSON and a newline

    def json(self) -> Any:
        """Return the body as a JSON value."""
        return json.loads(self.body)

    @property
    def warnings(self) -> list[str]:
        """The texts of the `Warning` headers."""
        lines = [value for name, value in self.headers if name == "warning"]
        return [json.loads(line.split(" ", 2)[2]) for line in lines]


def media_types(accept: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the media types of an `Accept` header, each with its parameters."""
    for text in accept.split(","):
        media, *parameters = [part.strip() for part in text.split(";")]
        pairs = (part.partition("=") for part in parameters)
        yield media, {name: value for name, _, value in pairs}


JSON_TYPE = ("content-type", "application/json")


def respond(value: Any, status: int = 200) -> Response:
    """Return a JSON response; bytes are taken to be JSON already."""
    return Response(status, [JSON_TYPE], value if isinstance(value, bytes) else encode(value))


def fail(error: errors.ApiError) -> Response:
    """Return the response that tells of an error."""
    extra = [(name.lower(), value) for name, value in error.headers.items()]
    return Response(error.code, [JSON_TYPE, *extra], encode(error.status()))


@dataclass(frozen=True)
class Attributes:
    """A question as authorizers see it."""

    verb: str  # of a request, or what a check asks about, such as `escalate`
    group: str = ""  # the API group; empty for the core group
    resource: str = ""  # the plural; empty for paths that are no resources
    subresource: str = ""  # such as `status`
    namespace: str = ""  # empty for cluster-scoped objects and for all namespaces
    name: str = ""  # empty for collections
    path: str = ""  # the path of a request that is not about a resource
    groups: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """The resource, with the subresource after a slash."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


@dataclass
class Call:
    """A request for a resource, understood."""

    request: Request
    resource: Resource  # the resource in the version asked for
    verb: str
    namespace: str  # empty for cluster-scoped resources and for all namespaces
    name: str  # empty for collections
    subresource: str  # such as `status`; empty for the object itself
    user: str = ""  # who asks, after impersonation
    groups: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list[str])  # texts to be sent as `Warning` headers

    @property
    def key(self) -> tuple[str, str]:
        """Namespace and name of the object."""
        return self.namespace, self.name

    @property
    def dry_run(self) -> bool:
        """Nothing is to be stored."""
        return self._dry_run == "All"

    @property
    def _dry_run(self) -> str:
        value = self.request.query.get("dryRun", "")
        if not value and self.verb in {"delete", "deletecollection"}:
            return "".join(self.options().get("dryRun", ()))
        return value

    def check_options(self) -> None:
        """Refuse options of a write that do not exist. Raises ApiError 422."""
        causes: list[errors.Cause] = []
        if self._dry_run not in {"", "All"}:
            causes.append(errors.unsupported("dryRun", [self._dry_run], ["All"]))
        mode = self.request.query.get("fieldValidation", "")
        modes = ("", "Ignore", "Strict", "Warn")
        if mode not in modes:
            causes.append(errors.unsupported("fieldValidation", mode, modes))
        if causes:
            kind = self.verb.removesuffix("collection").title()
            raise errors.invalid(("meta.k8s.io", f"{kind}Options"), "", causes)

    def options(self) -> Object:
        """Return the DeleteOptions in the body, if any."""
        value = self.request.payload() if self.request.body else None
        return value if is_map(value) else {}

    @property
    def manager(self) -> str:
        """The field manager: as given, else the user agent's first word."""
        given = self.request.query.get("fieldManager", "")
        return given or self.request.headers.get("user-agent", "unknown").split("/")[0]


_BODY_TYPES = ("application/json", "application/yaml")
_PATCH_TYPES = (patch.JSON, patch.MERGE, patch.STRATEGIC, patch.APPLY)


def content_type(call: Call) -> str:
    """Return the body's media type. Raises ApiError 415 when the call does not take it."""
    given = call.request.headers.get("content-type", "application/json")
    kind = given.partition(";")[0].strip()
    if call.verb == "patch":
        if kind not in _PATCH_TYPES:
            raise errors.unsupported_media_type([])
        accepted = [each for each in _PATCH_TYPES if each != patch.STRATEGIC]
        if call.resource.custom and kind not in accepted:
            raise errors.unsupported_media_type(accepted)
    elif kind not in _BODY_TYPES:
        raise errors.unsupported_media_type([*_BODY_TYPES])
    return kind


_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete", "GET": "get"}


def selected_name(query: Mapping[str, str]) -> str:
    """Return the one name that a field selector asks for: authorizers see it as the name."""
    for term in query.get("fieldSelector", "").split(","):
        if term.startswith("metadata.name="):
            return term.removeprefix("metadata.name=").removeprefix("=")
    return ""


def verb_of(request: Request, name: str) -> str:
    """Return the API verb of a request for a resource.

    Raises:
        ApiError: 405 when the method makes no sense there.
    """
    verb = _VERBS.get(request.method, "")
    if not name and verb == "get":
        return "watch" if request.query.get("watch", "") in {"true", "1"} else "list"
    if not name and verb == "delete":
        return "deletecollection"
    if not verb or bool(name) == (verb == "create"):
        raise errors.method_not_allowed()
    return verb


_PATH = re.compile(r"/api(?:s/(?P<group>[^/]+))?/(?P<version>[^/]+)/(?P<rest>.+)")


@dataclass(frozen=True)
class Target:
    """The resource that a path names, not yet looked up."""

    group: str = ""
    version: str = ""
    plural: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""


@functools.lru_cache(maxsize=4096)
def target(path: str) -> Target | None:
    """Read the path of a resource; None where it has another form."""
    found = _PATH.fullmatch(path.rstrip("/"))
    if not found:
        return None
    group, version = found["group"] or "", found["version"]
    parts = found["rest"].split("/")
    namespace = ""
    if parts[0] == "namespaces" and len(parts) > 2 and parts[2] not in {"status", "finalize"}:
        namespace, parts = parts[1], parts[2:]
    plural, name, *rest = *parts, *[""] * (2 - len(parts))
    return Target(group, version, plural, namespace, name, "/".join(rest))
