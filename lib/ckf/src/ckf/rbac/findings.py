# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Rights that need a reason: wildcards, secrets of the whole cluster, ways to more rights."""

import collections
from collections.abc import Iterator

from .rights import CLUSTER, Rights
from .rules import Ask, expand, text

ESCALATION = ("bind", "escalate", "impersonate")
"""Verbs by which one may come to rights that one does not have."""


def of(rights: Rights) -> list[str]:
    """Return what needs a reason, one line each, in a fixed order."""
    verbs: dict[tuple[str, str, Ask], set[str]] = collections.defaultdict(set)
    for kind, where, ask in each(rights):
        verbs[kind, where, ask._replace(verb="")].add(ask.verb)
    return sorted(
        f"{kind}: {text(about._replace(verb=', '.join(sorted(found))))} ({where})"
        for (kind, where, about), found in verbs.items()
    )


def each(rights: Rights) -> Iterator[tuple[str, str, Ask]]:
    """Yield each permission that needs a reason: why, where it is given, and itself.

    That a charm writes roles with rights that it does not have itself, and binds them, needs
    none: it may do so with these roles alone, by name, and what stands in them is looked at.
    """
    for where, rules in rights.parts().items():
        asks = set(expand(rules))
        for ask in asks:
            if not (where.startswith("charm") and _is_own_role(ask, asks)):
                for kind in kinds(where, ask):
                    yield kind, where, ask


def kinds(where: str, ask: Ask) -> Iterator[str]:
    """Yield why a permission needs a reason; `where` it is given is as `Rights.parts` has it."""
    if "*" in (ask.group, ask.verb) or "*" in ask.resource:
        yield "wildcard"
    if ask.resource in ("secrets", "*") and ask.group in ("", "*") and where.endswith(CLUSTER):
        yield "secrets"
    if ask.verb in (*ESCALATION, "*"):
        yield "escalation"


def _is_own_role(ask: Ask, asks: set[Ask]) -> bool:
    """Tell whether it is about a role that the charm itself writes."""
    is_about_role = ask.verb in ("bind", "escalate") and ask.name
    return bool(is_about_role) and ask._replace(verb="escalate") in asks
