# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Label and field selectors."""

import functools
import re
from collections.abc import Callable

from . import errors, names
from .resources import Resource
from .values import Object, at, map_at

Match = Callable[[Object], bool]

_SET = re.compile(
    r"\s*(!?)\s*([^\s!=,()]+)\s*"
    r"(?:(notin|in)\s*\(([^)]*)\)|(==|!=|=)\s*([^,\s]*))?\s*(?:,|$)"  # codespell:ignore notin
)
_COMPARE = re.compile(r"\s*([^\s!=,()<>]+)\s*([<>])\s*(-?\d+)\s*(?:,|$)")


@functools.lru_cache(maxsize=4096)
def labels(text: str) -> Match:
    """Parse a label selector. Raises ApiError 400 when it cannot be parsed."""
    terms: list[Match] = []
    position = 0
    while position < len(text):
        found = _COMPARE.match(text, position) or _SET.match(text, position)
        if not found:
            raise errors.bad_request(f"unable to parse requirement: {text!r}")
        terms.append(_term(_requirement(found)))
        position = found.end()

    def match(obj: Object) -> bool:
        given: Object = obj["metadata"].get("labels") or {}
        return all(term(given) for term in terms)

    return match


def _requirement(found: re.Match[str]) -> Object:
    """Return a term of a selector as it stands in a LabelSelector object."""
    if found.re is _COMPARE:
        key, operator, value = found.groups()
        values = {value}
    else:
        absent, key, word, listed, operator, value = found.groups()
        if absent and (word or operator):
            raise errors.bad_request(f"unable to parse requirement: {found.group()!r}")
        operator = word or operator or ("!" if absent else "")
        values = {each.strip() for each in listed.split(",")} if word else {value or ""}
    for why in names.qualified(key):
        raise errors.bad_request(
            f'unable to parse requirement: key: Invalid value: "{key}": {why}'
        )
    for each in values:
        for why in names.label_value(each):
            raise errors.bad_request(f"unable to parse requirement: values: {each!r}: {why}")
    return {"key": key, "operator": _OPERATORS[operator], "values": values}


_OPERATORS = {
    "": "Exists", "!": "DoesNotExist", "<": "Lt", ">": "Gt", "in": "In", "=": "In", "==": "In",
    "!=": "NotIn", "notin": "NotIn",  # codespell:ignore notin
}  # fmt: skip


def matches(selector: Object, labels_of: Object) -> bool:
    """Tell whether labels satisfy a LabelSelector object (matchLabels and matchExpressions)."""
    given = map_at(selector, "matchLabels").items()
    terms = selector.get("matchExpressions") or ()
    return given <= labels_of.items() and all(_term(each)(labels_of) for each in terms)


def _term(term: Object) -> Match:
    """Read a term of a LabelSelector object once; what comes of it is asked about many labels."""
    key, operator, values = term["key"], term["operator"], term.get("values") or ()
    wanted = operator in {"In", "Exists"}
    if operator in {"In", "NotIn"}:  # codespell:ignore notin
        return lambda labels_of: (labels_of.get(key) in values) is wanted
    if operator in {"Exists", "DoesNotExist"}:
        return lambda labels_of: (key in labels_of) is wanted
    limit, above = int(next(iter(values))), operator == "Gt"

    def compared(labels_of: Object) -> bool:
        text = str(labels_of.get(key, ""))
        if not re.fullmatch(r"-?\d+", text):
            return False
        return int(text) > limit if above else int(text) < limit

    return compared


_FIELDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "pods"): (
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
        "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName",
    ),
    ("", "secrets"): ("type",),
    ("", "namespaces"): ("status.phase",),
    ("", "nodes"): ("spec.unschedulable",),
    ("", "services"): ("spec.clusterIP", "spec.type"),
    ("", "events"): (
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
        "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
        "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    ),
    ("apps", "replicasets"): ("status.replicas",),
    ("batch", "jobs"): ("status.successful",),
}  # fmt: skip
_ELSEWHERE = {"source": "source.component", "status.successful": "status.succeeded"}


def fields(text: str, resource: Resource) -> Match:
    """Parse a field selector of a resource.

    Raises:
        ApiError: 400 when it cannot be parsed or names a field that cannot be selected by.
    """
    known = {"metadata.name", "metadata.namespace", *_FIELDS.get(resource.key, ())}
    known |= {path.lstrip(".") for path in resource.selectable}
    unknown = (
        "field label not supported: {name}"
        if resource.custom
        else '"{name}" is not a known field selector: only "metadata.name", "metadata.namespace"'
    )
    terms = [_field_term(part, known, unknown) for part in text.split(",") if part]
    return lambda obj: all(term(obj) for term in terms)


def _field_term(part: str, known: set[str], unknown: str) -> Match:
    found = re.fullmatch(r"([^=!]+)(==|!=|=)(.*)", part)
    if not found:
        raise errors.bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
    name, sign, value = found.groups()
    if name not in known:
        raise errors.bad_request(unknown.format(name=name))
    path = _ELSEWHERE.get(name, name).split(".")
    return lambda obj: (_text(at(obj, *path)) == value) is (sign != "!=")


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
