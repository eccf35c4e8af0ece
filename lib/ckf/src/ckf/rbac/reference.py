# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The reference page of rights, from the recorded lists."""

import pathlib
from collections.abc import Iterator, Mapping

from .rights import Rights
from .rules import words

PATH = pathlib.Path("docs/reference/rights.md")

_HEAD = """\
# Rights

What each application may do in Kubernetes: the rights of its charm, and those that its charm
gives to the accounts of its workload. `python -m ckf.rbac record` writes this page and the lists
in `tests/kube/rights`.

A charm's calls run under the service account that Juju makes for the application. With `--trust`
Juju gives that account everything. The charm needs what is listed here under "charm": the tests
run the bundle with exactly these rules. They were measured over deployment, use, a change of
every option, scaling, actions and removal.

The workload runs under the same account. What it may do is listed under "workload", and the tests
show that it may do that and no more once Juju's own grants are taken away. Roles that a charm
binds to nobody are for users; they are listed as roles.

`bind`, `escalate` and `impersonate` lead to further rights. They, wildcards, and secrets of the
whole cluster have a reason each, or a test fails. A charm has `escalate` and `bind` by name for
the roles that it makes, because it does not have their rights itself; that alone needs no reason.
"""


def page(recorded: Mapping[str, tuple[Rights, Mapping[str, str]]]) -> str:
    """Return the page in Markdown."""
    return "\n".join([_HEAD, *(line for app in recorded for line in _app(app, *recorded[app]))])


def _app(app: str, rights: Rights, reasons: Mapping[str, str]) -> Iterator[str]:
    yield f"## {app}\n"
    parts = {where: rules for where, rules in rights.parts().items() if rules}
    if not parts:
        yield "Asks nothing of Kubernetes.\n"
        return
    yield "| Given to | Resources | Verbs |\n|---|---|---|"
    for where, rules in parts.items():
        for rule in rules:
            verbs, about = words(rule, "`{}`")
            yield f"| {where} | {about} | {verbs} |"
    yield ""
    if reasons:
        yield "Reasons:\n"
        yield from (f"- `{finding}`: {reason}" for finding, reason in sorted(reasons.items()))
        yield ""
