# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""docs/how-to/troubleshooting.md has each status message of the charms, and no other."""

from __future__ import annotations

import ast
import dataclasses
import pathlib
import re
from collections.abc import Iterator

import pytest
from ckf import preview

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / "docs/how-to/troubleshooting.md"
VARIES = "…"
# What raises or is a status, by the section of the page in which its message stands.
SECTIONS = {
    "Blocked": "Blocked",
    "BlockedStatus": "Blocked",
    "Waiting": "Waiting",
    "NotReady": "Waiting",
    "WaitingStatus": "Waiting",
    "ActiveStatus": "Active, with a message",
}
# Messages that are made elsewhere and handed on, by the expression: all that it may be.
HANDED_ON = {
    "str(error)": ("option … accepts …",),  # InvalidConfig of charmkit.config
    "self.decision.refused[0]": ("relation ingress: … asks for …, which … has",),
    "reason + more": ("relation … with …: …",),
    "f'{progress}{detail}'": ("upgrading … of …",),
    "', '.join(filter(None, notices))": (
        "option …: the certificate ends on …",
        "option …: the last authority ends on …",
    ),
    "f'{self._source}: {notice}' if notice else ''": (
        "option tls-secret-id: the certificate ends on …",
        "relation certificates: the certificate ends on …",
    ),
    "f'{source}: {error}'": ("option tls-secret-id: …", "relation certificates: …"),
    "f'{component}: {_message(conditions[name])}'": ("waiting for …: …",),
}


@dataclasses.dataclass(frozen=True)
class Message:
    section: str
    text: str


def sources() -> list[pathlib.Path]:
    return sorted([*ROOT.glob("lib/charmkit/src/**/*.py"), *ROOT.glob("charms/*/src/**/*.py")])


def name_of(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def texts(node: ast.expr, local: dict[str, list[str]]) -> list[str]:
    """The texts that an expression may have, with what varies left open."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else VARIES for part in node.values)
        return [re.sub(f"(?:{VARIES}[.]?)+{VARIES}", VARIES, "".join(map(str, parts)))]
    if isinstance(node, ast.Subscript):
        return texts(node.value, local)
    return local.get(node.id, []) if isinstance(node, ast.Name) else []


def in_function(function: ast.FunctionDef) -> Iterator[Message]:
    local: dict[str, list[str]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            local.setdefault(node.targets[0].id, []).extend(texts(node.value, {}))
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and node.args and name_of(node.func) in SECTIONS:
            expression = node.args[0]
            found = HANDED_ON.get(ast.unparse(expression)) or texts(branch(expression), local)
            assert found, f"where does the message come from? {ast.unparse(node)}"
            yield from (Message(SECTIONS[name_of(node.func)], text) for text in found if text)


def branch(expression: ast.expr) -> ast.expr:
    return expression.body if isinstance(expression, ast.IfExp) else expression


def messages() -> list[Message]:
    found: set[Message] = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                found.update(in_function(node))
    return sorted(found, key=dataclasses.astuple)


def entries() -> list[Message]:
    """The messages on the page, by their section."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(), flags=re.MULTILINE)
    return [
        Message(section, text)
        for section, part in zip(parts[1::2], parts[2::2], strict=True)
        for text in re.findall(r"^\| `([^`]+)` \|", part, flags=re.MULTILINE)
    ]


def pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split(VARIES))), re.DOTALL)


def fits(entry: Message, message: Message) -> bool:
    return entry.section == message.section and bool(pattern(entry.text).fullmatch(message.text))


@pytest.mark.parametrize("message", messages(), ids=lambda each: each.text)
def test_each_message_of_the_charms_is_on_the_page(message: Message):
    assert [entry.text for entry in entries() if fits(entry, message)]


@pytest.mark.parametrize("entry", entries(), ids=lambda each: each.text)
def test_the_page_has_no_message_that_no_charm_has(entry: Message):
    assert [message.text for message in messages() if fits(message, entry)]


@pytest.mark.parametrize("broken", [{}, {"dex-auth": {"port": "80"}, "minio": {"mode": "none"}}])
def test_what_a_deployment_shows_on_the_way_is_on_the_page(broken: dict[str, dict[str, str]]):
    model = preview.deploy(ROOT / "bundle.yaml", config=broken, faults=2 if not broken else 0)
    ours = {
        name for name, app in model.apps.items() if (ROOT / "charms" / app.charm.name).is_dir()
    }
    shown = {
        message
        for record in model.trace
        if record.unit.partition("/")[0] in ours
        for status, _, message in [record.status[1].partition(": ")]
        if message and status in ("blocked", "waiting")
    }
    assert shown
    known = [pattern(entry.text) for entry in entries()]
    assert not [text for text in shown if not any(each.fullmatch(text) for each in known)]
