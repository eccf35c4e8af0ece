# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Reviews: objects that ask the authorizer and are stored nowhere."""

from collections.abc import Callable

from . import rbac
from .state import State
from .values import Object, list_at, map_at
from .wire import Attributes, Call, Response, respond

GROUP = "authorization.k8s.io"


def _self_access(cluster: State, call: Call, spec: Object) -> Object:
    return _decide(cluster, call.user, call.groups, spec)


def _access(cluster: State, _: Call, spec: Object) -> Object:
    user = str(spec.get("user", ""))
    groups = tuple(list_at(spec, "groups")) or rbac.groups_of(user)
    return _decide(cluster, user, groups, spec)


def _decide(cluster: State, user: str, groups: tuple[str, ...], spec: Object) -> Object:
    asked = map_at(spec, "resourceAttributes")
    path = map_at(spec, "nonResourceAttributes")
    attributes = Attributes(
        str(asked.get("verb") or path.get("verb") or ""),
        str(asked.get("group", "")),
        str(asked.get("resource", "")),
        str(asked.get("subresource", "")),
        str(asked.get("namespace", "")),
        str(asked.get("name", "")),
        str(path.get("path", "")),
        groups,
    )
    return {"allowed": cluster.authorize is None or cluster.authorize(user, attributes)}


def _rules(cluster: State, call: Call, spec: Object) -> Object:
    everything = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
                  {"nonResourceURLs": ["*"], "verbs": ["*"]}]  # fmt: skip
    rules = everything
    if isinstance(cluster.authorize, rbac.Authorizer) and rbac.MASTERS not in call.groups:
        namespace = str(spec.get("namespace", ""))
        rules = list(cluster.authorize.rules(call.user, call.groups, namespace))
    return {
        "resourceRules": [rule for rule in rules if rule.get("resources")],
        "nonResourceRules": [rule for rule in rules if rule.get("nonResourceURLs")],
        "incomplete": False,
    }


Review = Callable[[State, Call, Object], Object]
_KINDS: dict[str, Review] = {
    "localsubjectaccessreviews": _access,
    "selfsubjectaccessreviews": _self_access,
    "selfsubjectrulesreviews": _rules,
    "subjectaccessreviews": _access,
}


def create(cluster: State, call: Call, review: Object) -> Response:
    """Answer a review."""
    answer = _KINDS[call.resource.plural]
    status = answer(cluster, call, map_at(review, "spec"))
    return respond({**review, "status": status}, 201)
