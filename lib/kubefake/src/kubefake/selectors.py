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
    """Parse a label selector.

    Raises:
        ApiError: 400 when it cannot be parsed.
    """
    terms: list[Match] = []
    position = 0
    while position < len(text):
        found = _COMPARE.match(text, position)
        if found:
            terms.append(_ordered(*found.groups()))
        else:
            found = _SET.match(text, position)
            if not found:
                raise errors.bad_request(f"unable to parse requirement: {text!r}")
            terms.append(_term(found))
        position = found.end()
    return _every(terms, lambda obj: obj["metadata"].get("labels") or {})


def _term(found: re.Match[str]) -> Match:
    absent, key, word, listed, sign, value = found.groups()
    _check_key(key)
    if absent:
        if word or sign:
            raise errors.bad_request(f"unable to parse requirement: {found.group()!r}")
        return lambda labels: key not in labels
    if not word and not sign:
        return lambda labels: key in labels
    values = {each.strip() for each in listed.split(",")} if word else {value}
    for each in values:
        for why in names.label_value(each):
            raise errors.bad_request(f"unable to parse requirement: values: {each!r}: {why}")
    if word == "notin" or sign == "!=":  # codespell:ignore notin
        return lambda labels: labels.get(key) not in values
    return lambda labels: labels.get(key) in values


def _ordered(key: str, sign: str, limit: str) -> Match:
    _check_key(key)

    def check(labels: Object) -> bool:
        text = str(labels.get(key, ""))
        if not re.fullmatch(r"-?\d+", text):
            return False
        return int(text) > int(limit) if sign == ">" else int(text) < int(limit)

    return check


def _check_key(key: str) -> None:
    for why in names.qualified(key):
        raise errors.bad_request(
            f'unable to parse requirement: key: Invalid value: "{key}": {why}'
        )


def _every(terms: list[Match], part: Callable[[Object], Object]) -> Match:
    def match(obj: Object) -> bool:
        value = part(obj)
        return all(term(value) for term in terms)

    return match


def matches(selector: Object, labels_of: Object) -> bool:
    """Tell whether labels satisfy a LabelSelector object (matchLabels and matchExpressions)."""
    for key, value in map_at(selector, "matchLabels").items():
        if labels_of.get(key) != value:
            return False
    return all(
        _expression(each, labels_of.get(each["key"]), each["key"] in labels_of)
        for each in selector.get("matchExpressions") or ()
    )


def _expression(term: Object, value: str | None, present: bool) -> bool:
    operator, values = term["operator"], term.get("values") or ()
    if operator == "In":
        return present and value in values
    if operator == "NotIn":  # codespell:ignore notin
        return value not in values
    return present if operator == "Exists" else not present


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
    return _every(terms, lambda obj: obj)


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
