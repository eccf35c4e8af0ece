# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Rules of roles, and the single permissions that they consist of."""

import collections
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Rule = Mapping[str, Any]
"""One entry of a role's `rules`."""


class Ask(NamedTuple):
    """One permission.

    Attributes:
        group: The API group; empty for the core group.
        resource: The resource, with a subresource after a slash; for paths that are no
            resources, the path.
        name: The one object that it is about; empty for all.
    """

    group: str
    resource: str
    name: str
    verb: str


def expand(rules: Iterable[Rule]) -> Iterator[Ask]:
    """Yield every permission in some rules; a wildcard stays one."""
    for rule in rules:
        for verb in rule["verbs"]:
            for path in rule.get("nonResourceURLs") or ():
                yield Ask("", str(path), "", verb)
            for group in rule.get("apiGroups") or ():
                for resource in rule.get("resources") or ():
                    for name in rule.get("resourceNames") or [""]:
                        yield Ask(group, resource, name, verb)


def widened(asks: Iterable[Ask], chosen: Collection[str]) -> set[Ask]:
    """Return permissions of which none is about a name that users or options have chosen.

    A name with one of those in it becomes all names.
    """
    wide = {
        ask._replace(name="") if any(each in ask.name for each in chosen) else ask for ask in asks
    }
    return {ask for ask in wide if not ask.name or ask._replace(name="") not in wide}


def compact(asks: Iterable[Ask]) -> list[dict[str, Any]]:
    """Return few rules that give some permissions and no other, in a fixed order."""
    verbs: dict[tuple[str, str, str], set[str]] = collections.defaultdict(set)
    for ask in asks:
        verbs[ask.group, ask.resource, ask.name].add(ask.verb)
    names: dict[tuple[str, str, tuple[str, ...]], set[str]] = collections.defaultdict(set)
    for (group, resource, name), given in verbs.items():
        names[group, resource, tuple(sorted(given))].add(name)
    resources: dict[tuple[str, tuple[str, ...], tuple[str, ...]], set[str]]
    resources = collections.defaultdict(set)
    for (group, resource, given), about in names.items():
        # Without a name it is about all objects; with names it is about those alone.
        for part in ({""} & about, about - {""}):
            if part:
                resources[group, tuple(sorted(part)), given].add(resource)
    return [
        _rule(group, sorted(found), about, given)
        for (group, about, given), found in sorted(resources.items())
    ]


def _rule(
    group: str, resources: Sequence[str], names: Sequence[str], verbs: Sequence[str]
) -> dict[str, Any]:
    if not group and resources[0].startswith("/"):
        return {"nonResourceURLs": list(resources), "verbs": list(verbs)}
    named = {} if list(names) == [""] else {"resourceNames": list(names)}
    return {"apiGroups": [group], "resources": list(resources), **named, "verbs": list(verbs)}


def text(ask: Ask) -> str:
    """Return a permission in words."""
    resource = f"{ask.resource}.{ask.group}" if ask.group else ask.resource
    return f"{ask.verb} {resource} {ask.name}".rstrip()


def words(rule: Rule, form: str = "{}") -> tuple[str, str]:
    """Return a rule's verbs, and what they are about, as a person reads them.

    Args:
        rule: The rule.
        form: How a word looks.
    """

    def listed(names: Iterable[str]) -> str:
        return ", ".join(map(form.format, names))

    if "nonResourceURLs" in rule:
        return listed(rule["verbs"]), listed(rule["nonResourceURLs"])
    group = rule["apiGroups"][0]
    about = listed(f"{name}.{group}" if group else name for name in rule["resources"])
    names = rule.get("resourceNames")
    return listed(rule["verbs"]), f"{about} named {listed(names)}" if names else about
